/** Recipes side by side: what each makes of its latents, how much of the gap it closes, what it costs. */

import type { ExampleOutcomes } from "../../audit/index.ts";
import { mean } from "../../numeric/index.ts";
import { holm, type Measured } from "../../statistics/index.ts";
import type { CellResult } from "../results.ts";
import {
  type Answers,
  answersOf,
  differenceOf,
  differenceOver,
  discordant,
  noRate,
  pairedAnswers,
  performance,
} from "./rates.ts";
import type { LeaderboardRow, Standing } from "./schema.ts";

/** The journal of one audit of a cell. */
export type ReadOutcomes = (cell: CellResult, split: string) => Promise<readonly ExampleOutcomes[]>;

/** Seconds of a whole training, also where it was resumed and the journal of its last part alone was timed. */
const secondsOf = ({ training: { seconds, examples, examplesPerSecond } }: CellResult): number =>
  examplesPerSecond > 0 ? examples / examplesPerSecond : seconds;

/** Cells that differ in their seed alone, seeds ascending. */
interface Several {
  task: string;
  recipe: string;
  cells: CellResult[];
}

/** Cells by dataset and recipe, in the order in which they come. */
function bySeeds(cells: readonly CellResult[]): Several[] {
  const groups = new Map<string, Several>();
  for (const cell of cells) {
    const key = `${cell.task}/${cell.recipe}`;
    const group = groups.get(key) ?? { task: cell.task, recipe: cell.recipe, cells: [] };
    groups.set(key, group);
    group.cells.push(cell);
  }
  for (const { cells: own } of groups.values()) own.sort((a, b) => a.seed - b.seed);
  return [...groups.values()];
}

/**
 * A claim of every seed: the largest of their p-values, and 1 where one of them points the other way. So it is below a
 * level only if each seed by itself is (an intersection–union test).
 */
function pOfEvery(pairs: readonly Answers[]): number {
  const signs = new Set(
    pairs.map((pair) => {
      const { b, c } = discordant(pair);
      return Math.sign(b - c);
    }),
  );
  return signs.size === 1 && !signs.has(0) ? Math.max(...pairs.map(differenceOf)) : 1;
}

function againstOf(pairs: readonly Measured<Answers>[]): NonNullable<Standing["against"]> {
  const absent = pairs.find(({ value }) => value === null)?.reason;
  const known = pairs.flatMap(({ value }) => (value === null ? [] : [value]));
  if (absent !== undefined || known.length === 0) {
    const reason = absent ?? "the run lacks the reference";
    const { interval, seeds } = noRate(pairs.length, reason);
    const reasons = { difference: reason, interval: reason, p: reason, holmP: reason };
    return { difference: null, interval, seeds, p: null, holmP: null, reasons };
  }
  const { value: difference, ...rest } = differenceOver(known);
  return { difference, ...rest, p: pOfEvery(known), holmP: null };
}

type GeometryKey = "r1" | "cosine" | "pairwiseCosine" | "oraclePairwiseCosine";

/** Geometry of one audit as a leaderboard shows it. */
export function geometryOf({ geometry }: CellResult["audits"][number]): Record<GeometryKey, number | null> {
  const { own, oracle, ownOracle } = geometry;
  return {
    r1: ownOracle.r1,
    cosine: ownOracle.cosine,
    pairwiseCosine: own.pairwiseCosine,
    oraclePairwiseCosine: oracle.pairwiseCosine,
  };
}

function meanGeometry(audits: readonly CellResult["audits"][number][]): Standing["geometry"] {
  const each = audits.map(geometryOf);
  const reasons: Record<string, string> = {};
  const of = (key: GeometryKey): number | null => {
    const values = each.flatMap((one) => (one[key] === null ? [] : [one[key]]));
    if (values.length === each.length) return mean(values);
    const { own, oracle, ownOracle } = audits[each.findIndex((one) => one[key] === null)]!.geometry;
    const from = key === "pairwiseCosine" ? own : key === "oraclePairwiseCosine" ? oracle : ownOracle;
    reasons[key] =
      from.reasons?.[key === "oraclePairwiseCosine" ? "pairwiseCosine" : key] ?? "not measured in every seed";
    return null;
  };
  const geometry = {
    r1: of("r1"),
    cosine: of("cosine"),
    pairwiseCosine: of("pairwiseCosine"),
    oraclePairwiseCosine: of("oraclePairwiseCosine"),
  };
  return { ...geometry, ...(Object.keys(reasons).length > 0 && { reasons }) };
}

/** Share of readable answers under an intervention, mean over seeds; null where a seed lacks it. */
function readable(audits: readonly CellResult["audits"][number][], name: string): number | null {
  const each = audits.flatMap(({ interventions }) => interventions[name]?.answered ?? []);
  return each.length === audits.length ? mean(each) : null;
}

async function standingOf(
  { cells, recipe }: Several,
  split: string,
  read: ReadOutcomes,
  reference: { name: string; of: (seed: number) => CellResult | undefined },
): Promise<Standing> {
  const audits = cells.map((cell) => cell.audits.find((audit) => audit.split === split)!);
  const outcomes: (readonly ExampleOutcomes[])[] = [];
  for (const cell of cells) outcomes.push(await read(cell, split));
  const pairs: Measured<Answers>[] = [];
  for (const [i, cell] of cells.entries()) {
    const other = reference.of(cell.seed);
    const there = other?.audits.some((audit) => audit.split === split);
    pairs.push(
      other && there
        ? pairedAnswers(outcomes[i]!, await read(other, split))
        : { value: null, reason: `the run lacks ${reference.name} with seed ${cell.seed}` },
    );
  }
  return {
    split,
    n: Math.min(...audits.map(({ n }) => n)),
    chance: audits[0]!.chance,
    ...performance(outcomes.map(answersOf)),
    answered: { own: readable(audits, "own"), oracle: readable(audits, "oracle") },
    verdicts: audits.map(({ verdict }) => verdict),
    against: recipe === reference.name ? null : againstOf(pairs),
    geometry: meanGeometry(audits),
  };
}

/**
 * The leaderboard of a run: a row for each dataset and recipe, in the order of the cells. Holm's correction runs over
 * all its comparisons with the reference, every dataset and split together.
 *
 * @param read - The journal of an audit.
 * @param reference - The recipe that the others are compared with, by the same examples and seeds.
 *
 * @example
 * await leaderboard([], async () => [], "joint"); // []
 */
export async function leaderboard(
  cells: readonly CellResult[],
  read: ReadOutcomes,
  reference: string,
): Promise<LeaderboardRow[]> {
  const groups = bySeeds(cells);
  const secondsOver = (group: Several): number => mean(group.cells.map(secondsOf));
  const rows: LeaderboardRow[] = [];
  for (const group of groups) {
    const other = groups.find(({ task, recipe }) => task === group.task && recipe === reference);
    const splits: Standing[] = [];
    for (const { split } of group.cells[0]!.audits)
      splits.push(
        await standingOf(group, split, read, {
          name: reference,
          of: (seed) => other?.cells.find((cell) => cell.seed === seed),
        }),
      );
    const { steps, parameters } = group.cells[0]!.training;
    const seconds = secondsOver(group);
    rows.push({
      task: group.task,
      recipe: group.recipe,
      seeds: group.cells.map(({ seed }) => seed),
      steps,
      parameters,
      seconds,
      secondsRatio: other ? seconds / secondsOver(other) : null,
      splits,
    });
  }
  const all = rows.flatMap(({ splits }) => splits.flatMap(({ against }) => (against ? [against] : [])));
  const corrected = holm(all.map(({ p }) => p));
  for (const [i, against] of all.entries()) against.holmP = corrected[i]!;
  return rows;
}
