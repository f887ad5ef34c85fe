/** Agreement of two audits: counts by hand. */
import { expect, it } from "vitest";
import type { ExampleOutcomes, Outcome } from "../record/outcomes.ts";
import { agreementOf } from "./agreement.ts";

const outcome = (choice: number | null, text: string): Outcome => ({
  ...{ text, choice, optionLogProbabilities: null, blocks: 1, steps: 1, endings: ["count"] },
});
const row = (example: string, outcomes: Record<string, Outcome>): ExampleOutcomes => ({
  ...{ example, answer: 0, options: ["a", "b"], outcomes },
});

it("counts answers and texts by example, whatever the order, and names the first other answer before another text", () => {
  const a = [
    row("1", { own: outcome(0, "a"), zeros: outcome(null, "") }),
    row("2", { own: outcome(0, "a."), zeros: outcome(1, "b") }),
    row("3", { own: outcome(1, "b") }),
    row("4", { own: outcome(0, "a") }),
  ];
  const b = [
    row("3", { own: outcome(0, "a"), zeros: outcome(1, "b") }),
    row("2", { own: outcome(0, "a"), zeros: outcome(1, "b") }),
    row("1", { own: outcome(0, "a"), zeros: outcome(null, "") }),
  ];
  expect(agreementOf(a, b)).toEqual([
    {
      ...{ intervention: "own", examples: 3, missing: 1, answers: 2, texts: 1, accuracy: [2 / 3, 1] },
      first: { example: "3", texts: ["b", "a"] },
    },
    {
      ...{ intervention: "zeros", examples: 2, missing: 1, answers: 2, texts: 2, accuracy: [0, 0] },
      first: null,
    },
  ]);
});
