import { expect, it } from "vitest";
import { carefulChoice } from "../../families/index.ts";

const letters = ["A", "B", "C", "D"];
const texts = ["a hat", "red", "dark red", "left of the car"];

it.each([
  ["a lone letter", "B", 1],
  ["a label before an article", "B. a coat on a table", 1],
  ["a label before the text of another option names none", "B. a hat on a table", null],
  ["a letter alone", "<answer> B </answer><|im_end|>", 1],
  ["a letter with marks", "The answer is (C).", 2],
  ["an article is no letter", "A car stands on the left", null],
  ["unless in brackets, or alone", "I think that it is (A), clearly", 0],
  ["a lone A", "A.", 0],
  ["an article before a letter", "A careful look says D", 3],
  ["two letters name none", "B or C", null],
  ["a text", "It is LEFT of the car.", 3],
  ["the longer of two texts, one within the other", "It is dark red", 2],
  ["two texts name none", "a hat, left of the car", null],
  ["part of a word is no text", "It is reddish", null],
  ["nothing", "", null],
] as const)("%s: %j", (_, text, choice) => {
  expect(carefulChoice(text, letters, texts)).toBe(choice);
});

it("takes options in words where there are no texts", () => {
  expect(carefulChoice("so it is left", ["left", "right"])).toBe(0);
});
