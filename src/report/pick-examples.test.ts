import { describe, expect, test } from "vitest";
import type { ExampleOutcomes, Outcome } from "../audit/index.ts";
import { exampleKind, pickExamples } from "./pick-examples.ts";

function wrote(choice: number | null, target?: number): Outcome {
  const common = { text: "", choice, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
  return target === undefined ? common : { ...common, target };
}

/** The right option is 0. */
function example(id: string, choices: Record<string, number | null>, target?: number): ExampleOutcomes {
  const outcomes = Object.entries(choices).map(([name, choice]) => [
    name,
    wrote(choice, name === "counterfactual" ? target : undefined),
  ]);
  return { example: id, answer: 0, options: ["a", "b"], outcomes: Object.fromEntries(outcomes) };
}

describe("exampleKind", () => {
  test.each<[Record<string, number | null>, number | undefined, string]>([
    [{ own: 1, oracle: 0, zeros: 0 }, undefined, "oracle right, own wrong"],
    [{ own: 0, oracle: null }, undefined, "own right, oracle wrong"],
    [{ own: 0, oracle: 0, zeros: 0, mean: 1 }, undefined, "own right, a control wrong"],
    [{ own: 1, oracle: 1, zeros: 1, mean: 0 }, undefined, "own wrong, a control right"],
    [{ own: 0, oracle: 0, zeros: 0, counterfactual: 1 }, 1, "only the counterfactual moves the answer"],
    [{ own: 0, oracle: 0, zeros: 0, counterfactual: 0 }, 1, "right throughout"],
    [{ own: null, zeros: 1 }, undefined, "wrong throughout"],
    [{ own: 0 }, undefined, "right"],
    [{ own: 1 }, undefined, "wrong"],
    [{ zeros: 1 }, undefined, "answered"],
  ])("%o with target %s is “%s”", (choices, target, kind) => {
    expect(exampleKind(example("x", choices, target))).toBe(kind);
  });
});

describe("pickExamples", () => {
  const outcomes = [
    ...Array.from({ length: 20 }, (_, i) => example(`both-${i}`, { own: 0, oracle: 0 })),
    ...Array.from({ length: 3 }, (_, i) => example(`own-${i}`, { own: 0, oracle: 1 })),
    example("oracle-0", { own: 1, oracle: 0 }),
  ];

  test("kinds take turns, the commonest fills what the others leave, in the order of the audit", async () => {
    expect((await pickExamples(outcomes, 6)).map((c) => c.outcomes.example)).toEqual([
      "both-0",
      "both-1",
      "both-2",
      "own-0",
      "own-1",
      "oracle-0",
    ]);
    expect((await pickExamples(outcomes, 12)).filter((c) => c.kind.name === "right throughout")).toHaveLength(
      8,
    );
  });

  test("each knows how frequent its kind is", async () => {
    expect((await pickExamples(outcomes, 3)).map((c) => [c.kind.count, c.kind.of])).toEqual([
      [20, 24],
      [3, 24],
      [1, 24],
    ]);
  });

  test("few outcomes are all chosen, none are none", async () => {
    expect(await pickExamples(outcomes.slice(0, 2), 12)).toHaveLength(2);
    expect(await pickExamples([], 12)).toEqual([]);
    expect(await pickExamples(outcomes, 0)).toEqual([]);
  });
});
