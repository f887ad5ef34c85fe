import { expect, it } from "vitest";
import { wilson } from "../../statistics/index.ts";
import type { Outcome } from "../record/outcomes.ts";
import { otherScores } from "./scores.ts";

const outcome = (choice: number | null, lenient?: number | null): Outcome => ({
  text: "",
  choice,
  ...(lenient !== undefined && { lenient }),
  optionLogProbabilities: null,
  blocks: 1,
  steps: 1,
  endings: [],
});
const row = (choice: number | null, lenient?: number | null, group?: string) => ({
  answer: 1,
  outcomes: { own: outcome(choice, lenient) },
  ...(group !== undefined && { group }),
});

it("scores leniently beside exactly", () => {
  const {
    lenient,
    wilson: exact,
    groups,
  } = otherScores([row(1, 1), row(null, 1), row(0, 0), row(null, null)], "own", 0.05);
  expect(lenient).toMatchObject({ accuracy: 0.5, answered: 0.75, wilson: wilson(2, 4).value });
  expect([exact, groups]).toEqual([wilson(1, 4).value, undefined]);
});

it("groups are right where all of them are; those of one example are none", () => {
  const rows = [
    row(1, 1, "p"),
    row(null, 1, "p"),
    row(1, 1, "q"),
    row(1, 1, "q"),
    row(1, 1, "alone"),
    row(1, 1),
  ];
  expect(otherScores(rows, "own", 0.05).groups).toMatchObject({
    n: 2,
    accuracy: 0.5,
    answered: 0.5,
    lenient: { accuracy: 1, answered: 1 },
  });
});

it("says nothing of outcomes that were never scored so", () => {
  expect(otherScores([row(1), row(0)], "own", 0.05)).toEqual({});
});
