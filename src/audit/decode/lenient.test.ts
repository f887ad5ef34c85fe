import { expect, it } from "vitest";
import { lenientChoice } from "./lenient.ts";

const letters = ["A", "B", "C", "D"];
const texts = ["a hat", "red", "dark red", "left of the car"];

it.each([
  ["what was extracted does not enter", "B", 2, 1],
  ["a label before an article", "B. a coat on a table", 0, 1],
  ["a label before the text of another option names none", "B. a hat on a table", 0, null],
  ["a letter alone", "<answer> B </answer><|im_end|>", null, 1],
  ["a letter with marks", "The answer is (C).", null, 2],
  ["an article is no letter", "A car stands on the left", null, null],
  ["unless in brackets, or alone", "I think that it is (A), clearly", null, 0],
  ["a lone A", "A.", null, 0],
  ["an article before a letter", "A careful look says D", null, 3],
  ["two letters name none", "B or C", null, null],
  ["a text", "It is LEFT of the car.", null, 3],
  ["the longer of two texts, one within the other", "It is dark red", null, 2],
  ["two texts name none", "a hat, left of the car", null, null],
  ["part of a word is no text", "It is reddish", null, null],
  ["nothing", "", null, null],
] as const)("%s: %j", (_, text, exact, choice) => {
  expect(lenientChoice(text, exact, letters, texts)).toBe(choice);
});

it("takes options in words where there are no texts", () => {
  expect(lenientChoice("so it is left", null, ["left", "right"])).toBe(0);
});
