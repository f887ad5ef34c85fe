/**
 * The evidence for conclusions of suites: paired tests between conditions, and how often answers change. Every claim has one
 * of the four states of claims.ts.
 */
import {
  allOf,
  atLeast,
  clustersOf,
  count,
  equivalent,
  gapWithin,
  opposite,
  pEquals,
  pointsWithin,
  type Shown,
  type State,
  share,
  shareInterval,
  shareWithin,
  superior,
} from "../../statistics/index.ts";
import { compare, differenceP, sameAnswer } from "../judge/comparison.ts";
import { closesLittleP, gapOf, gapRows } from "../judge/gap.ts";
import { type Guards, guardsOf, inDistribution, losesAnswers } from "../judge/guards.ts";
import { pathInteraction } from "../judge/path-interaction.ts";
import { STARVED_SHARE } from "../judge/verdict.ts";
import type { ExampleOutcomes, Outcome } from "../record/outcomes.ts";
import type { Comparison, Verdict } from "../record/schema.ts";
import type { AnalysisName, AnalysisResults } from "./analyses/index.ts";

/** A difference below two points is none, and so is a change of fewer than 2 % of answers. */
const MARGIN = 0.02;
const ALPHA = 0.05;

export type { Shown } from "../../statistics/index.ts";

export interface Evidence {
  verdict: Verdict;
  verdictReason: string;
  /** Whether any example has an outcome under this name. */
  ran(name: string): boolean;
  /** Why answers cannot be judged: too few of them can be read under own latents. */
  unreadable?: string;
  /**
   * Is the first condition more accurate than the second (exact McNemar)? Refuted: the second is. `parts`: so many such
   * statements, any of which is enough, share the level.
   */
  beats(one: string, other: string, parts?: number): Shown;
  /** Are both equally accurate within two points (two one-sided tests)? */
  alike(one: string, other: string): Shown;
  /**
   * Is the first condition better than the second by more on one path of the image than on another (a difference in
   * differences above 0)? Refuted: by less.
   */
  interacts(one: string, other: string, path: string, than: string): Shown;
  /** Do own latents close at most a tenth of the way from in-distribution dummies to an oracle that beats chance? */
  closesLittle(): Shown;
  /** Does the answer differ from that under `reference` (`own`) in more than 2 % of examples? Refuted: in fewer. */
  changes(name: string, options?: { reference?: string; parts?: number }): Shown;
  /**
   * Like `changes`, of any other property of examples; `when` says null of those that do not count. `parts`: so many
   * such statements, some true and some false, make one conclusion, which is to err at most at α as a whole.
   */
  often(what: string, when: (example: ExampleOutcomes) => boolean | null, parts?: number): Shown;
  /** The result of an analysis of the suite; undefined where it was not run. */
  result<Name extends AnalysisName>(name: Name): AnalysisResults[Name] | undefined;
}

/**
 * Evidence out of outcomes: of the examples in which the model opened a latent block, as the verdict.
 *
 * @example
 * const right = { text: "a", choice: 0, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
 * const outcomes = Array.from({ length: 200 }, (_, i) => ({
 *   example: String(i), answer: 0, options: ["a", "b"], outcomes: { own: right, skip: { ...right, choice: 1 } },
 * }));
 * const evidence = evidenceOf(outcomes, { verdict: "inconclusive" }, () => undefined);
 * [evidence.beats("own", "skip").state, evidence.changes("skip").state]; // ["holds", "holds"]
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
    state: "not run",
    text: `${one} and ${other} stand side by side in ${n} examples`,
  });
  const often: Evidence["often"] = (what, when, parts = 1) => {
    const rows = opened.flatMap((example) => {
      const value = when(example);
      return value === null ? [] : [{ value, images: example.images }];
    });
    const hits = rows.map(({ value }) => value);
    const interval = shareInterval(hits, clustersOf(rows), Math.min(ALPHA, (2 * ALPHA) / parts));
    if (interval.value === null) return { state: "not run", text: `${what}: ${interval.reason}` };
    return {
      state: atLeast(interval.value, MARGIN),
      text: `${what} in ${shareWithin(hits.filter(Boolean).length / hits.length, interval.value)} of ${count(hits.length)} examples`,
    };
  };
  const guards: Guards = guardsOf(opened);
  /** A difference is undecided where answers are lost on its lower side: broken output, not content. */
  const guarded = (state: State, better: string, worse: string, text: string): Shown => {
    const lost = state === "undecided" ? undefined : losesAnswers(opened, worse, better, ALPHA);
    return lost === undefined ? { state, text } : { state: "undecided", text: `${text}, but ${lost}` };
  };
  return {
    verdict,
    verdictReason,
    ...(guards.unreadable.own !== undefined && { unreadable: guards.unreadable.own }),
    result,
    often,
    ran: (name) => opened.some(({ outcomes: by }) => by[name] !== undefined),
    beats(one, other, parts = 1) {
      const row = against(one, other);
      const p = differenceP(row);
      if (row.difference === null || p === null) return untested(one, other, row);
      const state = superior(row.difference, p, ALPHA / parts);
      const text = `${one} − ${other} ${pointsWithin(row.difference, row.interval)}, exact McNemar ${pEquals(p)}, n = ${count(row.n)}`;
      return state === "refuted" ? guarded(state, other, one, text) : guarded(state, one, other, text);
    },
    alike(one, other) {
      const row = against(one, other);
      if (row.difference === null || typeof row.equivalenceP !== "number") return untested(one, other, row);
      const state = equivalent(row.equivalent, row.interval, MARGIN);
      const text = `${one} − ${other} ${pointsWithin(row.difference, row.interval)}, two one-sided tests ${pEquals(row.equivalenceP)}, n = ${count(row.n)}`;
      if (state !== "refuted") return { state, text };
      return row.difference > 0 ? guarded(state, one, other, text) : guarded(state, other, one, text);
    },
    interacts(one, other, path, than) {
      const found = pathInteraction(opened, [one, other], [path, than]);
      const what = `(${one} − ${other}) @${path} − @${than}`;
      if (found.value === null) return { state: "not run", text: `${what}: ${found.reason}` };
      const { difference, interval, p, n } = found.value;
      return {
        state: superior(difference, p, ALPHA),
        text: `${what} ${pointsWithin(difference, interval)}, two-sided ${pEquals(p)}, n = ${count(n)}`,
      };
    },
    closesLittle() {
      const dummies = inDistribution.filter((name) => opened.some(({ outcomes: by }) => by[name]));
      const rows = gapRows(opened, dummies);
      if (rows.length < 2 || dummies.length === 0 || !guards.oracle)
        return {
          state: "not run",
          text: `own, oracle and dummies stand side by side in ${rows.length} examples`,
        };
      const { oracle, unreadable } = guards;
      if (unreadable.oracle !== undefined) return { state: "undecided", text: unreadable.oracle };
      if (!oracle.above)
        return {
          state: "undecided",
          text: `the oracle is not shown to beat chance (${share(oracle.right / oracle.n)}, chance ${share(oracle.chance)})`,
        };
      const gap = gapOf(rows, dummies, STARVED_SHARE, ALPHA);
      const p = closesLittleP(rows, STARVED_SHARE);
      const low = gap?.interval[0] ?? null;
      return {
        state: p < ALPHA ? "holds" : low !== null && low > STARVED_SHARE ? "refuted" : "undecided",
        text: gap
          ? `own closes ${gapWithin(gap.closed, gap.interval)} of the way from ${gap.dummy} to the oracle, at most ${share(STARVED_SHARE)} ${pEquals(p)}, n = ${count(rows.length)}`
          : `the oracle is no better than the best dummy, n = ${count(rows.length)}`,
      };
    },
    changes(name, { reference = "own", parts = 1 } = {}) {
      const pairs = opened.flatMap(({ outcomes: by }): [Outcome, Outcome][] =>
        by[name] && by[reference] ? [[by[name], by[reference]]] : [],
      );
      const found = often(
        `${name} changes the answer`,
        ({ outcomes: by }) => (by[name] && by[reference] ? !sameAnswer(by[name], by[reference]) : null),
        parts,
      );
      const changed = pairs.filter(([to, from]) => !sameAnswer(to, from));
      const lost = changed.filter(([to, from]) => to.choice === null || from.choice === null).length;
      if (found.state !== "holds" || lost <= changed.length / 2) return found;
      return {
        state: "undecided",
        text: `${found.text}, but ${count(lost)} of the ${count(changed.length)} cannot be read on one side`,
      };
    },
  };
}

/**
 * All claims together; the text is of the first that does not hold, else of all.
 *
 * @example
 * every([{ state: "holds", text: "a" }, { state: "undecided", text: "b" }]); // { state: "undecided", text: "b" }
 */
export function every(claims: readonly Shown[]): Shown {
  const state = allOf(claims.map((claim) => claim.state));
  const failed = claims.find((claim) => claim.state === state);
  return {
    state,
    text:
      state === "holds" ? claims.map(({ text }) => text).join("; ") : (failed?.text ?? "no claim to test"),
  };
}

/**
 * The opposite of a claim, with the same figures.
 *
 * @example
 * not({ state: "refuted", text: "in 0.0 %" }).state; // "holds"
 */
export const not = ({ state, text }: Shown): Shown => ({ state: opposite(state), text });

/**
 * A claim that some other conclusion states already: it holds, or nothing is known of it.
 *
 * @example
 * known(false, "own − zeros +1.0 points").state; // "undecided"
 */
export const known = (holds: boolean, text: string): Shown => ({
  state: holds ? "holds" : "undecided",
  text,
});

/**
 * The first claim that holds; "inconclusive" with the states and texts of all, if none does.
 *
 * @example
 * firstOf([["slots", { state: "undecided", text: "own − skip +1.0 points" }]]).conclusion; // "inconclusive"
 */
export function firstOf<Name extends string>(
  claims: readonly (readonly [Name, Shown])[],
): { conclusion: Name | "inconclusive"; reason: string } {
  const found = claims.find(([, { state }]) => state === "holds");
  if (found) return { conclusion: found[0], reason: found[1].text };
  const of = (state: State): string[] => {
    const such = claims.filter(([, claim]) => claim.state === state);
    return such.length === 0
      ? []
      : [`${state}: ${such.map(([name, { text }]) => `${name} (${text})`).join("; ")}`];
  };
  return {
    conclusion: "inconclusive",
    reason: (["undecided", "not run", "refuted"] as const).flatMap(of).join(". "),
  };
}
