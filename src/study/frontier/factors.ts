/** Main effects of a recipe's parts, from a designed fraction of their combinations. */

import { dot, mean } from "../../numeric/index.ts";
import { holm, logStudentCdf, studentQuantile } from "../../statistics/index.ts";
import type { Design } from "../plan.ts";
import type { CellResult } from "../results.ts";
import type { Factors } from "./schema.ts";

const SPLIT = "eval";

/** Solves A x = b for each column of B by Gauss–Jordan elimination; null where A is singular. */
function inverse(a: readonly (readonly number[])[]): number[][] | null {
  const n = a.length;
  const rows = a.map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => Number(i === j))]);
  for (let at = 0; at < n; at++) {
    let pivot = at;
    for (let r = at; r < n; r++) if (Math.abs(rows[r]![at]!) > Math.abs(rows[pivot]![at]!)) pivot = r;
    if (Math.abs(rows[pivot]![at]!) < 1e-9) return null;
    [rows[at], rows[pivot]] = [rows[pivot]!, rows[at]!];
    const scale = rows[at]![at]!;
    rows[at] = rows[at]!.map((x) => x / scale);
    for (let r = 0; r < n; r++)
      if (r !== at) {
        const by = rows[r]![at]!;
        rows[r] = rows[r]!.map((x, j) => x - by * rows[at]![j]!);
      }
  }
  return rows.map((row) => row.slice(n));
}

/** Columns of the model: 1, then for every level of a factor but its first whether a run has it. */
function modelOf(design: Design): {
  columns: { factor: string; from: string; to: string }[];
  rows: number[][];
} {
  const columns = Object.entries(design.factors).flatMap(([factor, [from, ...others]]) =>
    others.map((to) => ({ factor, from: from!, to })),
  );
  const rows = Object.values(design.runs).map((levels) => [
    1,
    ...columns.map(({ factor, to }) => Number(levels[factor] === to)),
  ]);
  return { columns, rows };
}

/** ±1 for factors of two levels; others are left out of the search for aliases. */
function signs(design: Design): Map<string, number[]> {
  const two = Object.entries(design.factors).filter(([, levels]) => levels.length === 2);
  return new Map(
    two.map(([factor, [first]]) => [
      factor,
      Object.values(design.runs).map((levels) => (levels[factor] === first ? -1 : 1)),
    ]),
  );
}

/**
 * Interactions of two factors that a design cannot tell from the main effect of a third (|correlation| of their columns
 * of 0.5 or more), among factors of two levels.
 */
export function aliasesOf(design: Design): Factors["aliases"] {
  const columns = signs(design);
  const names = [...columns.keys()];
  return names.flatMap((factor) =>
    names.flatMap((a, i) =>
      names.slice(i + 1).flatMap((b) => {
        if (a === factor || b === factor) return [];
        const product = columns.get(a)!.map((x, r) => x * columns.get(b)![r]!);
        const [x, y] = [columns.get(factor)!, product];
        const [mx, my] = [mean(x), mean(y)];
        const top = x.reduce((sum, v, r) => sum + (v - mx) * (y[r]! - my), 0);
        const spread = (v: readonly number[], m: number) => v.reduce((sum, each) => sum + (each - m) ** 2, 0);
        const correlation = top / Math.sqrt(spread(x, mx) * spread(y, my));
        return Math.abs(correlation) >= 0.5 ? [{ factor, interaction: `${a} × ${b}`, correlation }] : [];
      }),
    ),
  );
}

/** [run][seed]: accuracy on the split, mean over the design's tasks; null where the run lacks something. */
function responses(
  cells: readonly CellResult[],
  design: Design,
  response: Factors["response"],
): { values: number[][]; seeds: number } | null {
  const seeds = [...new Set(cells.map(({ seed }) => seed))].sort((a, b) => a - b);
  const values: number[][] = [];
  for (const recipe of Object.keys(design.runs)) {
    const row: number[] = [];
    for (const seed of seeds) {
      const each = design.tasks.map((task) => {
        const cell = cells.find((c) => c.task === task && c.recipe === recipe && c.seed === seed);
        return cell?.audits.find(({ split }) => split === SPLIT)?.interventions[response]?.accuracy ?? null;
      });
      if (each.some((value) => value === null)) return null;
      row.push(mean(each as number[]));
    }
    values.push(row);
  }
  return seeds.length > 0 ? { values, seeds: seeds.length } : null;
}

/**
 * Main effects by least squares on the runs' means over seeds and tasks. With several seeds the error is that of
 * repeating a run with another seed, each seed being a block (all runs of a seed start from the same weights and see the
 * same batches): an effect is the mean over the combinations of the design, whatever interactions there are. With one
 * seed it is what main effects leave unexplained. All runs answer the same examples; what other examples would change is not
 * part of the error.
 *
 * @returns null where cells of the design are missing.
 *
 * Source: Box, Hunter & Hunter 2005, chapters 5–6.
 */
export function factorEffects(
  cells: readonly CellResult[],
  design: Design,
  response: Factors["response"],
): Factors | null {
  const found = responses(cells, design, response);
  if (!found) return null;
  const { values, seeds } = found;
  const means = values.map(mean);
  const { columns, rows } = modelOf(design);
  const normal = columns.length + 1;
  const gram = Array.from({ length: normal }, (_, i) =>
    Array.from({ length: normal }, (_, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
  );
  const inverted = inverse(gram);
  const moments = Array.from({ length: normal }, (_, i) =>
    rows.reduce((sum, row, r) => sum + row[i]! * means[r]!, 0),
  );
  const beta = inverted?.map((row) => dot(row, moments)) ?? null;
  // Seeds as blocks: what is left after the run's and the seed's mean.
  const whole = mean(means);
  const bySeed = Array.from({ length: seeds }, (_, s) => mean(values.map((row) => row[s]!)));
  const within = values.reduce(
    (sum, row, r) => sum + row.reduce((part, y, s) => part + (y - means[r]! - bySeed[s]! + whole) ** 2, 0),
    0,
  );
  const left = beta ? means.reduce((sum, y, r) => sum + (y - dot(rows[r]!, beta)) ** 2, 0) : 0;
  const repeated = seeds > 1;
  const degreesOfFreedom = repeated ? (rows.length - 1) * (seeds - 1) : rows.length - normal;
  const variance = repeated ? within / degreesOfFreedom / seeds : left / degreesOfFreedom;
  const effects = columns.map((column, i): Factors["effects"][number] => {
    if (!beta || !inverted)
      return {
        ...column,
        effect: null,
        interval: null,
        p: null,
        holmP: null,
        reason: "the runs of the design do not tell the factors apart",
      };
    const effect = beta[i + 1]!;
    const error = Math.sqrt(variance * inverted[i + 1]![i + 1]!);
    if (!(degreesOfFreedom > 0) || !(error > 0))
      return {
        ...column,
        effect,
        interval: null,
        p: null,
        holmP: null,
        reason:
          degreesOfFreedom > 0
            ? "no run differs from itself"
            : "as many effects as runs; more seeds are needed",
      };
    const half = studentQuantile(0.975, degreesOfFreedom) * error;
    const p = Math.min(1, 2 * Math.exp(logStudentCdf(-Math.abs(effect / error), degreesOfFreedom)));
    return { ...column, effect, interval: [effect - half, effect + half], p, holmP: null };
  });
  const corrected = holm(effects.map(({ p }) => p));
  return {
    response,
    tasks: design.tasks,
    split: SPLIT,
    runs: Object.entries(design.runs).map(([recipe, levels], r) => ({ recipe, levels, value: means[r]! })),
    seeds,
    error: repeated
      ? "between seeds, within runs, on these examples"
      : "what main effects leave unexplained, on these examples",
    degreesOfFreedom: Math.max(0, degreesOfFreedom),
    effects: effects.map((effect, i) => ({ ...effect, holmP: corrected[i]! })),
    aliases: aliasesOf(design),
  };
}
