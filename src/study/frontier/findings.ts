/** What a comparison of recipes claims, each decided from the statistics of the run alone. */
import { pEquals, pointsWithin, share, type Verdict } from "../../audit/index.ts";
import type { CellResult, Finding } from "../results.ts";
import { relation } from "./relations.ts";
import type { LeaderboardRow, Relation, Standing } from "./schema.ts";

/** A rank correlation below this (in the direction of "better") is no guide. */
const GUIDE = 0.5;
/** Of the claim of a single recipe: own at least so much of the oracle, the oracle itself, times the reference's seconds. */
const BARS = { ofOracle: 0.97, oracle: 0.9, seconds: 2, p: 0.001 };

interface Judged {
  holds: boolean | null;
  evidence: string;
}

const CLAIMS = {
  R1: { measure: "cosine", words: "own–oracle cosine", sign: 1 },
  R2: { measure: "r1", words: "retrieval@1 of own latents", sign: 1 },
  R3: { measure: "pairwiseCosine", words: "how unlike each other own latents are", sign: -1 },
} as const satisfies Record<string, { measure: Relation["measure"]; words: string; sign: 1 | -1 }>;

const two = (value: number): string => value.toFixed(2).replace("-", "−");

/** true: the measure is no guide; false: it is one; null: the interval lies on both sides, or there is none. */
function judgeRelation(found: Relation, sign: 1 | -1): Judged {
  const { rho, interval, p, runs, recipes, tasks, pairs, apart, misled, reasons } = found;
  if (rho === null || interval === null || p === null)
    return { holds: null, evidence: `Not computed: ${reasons?.rho ?? "no runs"}.` };
  const [low, high] = sign > 0 ? interval : [-interval[1], -interval[0]];
  const holds = high < GUIDE ? true : low > GUIDE ? false : null;
  const wrong =
    misled === null
      ? ""
      : ` Of ${pairs} pairs of runs that differ by at least ${100 * apart} points, it prefers the worse one in ${share(misled)}.`;
  return {
    holds,
    evidence:
      `Spearman’s ρ ${two(rho)} [${two(interval[0])}, ${two(interval[1])}] within datasets, ${pEquals(p)} by permuting recipes; ` +
      `${runs} runs of ${recipes} recipes on ${tasks} datasets.${wrong}` +
      (holds === null ? ` Undecided: the interval holds ${sign > 0 ? "" : "−"}${GUIDE}.` : ""),
  };
}

/** What keeps a recipe from the bar in one place; null where nothing does. `at` is the place of a seed. */
function short(row: LeaderboardRow, standing: Standing, at: number): string | null {
  const { ofOracle, oracle, verdicts, against, split } = standing;
  const where = `${row.task}, ${split}, seed ${row.seeds[at]}`;
  const [ratio, reach] = [ofOracle.seeds[at] ?? null, oracle.seeds[at] ?? null];
  const verdict: Verdict | undefined = verdicts[at];
  if (ratio === null || reach === null) return `${where}: no oracle`;
  if (reach < BARS.oracle) return `${where}: oracle ${share(reach)}`;
  if (ratio < BARS.ofOracle) return `${where}: own ${share(ratio)} of the oracle`;
  if (verdict !== "load-bearing") return `${where}: ${verdict}`;
  if (row.secondsRatio === null || row.secondsRatio > BARS.seconds)
    return `${row.task}: ${row.secondsRatio?.toFixed(1) ?? "unknown"} times the reference’s seconds`;
  if (!against || against.holmP === null || against.holmP >= BARS.p || (against.difference ?? 0) <= 0)
    return `${row.task}, ${split}: not shown to beat the reference`;
  return null;
}

interface Candidate {
  recipe: string;
  rows: LeaderboardRow[];
  lacks: string[];
}

function judgeSingle(rows: readonly LeaderboardRow[], bars: readonly string[], seed: number | null): Judged {
  const recipes = [...new Set(rows.map(({ recipe }) => recipe))];
  const candidates = recipes.flatMap((recipe): Candidate[] => {
    const mine = bars.map((task) => rows.find((row) => row.task === task && row.recipe === recipe));
    if (mine.some((row) => row === undefined)) return [];
    const own = mine as LeaderboardRow[];
    // The reference is compared with nothing, so the claim cannot be about it.
    if (own.some(({ splits }) => splits.some(({ against }) => against === null))) return [];
    const lacks = own.flatMap((row) =>
      row.splits.flatMap((standing) =>
        row.seeds.flatMap((each, at) => {
          const lack = seed === null || each === seed ? short(row, standing, at) : null;
          return lack === null ? [] : [lack];
        }),
      ),
    );
    return [{ recipe, rows: own, lacks }];
  });
  if (bars.length === 0 || candidates.length === 0)
    return {
      holds: null,
      evidence: `The run lacks a recipe on all of the datasets of the claim${bars.length > 0 ? ` (${bars.join(", ")})` : ""}.`,
    };
  const least = (candidate: Candidate): number =>
    Math.min(...candidate.rows.flatMap(({ splits }) => splits.map(({ ofOracle }) => ofOracle.value ?? 0)));
  const [best] = candidates.sort((a, b) => a.lacks.length - b.lacks.length || least(b) - least(a));
  const figures = best!.rows.map(({ task, splits }) => {
    const [first] = splits;
    const gain = first?.against
      ? `, ${pointsWithin(first.against.difference ?? 0, first.against.interval)} over the reference`
      : "";
    return `${task}: own ${first?.own.value == null ? "—" : share(first.own.value)}, oracle ${first?.oracle.value == null ? "—" : share(first.oracle.value)}${gain}`;
  });
  const missed =
    best!.lacks.length > 0 ? ` It misses ${best!.lacks.length}: ${best!.lacks.slice(0, 3).join("; ")}.` : "";
  return {
    holds: best!.lacks.length === 0,
    evidence: `Nearest is “${best!.recipe}”: ${figures.join("; ")}.${missed}`,
  };
}

/**
 * The findings of a comparison of recipes: whether measures of geometry are a guide to what works (R1–R3), and whether a
 * single recipe closes the gap on all datasets of the claim (R4); over all seeds, and seed by seed.
 *
 * @example
 * frontierFindings([], [], []).map(({ id, holds }) => [id, holds]); // [["R1", null], ["R2", null], ["R3", null], ["R4", null]]
 */
export function frontierFindings(
  cells: readonly CellResult[],
  rows: readonly LeaderboardRow[],
  bars: readonly string[],
): Finding[] {
  const seeds = [...new Set(cells.map(({ seed }) => seed))].sort((a, b) => a - b);
  const relating = Object.entries(CLAIMS).map(([id, { measure, words, sign }]): Finding => {
    const judge = (some: readonly CellResult[]): Judged => judgeRelation(relation(some, measure), sign);
    return {
      id,
      claim: `Geometry misleads: over all runs, ${words} does not tell how well they serve; the rank correlation with own accuracy is below ${GUIDE}.`,
      source:
        "arXiv 2605.18445 reports these measures for its models; whether they rank recipes is this study’s question",
      ...judge(cells),
      seeds: seeds.map((seed) => ({ seed, ...judge(cells.filter((cell) => cell.seed === seed)) })),
    };
  });
  return [
    ...relating,
    {
      id: "R4",
      claim:
        "A single recipe closes the gap: on each of these datasets and on held-out shapes own latents reach 97 % of an oracle of at least 90 %, carry load, and beat the reference (Holm-corrected p < 0.001) in at most twice its seconds.",
      source: "open in arXiv 2605.18445 (own 33 %, oracle 86 %)",
      ...judgeSingle(rows, bars, null),
      seeds: seeds.map((seed) => ({ seed, ...judgeSingle(rows, bars, seed) })),
    },
  ];
}
