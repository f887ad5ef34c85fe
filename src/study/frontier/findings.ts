/** What a comparison of recipes claims, each decided from the statistics of the run alone. */
import type { Verdict } from "../../audit/index.ts";
import {
  allOf,
  anyOf,
  atLeast,
  atMost,
  pEquals,
  pointsWithin,
  type State,
  share,
} from "../../statistics/index.ts";
import { findingOf, type Judged } from "../findings/index.ts";
import type { CellResult, Finding } from "../results.ts";
import { relation } from "./relations.ts";
import type { LeaderboardRow, Relation, Standing } from "./schema.ts";

/** A rank correlation below this (in the direction of "better") is no guide. */
const GUIDE = 0.5;
/** Of the claim of a single recipe: own at least so much of the oracle, the oracle itself, times the reference's seconds. */
const BARS = { ofOracle: 0.97, oracle: 0.9, seconds: 2, p: 0.001 };

const CLAIMS = {
  R1: { measure: "cosine", words: "own–oracle cosine", sign: 1 },
  R2: { measure: "r1", words: "retrieval@1 of own latents", sign: 1 },
  R3: { measure: "pairwiseCosine", words: "how unlike each other own latents are", sign: -1 },
} as const satisfies Record<string, { measure: Relation["measure"]; words: string; sign: 1 | -1 }>;

const two = (value: number): string => value.toFixed(2).replace("-", "−");

/** Holds: the measure is no guide; refuted: it is one; undecided: the interval lies on both sides. */
function judgeRelation(found: Relation, sign: 1 | -1): Judged {
  const { rho, interval, p, runs, recipes, tasks, pairs, apart, misled, reasons } = found;
  if (rho === null || interval === null || p === null)
    return { state: "not run", evidence: `Not computed: ${reasons?.rho ?? "no runs"}.` };
  const state = atMost(sign > 0 ? interval : [-interval[1], -interval[0]], GUIDE);
  const wrong =
    misled === null
      ? ""
      : ` Of ${pairs} pairs of runs that differ by at least ${100 * apart} points, it prefers the worse one in ${share(misled)}.`;
  return {
    state,
    evidence:
      `Spearman’s ρ ${two(rho)} [${two(interval[0])}, ${two(interval[1])}] within datasets, ${pEquals(p)} by permuting recipes; ` +
      `${runs} runs of ${recipes} recipes on ${tasks} datasets.${wrong}` +
      (state === "undecided" ? ` Undecided: the interval holds ${sign > 0 ? "" : "−"}${GUIDE}.` : ""),
  };
}

/** What keeps a recipe from a bar in one place, and whether that refutes the claim about it. */
interface Miss {
  state: Exclude<State, "holds">;
  text: string;
}

/**
 * A bar on an observed figure: reached, or missed; a miss refutes the claim where the interval excludes the bar. The
 * interval of all seeds stands for that of one where there is only one.
 */
const barState = (value: number, bar: number, interval: readonly [number, number] | null): State =>
  value >= bar
    ? "holds"
    : interval !== null && atLeast(interval, bar) === "refuted"
      ? "refuted"
      : "undecided";

/** What keeps a recipe from the bars in one place; null where nothing does. `at` is the place of a seed. */
function missOf(
  row: LeaderboardRow,
  standing: Standing,
  at: number,
  audited: (seed: number) => readonly [number, number] | null,
): Miss | null {
  const { ofOracle, oracle, verdicts, against, split } = standing;
  const seed = row.seeds[at]!;
  const where = `${row.task}, ${split}, seed ${seed}`;
  const [ratio, reach] = [ofOracle.seeds[at] ?? null, oracle.seeds[at] ?? null];
  const verdict: Verdict | undefined = verdicts[at];
  if (ratio === null || reach === null) return { state: "not run", text: `${where}: no oracle` };
  const oracleState = barState(reach, BARS.oracle, audited(seed));
  if (oracleState !== "holds") return { state: oracleState, text: `${where}: oracle ${share(reach)}` };
  const ratioState = barState(ratio, BARS.ofOracle, row.seeds.length === 1 ? ofOracle.interval : null);
  if (ratioState !== "holds")
    return { state: ratioState, text: `${where}: own ${share(ratio)} of the oracle` };
  if (verdict !== "load-bearing")
    return {
      state: verdict === "starved" || verdict === "bypassed" ? "refuted" : "undecided",
      text: `${where}: ${verdict}`,
    };
  if (row.secondsRatio === null || against === null || against.difference === null || against.holmP === null)
    return { state: "not run", text: `${row.task}, ${split}: no reference to compare with` };
  if (row.secondsRatio > BARS.seconds)
    return {
      state: "refuted",
      text: `${row.task}: ${row.secondsRatio.toFixed(1)} times the reference’s seconds`,
    };
  if (against.holmP < BARS.p && against.difference > 0) return null;
  const worse = against.interval !== null && against.interval[1] < 0;
  return {
    state: worse ? "refuted" : "undecided",
    text: `${row.task}, ${split}: ${worse ? "worse than" : "not shown to beat"} the reference`,
  };
}

interface Candidate {
  recipe: string;
  rows: LeaderboardRow[];
  misses: Miss[];
}

function judgeSingle(
  cells: readonly CellResult[],
  rows: readonly LeaderboardRow[],
  bars: readonly string[],
  reference: string,
  seed: number | null,
): Judged {
  const lacking = (what: string): Judged => ({ state: "not run", evidence: `The run lacks ${what}.` });
  const recipes = [...new Set(rows.map(({ recipe }) => recipe))];
  const candidates = recipes.flatMap((recipe): Candidate[] => {
    const mine = bars.map((task) => rows.find((row) => row.task === task && row.recipe === recipe));
    if (mine.some((row) => row === undefined)) return [];
    const own = mine as LeaderboardRow[];
    // The reference is compared with nothing, so the claim cannot be about it.
    if (own.some(({ splits }) => splits.some(({ against }) => against === null))) return [];
    const misses = own.flatMap((row) =>
      row.splits.flatMap((standing) =>
        row.seeds.flatMap((each, at) => {
          const audited = (of: number): readonly [number, number] | null =>
            cells
              .find((cell) => cell.task === row.task && cell.recipe === recipe && cell.seed === of)
              ?.audits.find(({ split }) => split === standing.split)?.interventions.oracle?.interval ?? null;
          const miss = seed === null || each === seed ? missOf(row, standing, at, audited) : null;
          return miss === null ? [] : [miss];
        }),
      ),
    );
    return [{ recipe, rows: own, misses }];
  });
  if (bars.length === 0 || candidates.length === 0)
    return lacking(
      `a recipe on all of the datasets of the claim${bars.length > 0 ? ` (${bars.join(", ")})` : ""}`,
    );
  if (!bars.every((task) => rows.some((row) => row.task === task && row.recipe === reference)))
    return lacking(
      `the reference “${reference}” on all of the datasets of the claim (${bars.join(", ")}), with which recipes are compared`,
    );
  const least = (candidate: Candidate): number =>
    Math.min(...candidate.rows.flatMap(({ splits }) => splits.map(({ ofOracle }) => ofOracle.value ?? 0)));
  const [best] = candidates.sort((a, b) => a.misses.length - b.misses.length || least(b) - least(a));
  const figures = best!.rows.map(({ task, splits }) => {
    const [first] = splits;
    const against = first?.against;
    const gain =
      typeof against?.difference === "number"
        ? `, ${pointsWithin(against.difference, against.interval)} over the reference`
        : "";
    return `${task}: own ${first?.own.value == null ? "—" : share(first.own.value)}, oracle ${first?.oracle.value == null ? "—" : share(first.oracle.value)}${gain}`;
  });
  const { misses } = best!;
  // "A single recipe": the nearest one decides that it holds; that none does takes a refutation of every candidate.
  const each = candidates.map((candidate) => allOf(["holds", ...candidate.misses.map(({ state }) => state)]));
  const told = misses
    .slice(0, 3)
    .map(({ state, text }) => (state === "refuted" ? text : `${text} (${state})`));
  return {
    state: anyOf(each),
    evidence:
      `Nearest is “${best!.recipe}”: ${figures.join("; ")}.` +
      (misses.length > 0 ? ` It misses ${misses.length}: ${told.join("; ")}.` : ""),
  };
}

/**
 * The findings of a comparison of recipes: whether measures of geometry are a guide to what works (R1–R3), and whether a
 * single recipe closes the gap on all datasets of the claim (R4); over all seeds, and seed by seed.
 *
 * @example
 * frontierFindings([], [], [], "joint").map(({ id, state }) => [id, state]); // [["R1", "not run"], ["R2", "not run"], …]
 */
export function frontierFindings(
  cells: readonly CellResult[],
  rows: readonly LeaderboardRow[],
  bars: readonly string[],
  reference: string,
): Finding[] {
  const seeds = [...new Set(cells.map(({ seed }) => seed))].sort((a, b) => a - b);
  const relating = Object.entries(CLAIMS).map(([id, { measure, words, sign }]): Finding => {
    const judge = (some: readonly CellResult[]): Judged => judgeRelation(relation(some, measure), sign);
    const about = {
      id,
      claim: `Geometry misleads: over all runs, ${words} does not tell how well they serve; the rank correlation with own accuracy is below ${GUIDE}.`,
      source:
        "arXiv 2605.18445 reports these measures for its models; whether they rank recipes is this study’s question",
    };
    const bySeed = seeds.map((seed) => ({ seed, ...judge(cells.filter((cell) => cell.seed === seed)) }));
    return findingOf(about, judge(cells), bySeed);
  });
  const single = (seed: number | null): Judged => judgeSingle(cells, rows, bars, reference, seed);
  return [
    ...relating,
    findingOf(
      {
        id: "R4",
        claim:
          "A single recipe closes the gap: on each of these datasets and on held-out shapes own latents reach 97 % of an oracle of at least 90 %, carry load, and beat the reference (Holm-corrected p < 0.001) in at most twice its seconds.",
        source: "open in arXiv 2605.18445 (own 33 %, oracle 86 %)",
      },
      single(null),
      seeds.map((seed) => ({ seed, ...single(seed) })),
    ),
  ];
}
