/** For tests only: cells with known answers. */
import { dummies, plant } from "../../../test/support/planted.ts";
import { type AuditResult, type ExampleOutcomes, summarize } from "../../audit/index.ts";
import type { CellResult } from "../results.ts";
import type { ReadOutcomes } from "./leaderboard.ts";

interface Planted {
  task?: string;
  recipe: string;
  seed?: number;
  own: number;
  oracle?: number;
  dummy?: number;
  n?: number;
  seconds?: number;
  splits?: string[];
  cosine?: number;
}

/** An outcome set in which exactly so many examples are right under each name, the first ones. */
export function exactly(n: number, right: Record<string, number>): ExampleOutcomes[] {
  return Array.from({ length: n }, (_, i) => ({
    example: String(i).padStart(6, "0"),
    answer: 0,
    options: ["a", "b", "c", "d"],
    outcomes: Object.fromEntries(
      Object.entries(right).map(([name, k]) => [
        name,
        {
          text: "",
          choice: i < k ? 0 : 1,
          optionLogProbabilities: null,
          blocks: 1,
          steps: 1,
          endings: [],
        },
      ]),
    ),
  }));
}

/** Cells of planted recipes and what reads their journals. */
export function plantCells(planted: readonly Planted[]): { cells: CellResult[]; read: ReadOutcomes } {
  const journals = new Map<string, ExampleOutcomes[]>();
  const cells = planted.map((each, index): CellResult => {
    const { task = "t", recipe, seed = 0, own, oracle, dummy = 0.25, n = 300, splits = ["eval"] } = each;
    const id = `${task}/${recipe}/${seed}`;
    const audits = splits.map((split): AuditResult => {
      const rates = oracle === undefined ? { own } : { own, oracle, ...dummies(dummy) };
      const outcomes = plant({ n, seed: 100 * index + split.length, rates, shared: 0.5 });
      // The same questions for every recipe, as a dataset has them.
      journals.set(
        `${id} ${split}`,
        outcomes.map((o, i) => ({
          ...o,
          answer: i % 4,
          outcomes: Object.fromEntries(
            Object.entries(o.outcomes).map(([name, x]) => [
              name,
              { ...x, choice: (x.choice === o.answer ? i : i + 1) % 4 },
            ]),
          ),
        })),
      );
      const audit = summarize(journals.get(`${id} ${split}`)!, null, { split });
      if (each.cosine !== undefined) audit.geometry.ownOracle.cosine = each.cosine;
      return audit;
    });
    const { seconds = 10 } = each;
    const training = { parameters: 7, steps: 200, examples: 100, seconds, examplesPerSecond: 100 / seconds };
    return { id, task, recipe, seed, training, audits };
  });
  return { cells, read: async ({ id }, split) => journals.get(`${id} ${split}`)! };
}

/** Runs with a given own accuracy and cosine. */
export function runs(
  of: (recipe: number, task: number, seed: number) => { own: number; cosine: number | null },
  { recipes = 10, tasks = 2, seeds = 3 } = {},
): CellResult[] {
  const cells: CellResult[] = [];
  for (let r = 0; r < recipes; r++)
    for (let t = 0; t < tasks; t++)
      for (let seed = 0; seed < seeds; seed++) {
        const { own, cosine } = of(r, t, seed);
        const ownOracle = { cosine, r1: null };
        const geometry = { own: { pairwiseCosine: null }, oracle: { pairwiseCosine: null }, ownOracle };
        const audits = [{ split: "eval", interventions: { own: { accuracy: own } }, geometry }];
        cells.push({ task: `t${t}`, recipe: `r${r}`, seed, audits } as unknown as CellResult);
      }
  return cells;
}
