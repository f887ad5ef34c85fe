/** Does geometry tell which latents work? Rank correlations of a measure with own accuracy over all runs. */
import { percentileInterval } from "../../statistics/index.ts";
import { type Random, random } from "../../util/index.ts";
import type { CellResult } from "../results.ts";
import { geometryOf } from "./leaderboard.ts";
import type { Relation } from "./schema.ts";

const REPLICATES = 2000;
const PERMUTATIONS = 9999;
/** Fewer recipes cannot be told from chance by permuting them. */
const FEWEST = 4;
/** Of fewer the bootstrap covers 70–90 %, of so many 93 % and more (docs/calibration.md). */
const FEWEST_FOR_INTERVAL = 6;
/** Own accuracies that are at least so far apart are called different. */
const APART = 0.1;
const SPLIT = "eval";

/**
 * Ranks from 1, equal values sharing the mean of their ranks.
 *
 * @example
 * midranks([10, 20, 20, 5]); // [2, 3.5, 3.5, 1]
 */
export function midranks(values: readonly number[]): number[] {
  const order = values.map((value, i) => ({ value, i })).sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && order[to]!.value === order[from]!.value) to++;
    for (let at = from; at < to; at++) ranks[order[at]!.i] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

/** One recipe: its runs in the order of its stratum, those recipes that were run on the same datasets and seeds. */
interface Runs {
  recipe: string;
  /** Which recipes may be exchanged for each other: "task seed" of every run. */
  stratum: string;
  tasks: string[];
  seeds: number[];
  measure: number[];
  own: number[];
}

function runsOf(cells: readonly CellResult[], measure: Relation["measure"]): Runs[] {
  const found = new Map<string, Runs>();
  const sorted = [...cells].sort((a, b) => (a.task === b.task ? a.seed - b.seed : a.task < b.task ? -1 : 1));
  for (const { task, recipe, seed, audits } of sorted) {
    const audit = audits.find(({ split }) => split === SPLIT);
    const own = audit?.interventions.own?.accuracy;
    const value = audit && geometryOf(audit)[measure];
    if (typeof own !== "number" || typeof value !== "number") continue;
    const mine: Runs = found.get(recipe) ?? {
      recipe,
      stratum: "",
      tasks: [],
      seeds: [],
      measure: [],
      own: [],
    };
    found.set(recipe, mine);
    mine.stratum += `${task} ${seed}\n`;
    mine.tasks.push(task);
    mine.seeds.push(seed);
    mine.measure.push(value);
    mine.own.push(own);
  }
  return [...found.values()];
}

/** Ranks within each task over all recipes, centered; in the shape of `runs`. */
function centered(runs: readonly Runs[], of: "measure" | "own"): number[][] {
  const out = runs.map((each) => [...each[of]]);
  for (const task of new Set(runs.flatMap(({ tasks }) => tasks))) {
    const places = runs.flatMap(({ tasks }, r) =>
      tasks.flatMap((t, i) => (t === task ? [[r, i] as const] : [])),
    );
    const ranks = midranks(places.map(([r, i]) => out[r]![i]!));
    const middle = (ranks.length + 1) / 2;
    for (const [at, [r, i]] of places.entries()) out[r]![i] = ranks[at]! - middle;
  }
  return out;
}

/** Σ a·b over all runs, with the recipes of b in another order. */
function product(a: readonly number[][], b: readonly number[][], order?: readonly number[]): number {
  let sum = 0;
  for (const [r, row] of a.entries()) {
    const other = b[order ? order[r]! : r]!;
    for (const [i, x] of row.entries()) sum += x * other[i]!;
  }
  return sum;
}

/** Spearman's ρ, ranks within tasks; NaN where one side does not vary. */
function correlation(runs: readonly Runs[]): number {
  const [x, y] = [centered(runs, "measure"), centered(runs, "own")];
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

/** Recipes by stratum, as places in `runs`. */
function strataOf(runs: readonly Runs[]): number[][] {
  const strata = new Map<string, number[]>();
  for (const [r, { stratum }] of runs.entries()) strata.set(stratum, [...(strata.get(stratum) ?? []), r]);
  return [...strata.values()];
}

const resampled = (source: Random, strata: readonly number[][]): number[] =>
  strata.flatMap((places) => places.map(() => places[source.integer(places.length)]!));

function permuted(source: Random, strata: readonly number[][], n: number): number[] {
  const order = new Array<number>(n);
  for (const places of strata)
    for (const [i, place] of source.shuffled(places).entries()) order[places[i]!] = place;
  return order;
}

/** Pairs of runs on one task and seed with different own accuracies; and those that the measure ranks wrongly. */
function misleading(runs: readonly Runs[], sign: 1 | -1): { pairs: number; misled: number } {
  const each = runs.flatMap(({ tasks, seeds, measure, own }) =>
    own.map((value, i) => ({ at: `${tasks[i]} ${seeds[i]}`, own: value, measure: measure[i]! })),
  );
  let [pairs, misled] = [0, 0];
  for (const [i, a] of each.entries())
    for (const b of each.slice(i + 1)) {
      if (a.at !== b.at || Math.abs(a.own - b.own) < APART) continue;
      pairs++;
      if (sign * (a.measure - b.measure) * (a.own - b.own) < 0) misled++;
    }
  return { pairs, misled };
}

/** Which way a measure is read as good: near the oracle, found by it, unlike each other. */
const SIGNS: Record<Relation["measure"], 1 | -1> = { cosine: 1, r1: 1, pairwiseCosine: -1 };

/**
 * Rank correlation of one measure with own accuracy on split eval. Ranks are within datasets, so that an easy one cannot
 * feign a relation. The interval resamples recipes with all their runs, and the p-value permutes recipes: seeds and
 * datasets of one recipe are no independent witnesses.
 *
 * @example
 * relation([], "cosine").reasons?.rho; // "0 recipes with latents …"
 */
export function relation(cells: readonly CellResult[], measure: Relation["measure"]): Relation {
  const runs = runsOf(cells, measure);
  const { pairs, misled } = misleading(runs, SIGNS[measure]);
  const strata = strataOf(runs);
  const common = {
    measure,
    runs: runs.reduce((sum, { own }) => sum + own.length, 0),
    recipes: runs.length,
    tasks: new Set(runs.flatMap(({ tasks }) => tasks)).size,
    pairs,
    apart: APART,
    misled: pairs > 0 ? misled / pairs : null,
  };
  const unpaired: Record<string, string> =
    pairs === 0 ? { misled: `no two runs differ by ${100 * APART} points` } : {};
  const none = (reason: string): Relation => ({
    ...common,
    rho: null,
    interval: null,
    p: null,
    reasons: { rho: reason, interval: reason, p: reason, ...unpaired },
  });
  const most = Math.max(0, ...strata.map((places) => places.length));
  if (most < FEWEST)
    return none(`${most} recipes with latents on the same datasets and seeds; at least ${FEWEST} are needed`);
  const rho = correlation(runs);
  if (!Number.isFinite(rho)) return none("the measure or the accuracy is the same in every run");
  const source = random(0, "relation", measure);
  const replicates: number[] = [];
  for (let i = 0; i < REPLICATES; i++) {
    const value = correlation(resampled(source, strata).map((r) => runs[r]!));
    if (Number.isFinite(value)) replicates.push(value);
  }
  const [a, b] = [centered(runs, "measure"), centered(runs, "own")];
  const observed = Math.abs(product(a, b)) * (1 - 1e-12);
  let extreme = 1;
  for (let i = 0; i < PERMUTATIONS; i++)
    if (Math.abs(product(a, b, permuted(source, strata, runs.length))) >= observed) extreme++;
  const few = most < FEWEST_FOR_INTERVAL;
  const reasons = {
    ...unpaired,
    ...(few && { interval: `${most} recipes; an interval needs at least ${FEWEST_FOR_INTERVAL}` }),
  };
  return {
    ...common,
    rho,
    interval: few ? null : percentileInterval(replicates),
    p: extreme / (PERMUTATIONS + 1),
    ...(Object.keys(reasons).length > 0 && { reasons }),
  };
}

/**
 * The relations of a run.
 *
 * @example
 * relations([]).map(({ measure }) => measure); // ["cosine", "r1", "pairwiseCosine"]
 */
export const relations = (cells: readonly CellResult[]): Relation[] =>
  (["cosine", "r1", "pairwiseCosine"] as const).map((measure) => relation(cells, measure));
