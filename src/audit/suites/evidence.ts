/** What conclusions of suites rest on: paired tests between conditions, and how often answers change. */
import { clustersOf, shareInterval } from "../clusters.ts";
import { compare, differenceP, sameAnswer } from "../comparison.ts";
import type { ExampleOutcomes, Outcome } from "../outcomes.ts";
import type { Comparison, Verdict } from "../schema.ts";
import { count, pEquals, pointsWithin, shareWithin } from "../words.ts";
import type { AnalysisName } from "./analyses/index.ts";
import type { AnalysisResult } from "./types.ts";

/** A difference below two points is none, and so is a change of fewer than 2 % of answers. */
export const MARGIN = 0.02;
const ALPHA = 0.05;

/** A statement that was tested, in words with its figures. null: it could be neither shown nor refuted. */
export interface Shown {
  holds: boolean | null;
  text: string;
}

export interface Evidence {
  verdict: Verdict;
  verdictReason: string;
  /** Whether any example has an outcome under this name. */
  ran(name: string): boolean;
  /** Is the first condition more accurate than the second (exact McNemar)? Never false: no test shows that. */
  beats(one: string, other: string): Shown;
  /** Are both equally accurate within two points (two one-sided tests)? Never false. */
  alike(one: string, other: string): Shown;
  /** Does the answer differ from that under `reference` (`own`) in more than 2 % of examples? False: in fewer. */
  changes(name: string, options?: { reference?: string; parts?: number }): Shown;
  /**
   * Like `changes`, of any other property of examples; `when` says null of those that do not count. `parts`: so many
   * such statements, some true and some false, make one conclusion, which is to err at most at α as a whole.
   */
  often(what: string, when: (example: ExampleOutcomes) => boolean | null, parts?: number): Shown;
  /** An analysis of the suite. */
  result(name: AnalysisName): AnalysisResult;
}

/**
 * Evidence out of outcomes: of the examples in which the model opened a latent block, as the verdict.
 *
 * @example
 * const right = { text: "a", choice: 0, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
 * const outcomes = Array.from({ length: 200 }, (_, i) => ({
 *   example: String(i), answer: 0, options: ["a", "b"], outcomes: { own: right, skip: { ...right, choice: 1 } },
 * }));
 * const evidence = evidenceOf(outcomes, { verdict: "inconclusive" }, () => ({}));
 * [evidence.beats("own", "skip").holds, evidence.changes("skip").holds]; // [true, true]
 */
export function evidenceOf(
  outcomes: readonly ExampleOutcomes[],
  { verdict, verdictReason = "" }: { verdict: Verdict; verdictReason?: string },
  result: Evidence["result"],
): Evidence {
  const opened = [...outcomes]
    .filter(({ outcomes: { own } }) => (own?.blocks ?? 0) > 0)
    .sort((a, b) => (a.example < b.example ? -1 : 1));
  const known = new Map<string, Comparison>();
  const against = (one: string, other: string): Comparison => {
    const key = `${one} ${other}`;
    const found = known.get(key) ?? compare(opened, one, other, { margin: MARGIN, alpha: ALPHA });
    known.set(key, found);
    return found;
  };
  const untested = (one: string, other: string, { n }: Comparison): Shown => ({
    holds: null,
    text: `${one} and ${other} stand side by side in ${n} examples`,
  });
  const often: Evidence["often"] = (what, when, parts = 1) => {
    const rows = opened.flatMap((example) => {
      const value = when(example);
      return value === null ? [] : [{ value, images: example.images }];
    });
    const hits = rows.map(({ value }) => value);
    const interval = shareInterval(hits, clustersOf(rows), Math.min(ALPHA, (2 * ALPHA) / parts));
    if (interval.value === null) return { holds: null, text: `${what}: ${interval.reason}` };
    const [low, high] = interval.value;
    return {
      holds: low > MARGIN ? true : high < MARGIN ? false : null,
      text: `${what} in ${shareWithin(hits.filter(Boolean).length / hits.length, interval.value)} of ${count(hits.length)} examples`,
    };
  };
  return {
    verdict,
    verdictReason,
    result,
    often,
    ran: (name) => opened.some(({ outcomes: by }) => by[name] !== undefined),
    beats(one, other) {
      const row = against(one, other);
      const p = differenceP(row);
      if (row.difference === null || p === null) return untested(one, other, row);
      return {
        holds: row.difference > 0 && p < ALPHA ? true : null,
        text: `${one} − ${other} ${pointsWithin(row.difference, row.interval)}, exact McNemar ${pEquals(p)}, n = ${count(row.n)}`,
      };
    },
    alike(one, other) {
      const row = against(one, other);
      if (row.difference === null || typeof row.equivalenceP !== "number") return untested(one, other, row);
      return {
        holds: row.equivalent ? true : null,
        text: `${one} − ${other} ${pointsWithin(row.difference, row.interval)}, two one-sided tests ${pEquals(row.equivalenceP)}, n = ${count(row.n)}`,
      };
    },
    changes: (name, { reference = "own", parts = 1 } = {}) =>
      often(
        `${name} changes the answer`,
        ({ outcomes: by }) => {
          const [to, from]: (Outcome | undefined)[] = [by[name], by[reference]];
          return to && from ? !sameAnswer(to, from) : null;
        },
        parts,
      ),
  };
}

/**
 * True where all hold, null otherwise; the text is of the first that does not, else of all.
 *
 * @example
 * every([{ holds: true, text: "a" }, { holds: null, text: "b" }]); // { holds: null, text: "b" }
 */
export function every(claims: readonly Shown[]): Shown {
  const failed = claims.find(({ holds }) => !holds);
  return failed
    ? { holds: null, text: failed.text }
    : { holds: claims.length > 0 ? true : null, text: claims.map(({ text }) => text).join("; ") };
}

/**
 * The first claim that holds; "inconclusive" with the texts of those that do not, if none does.
 *
 * @example
 * firstOf([["slots", { holds: null, text: "own − skip +1.0 points" }]]).conclusion; // "inconclusive"
 */
export function firstOf<Name extends string>(
  claims: readonly (readonly [Name, Shown])[],
): { conclusion: Name | "inconclusive"; reason: string } {
  const found = claims.find(([, { holds }]) => holds === true);
  if (found) return { conclusion: found[0], reason: found[1].text };
  return {
    conclusion: "inconclusive",
    reason: `not shown: ${claims.map(([name, { text }]) => `${name} (${text})`).join("; ")}`,
  };
}
