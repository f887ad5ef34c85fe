import { expect, test } from "vitest";
import { contentDummies, verdictSchema } from "../audit/index.ts";
import { INTERVENTIONS, inOrder, roleOf, VERDICTS } from "./labels.ts";

test("what the audit calls a content dummy is drawn as one, and nothing else is", () => {
  const drawn = Object.keys(INTERVENTIONS).filter((name) => roleOf(name) === "dummy");
  expect(drawn.sort()).toEqual([...contentDummies].sort());
});

test("every verdict of the contract is explained", () => {
  expect(Object.keys(VERDICTS).sort()).toEqual([...verdictSchema.options].sort());
});

test("names keep the order of the page, unknown ones come last, inherited ones are unknown", () => {
  expect(inOrder(["jitter(1)", "zeros", "constructor", "own"])).toEqual([
    "own",
    "zeros",
    "jitter(1)",
    "constructor",
  ]);
  expect(roleOf("constructor")).toBe("control");
});
