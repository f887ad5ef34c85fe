/**
 * The verdict of an audit, at α = 0.05 (docs/science.md "Statistics"). Two guards come first (guards.ts): the answers must be
 * readable, and dummies that break the answer take no part. Then, in this order:
 *
 * - **load-bearing**: `own` is more accurate than *every* content-free control, each by the exact two-sided McNemar p-value as
 *   it is (not Holm's) below α with the difference on the right side. A claim about every dummy at once is an
 *   intersection–union test: it is false as soon as one dummy is as good as `own`, and that one comparison errs in this
 *   direction with at most α/2. So the claim is false at most α/2 of the time, over the whole family, and it does not
 *   change with whatever other interventions were run. (Holm's p-values serve who reads single rows of the table.)
 * - **starved**: `oracle` beats every content-free control in the same way, it beats chance, and `own` is shown to close at most
 *   a tenth of the way from the best in-distribution dummy to the oracle (gap.ts, one-sided at α). All of them must
 *   succeed, so the claim is false at most α of the time. That `own` is not shown to beat a dummy is no part of it.
 * - **bypassed**: every content-free control, and `oracle` where it exists, is equivalent to `own` by two one-sided tests at α:
 *   intersection–union again, at most α. "Makes no difference" is never concluded from a large p-value.
 * - **inconclusive**: otherwise, with the number of fresh examples that would decide it at 80 % power, by the rates
 *   observed so far (further.ts).
 *
 * A model that opened no latent block has no verdict: `no-latents`. A gain can be real and smaller than the margin; the
 * reason says so then. Each verdict by itself is false at most α of the time (docs/calibration.md).
 */

import { mean } from "../../numeric/index.ts";
import {
  count,
  equivalencePower,
  examplesNeeded,
  gapWithin,
  mcnemarPower,
  observedDiscordance,
  pEquals,
  points,
  pointsWithin,
  share,
  shareWithin,
} from "../../statistics/index.ts";
import type { ExampleOutcomes } from "../record/outcomes.ts";
import type { Comparison, Verdict } from "../record/schema.ts";
import { differenceP } from "./comparison.ts";
import { freshText, ratesIfEqual } from "./fresh-examples.ts";
import { closesLittlePower, type Gap, gapContrast, gapOf, gapRows } from "./gap.ts";
import { belowText, chanceText, contentDummies, type Guards, guardsOf } from "./guards.ts";

export { contentDummies } from "./guards.ts";

/** Of the way from the best dummy to the oracle: own latents that close no more bring next to nothing. */
export const STARVED_SHARE = 0.1;

/** Choices of the verdict's tests. */
export interface VerdictRequest {
  /** 2 for the second audit that uses the same examples, and so on: its tests have a smaller level. */
  look?: number;
  /** Looks planned before the first, at equal shares of the examples; this is number `look` of them. */
  looks?: number;
  /** Largest share of the gap to the oracle that a starved model closes (default: 0.1). */
  starvedShare?: number;
}

export interface VerdictOptions {
  /** Examples in the audit. */
  n: number;
  /** Examples of them in which the model opened a latent block; `comparisons` must be on these. */
  opened: number;
  /**
   * Every example of the audit: what the guards and the gap are computed from. Without them no guard is applied, and
   * "starved" is not tested.
   */
  outcomes?: readonly ExampleOutcomes[];
  alpha?: number;
  /** For the number of further examples; 0.8 if left out. */
  power?: number;
  /** Share of the way to the oracle that own latents of a starved model close at most; 0.1 if left out. */
  starvedShare?: number;
  /** Least share of readable answers under own latents and under the oracle; 0.8 if left out. */
  readable?: number;
}

export interface Judgment {
  verdict: Verdict;
  /** One sentence with figures. */
  reason: string;
  /** Only for "inconclusive": fresh examples that would decide it, without these; null where no number would. */
  further: number | null;
  /** Own latents are not shown to be right more often than guessing. */
  atChance?: true;
  /** Content dummies that take no part because they break the answer, and how that shows. */
  broken?: Record<string, string>;
  /** Only where the oracle beats every content-free control: how much of the way to it own latents close. */
  gap?: Gap;
}

/** A comparison seen from the side that is claimed to be better. */
interface Claimed {
  row: Comparison;
  /** Accuracy of the claimed winner minus that of the other. */
  gain: number;
}

interface Claim {
  verdict: Verdict;
  tests: ((n: number) => number)[];
}

/** The p-value of a claim; where it cannot be computed, nothing is shown. */
const pOf = ({ row }: Claimed): number => differenceP(row) ?? 1;

/** The weakest of the comparisons: largest p. */
function weakest(claims: readonly Claimed[]): Claimed {
  return claims.reduce((worst, claim) => (pOf(claim) > pOf(worst) ? claim : worst));
}

/** "own − zeros +12.0 points [8.0, 16.0], exact McNemar p = 3e-8, n = 500" */
function sentence(claim: Claimed): string {
  const { row, gain } = claim;
  const turned = row.difference! !== gain;
  const [first, second] = turned ? [row.reference, row.intervention] : [row.intervention, row.reference];
  const interval =
    row.interval === null || !turned
      ? row.interval
      : ([-row.interval[1], -row.interval[0]] as [number, number]);
  const test =
    row.clusters === undefined
      ? "exact McNemar"
      : row.designEffect === null
        ? "McNemar over too few images"
        : `McNemar over ${count(row.clusters)} clusters of images`;
  return `${first} − ${second} ${pointsWithin(gain, interval)}, ${test} ${pEquals(pOf(claim))}, n = ${count(row.n)}`;
}

/** How own latents stand to chance, where they are not shown to beat it. */
type ChanceNote = "at chance" | "below chance";

/** What a label says of own accuracy: an audit has all of it, a judgment at least `atChance`. */
interface BesideChance {
  atChance?: boolean | undefined;
  chance?: number;
  interventions?: Readonly<Record<string, { interval?: readonly [number, number] | null }>>;
}

/**
 * How own latents stand to chance where they are not shown to beat it: "below chance" where their interval ends below it.
 *
 * @example
 * chanceNote({ atChance: true }); // "at chance"
 */
export function chanceNote({ atChance, chance, interventions }: BesideChance): ChanceNote | undefined {
  if (!atChance) return undefined;
  const high = interventions?.own?.interval?.[1];
  return high !== undefined && chance !== undefined && high < chance ? "below chance" : "at chance";
}

/**
 * The verdict as it is printed: with a note where own latents are not shown to beat chance.
 *
 * @example
 * verdictLabel({ verdict: "bypassed", atChance: true }); // "bypassed, at chance"
 */
export function verdictLabel({ verdict, ...each }: BesideChance & { verdict: Verdict }): string {
  const note = chanceNote(each);
  return note === undefined ? verdict : `${verdict}, ${note}`;
}

/** "; zeros is left out: zeros leaves 12.0 % of the answers readable, …" */
function leftOut({ broken }: Pick<Guards, "broken">): string {
  const names = Object.keys(broken);
  return names.length === 0
    ? ""
    : `; ${names.join(", ")} ${names.length === 1 ? "breaks" : "break"} the answer and ${names.length === 1 ? "is" : "are"} left out: ${Object.values(broken).join("; ")}`;
}

/** Comparisons as a verdict asks for them. */
interface Rows {
  /** Own over every dummy of the basis; oracle over them, null where the oracle takes no part. */
  own: Claimed[];
  oracle: Claimed[] | null;
  /** What must be equivalent to own for "bypassed". */
  alike: Comparison[];
  missing: string[];
}

function rowsOf(
  comparisons: readonly Comparison[],
  { basis, unreadable }: Pick<Guards, "basis" | "unreadable">,
): Rows {
  const row = (intervention: string, reference: string): Comparison | undefined =>
    comparisons.find(
      (c) => c.intervention === intervention && c.reference === reference && c.difference !== null,
    );
  const over = (winner: string): Claimed[] =>
    basis.flatMap((dummy) => {
      const found = row(dummy, winner);
      return found === undefined ? [] : [{ row: found, gain: -found.difference! }];
    });
  const oracleRow = row("oracle", "own");
  const [own, oracle] = [over("own"), over("oracle")];
  return {
    own,
    oracle:
      oracleRow !== undefined && unreadable.oracle === undefined && oracle.length === basis.length
        ? oracle
        : null,
    alike: [...(oracleRow === undefined ? [] : [oracleRow]), ...own.map((claim) => claim.row)],
    missing: contentDummies.filter((dummy) => row(dummy, "own") === undefined),
  };
}

const shown = (claims: readonly Claimed[], alpha: number): boolean =>
  claims.length > 0 && claims.every((claim) => claim.gain > 0 && pOf(claim) < alpha);

/**
 * The verdict alone, of a model that opened latent blocks, from comparisons, guards, and the p-value that own latents
 * close next to nothing of the gap.
 *
 * @example
 * const guards = { own: undefined, oracle: undefined, unreadable: {}, broken: {}, basis: [], inDistribution: [], readable: 0.8 };
 * decide([], guards, () => 1); // "inconclusive"
 */
export function decide(
  comparisons: readonly Comparison[],
  guards: Guards,
  closesLittle: () => number,
  alpha = 0.05,
): Exclude<Verdict, "no-latents"> {
  const { own, oracle, alike, missing } = rowsOf(comparisons, guards);
  if (guards.unreadable.own !== undefined || missing.length > 0 || guards.inDistribution.length === 0)
    return "inconclusive";
  if (shown(own, alpha)) return "load-bearing";
  if (oracle !== null && shown(oracle, alpha) && guards.oracle?.above && closesLittle() < alpha)
    return "starved";
  // A model that answers worse than by guessing is misread, or misled by something that no replacement touches.
  const read = guards.unreadable.oracle === undefined && !guards.own?.below;
  return read && alike.every(({ equivalent }) => equivalent) ? "bypassed" : "inconclusive";
}

/** Guards that nothing is known for. */
const unguarded: Guards = {
  readable: 0,
  own: undefined,
  oracle: undefined,
  unreadable: {},
  broken: {},
  basis: [...contentDummies],
  inDistribution: [...contentDummies],
};

/**
 * The verdict from paired comparisons and the outcomes behind them.
 *
 * @experimental
 * @param comparisons - As `compareAll` makes them, on the examples in which a latent block was opened.
 *
 * Source: docs/science.md "Statistics"; the paper's pattern is arXiv 2605.18445's bypass analysis.
 *
 * @example
 * judge([], { n: 100, opened: 0 }).verdict; // "no-latents"
 */
export function judge(comparisons: readonly Comparison[], options: VerdictOptions): Judgment {
  const { n, opened, outcomes, alpha = 0.05, power = 0.8, starvedShare = STARVED_SHARE } = options;
  if (opened === 0) {
    const { own } = guardsOf(outcomes ?? [], options.readable, alpha);
    return {
      verdict: "no-latents",
      reason: `the model opened a latent block in none of ${count(n)} examples: there is nothing to replace`,
      further: null,
      ...(own && !own.above && { atChance: true }),
    };
  }
  const examples = outcomes?.filter((example) => (example.outcomes.own?.blocks ?? 0) > 0);
  const guards = examples ? guardsOf(examples, options.readable, alpha) : unguarded;
  const rows = examples && guards.oracle ? gapRows(examples, guards.inDistribution) : [];
  const { own, oracle, alike, missing } = rowsOf(comparisons, guards);
  const gap =
    oracle !== null && shown(oracle, alpha) ? gapOf(rows, guards.inDistribution, starvedShare, alpha) : null;
  const verdict = decide(comparisons, guards, () => gap?.p ?? 1, alpha);

  const all = opened === n ? "" : `; on the ${count(opened)} of ${count(n)} examples with a latent block`;
  const chance = guards.own && !guards.own.above ? `; ${chanceText(guards.own)}` : "";
  const tail = `${leftOut(guards)}${chance}${all}`;
  const judged = (reason: string, further: number | null = null): Judgment => ({
    verdict,
    reason: `${reason}${tail}`,
    further,
    ...(chance !== "" && { atChance: true }),
    ...(Object.keys(guards.broken).length > 0 && { broken: guards.broken }),
    ...(gap && { gap }),
  });
  if (guards.unreadable.own !== undefined)
    return judged(`${guards.unreadable.own}: nothing can be said of what they rest on`);
  if (missing.length > 0)
    return judged(
      `no verdict without every content-free control; missing or with fewer than 2 pairs: ${missing.join(", ")}`,
    );
  if (guards.inDistribution.length === 0)
    return judged(
      "every in-distribution control makes answers unreadable, so lost content cannot be told from broken output",
    );

  const small = (claims: readonly Claimed[]): string =>
    claims.every(({ row: { equivalent } }) => equivalent)
      ? "; every one of these gains is within the margin, though"
      : "";
  const margin = points(own[0]!.row.margin).replace("+", "±");
  const way = gap
    ? `they close ${gapWithin(gap.closed, gap.interval)} of the way from ${gap.dummy} to the oracle`
    : "";
  const little = gap ? `at most ${share(gap.share)}, ${pEquals(gap.p)}` : "";

  if (verdict === "load-bearing")
    return judged(
      `own latents beat every content-free control; the least certain: ${sentence(weakest(own))}${small(own)}` +
        (gap ? `; ${way}${gap.p < alpha ? ` (${little}, one-sided)` : ""}` : ""),
    );
  if (verdict === "starved")
    return judged(
      `oracle latents beat every content-free control (the least certain: ${sentence(weakest(oracle!))}${small(oracle!)}), ` +
        `and own latents bring next to nothing: ${way} (${little}, one-sided)`,
    );
  if (verdict === "bypassed") {
    const widest = alike.reduce((worst, c) => (c.equivalenceP! > worst.equivalenceP! ? c : worst));
    const withOracle = alike.length > own.length ? " and the oracle" : "";
    return judged(
      `every content-free control${withOracle} is equivalent to own latents within ${margin}; ` +
        `the least certain: ${widest.intervention} − own ${pointsWithin(widest.difference!, widest.interval)}, ` +
        `two one-sided tests ${pEquals(widest.equivalenceP!)}, n = ${count(widest.n)}`,
    );
  }

  if (guards.own?.below && alike.every(({ equivalent }) => equivalent))
    return judged(
      `every content-free control is equivalent to own latents within ${margin}, but ${belowText(guards.own)}`,
    );

  const contrast = rows.length > 1 ? gapContrast(rows, starvedShare, mean) : null;
  // What would have to be shown, if the rates observed so far are the true ones.
  const gains = (verdict: Verdict, claims: readonly Claimed[] | null): Claim[] =>
    claims?.every(({ gain }) => gain > 0)
      ? [
          {
            verdict,
            tests: claims.map(({ row: c }) => {
              const rates = observedDiscordance(c.wrongToRight, c.rightToWrong, c.n);
              return (examples) =>
                mcnemarPower((examples * c.n) / opened / (c.designEffect ?? 1), rates, alpha);
            }),
          },
        ]
      : [];
  const candidates: Claim[] = [
    ...gains("load-bearing", own),
    ...(contrast && contrast.mean < 0 && guards.oracle?.above
      ? gains("starved", oracle).map(({ verdict, tests }) => ({
          verdict,
          tests: [
            ...tests,
            (examples: number) => closesLittlePower((examples * contrast.n) / opened, contrast, alpha),
          ],
        }))
      : []),
    ...(guards.unreadable.oracle === undefined
      ? [
          {
            verdict: "bypassed" as const,
            tests: alike.map((c) => {
              const rates = ratesIfEqual(c);
              return (examples: number) => {
                const n = (examples * c.n) / opened / (c.designEffect ?? 1);
                // The exact test asks for about one pair more than the normal formula.
                return equivalencePower(n, rates, Math.max(0, c.margin - 1 / n), alpha);
              };
            }),
          },
        ]
      : []),
  ];
  const plans = candidates
    .flatMap(({ verdict, tests }) => {
      const needed = examplesNeeded(tests, power);
      return needed === null ? [] : [{ verdict, examples: Math.max(1, Math.ceil((needed * n) / opened)) }];
    })
    .sort((a, b) => a.examples - b.examples);
  const losing = `own latents do not beat every content-free control (${sentence(weakest(own))})`;
  const state =
    gap === null
      ? `${losing}, nor are all equivalent within ${margin}`
      : guards.oracle?.above
        ? `the model can use good latents: oracle latents beat every content-free control (the least certain: ${sentence(weakest(oracle!))}); ` +
          `whether it makes them is undecided: ${losing}; ${way}, and that it is ${little} is not shown (one-sided)`
        : `${losing}; oracle latents beat every content-free control, but not shown to beat chance ` +
          `(${shareWithin(guards.oracle!.right / guards.oracle!.n, null)}, chance ${share(guards.oracle!.chance)})`;
  const unread = guards.unreadable.oracle === undefined ? "" : `; ${guards.unreadable.oracle}`;
  // With so few images nothing is known of what a further example would tell.
  if (alike.some(({ clusters, designEffect }) => clusters !== undefined && designEffect === null))
    return judged(
      `${state}${unread}; how many further examples would decide it cannot be told from so few images`,
    );
  if (plans.length === 0)
    return judged(
      `${state}${unread}; with the rates observed, no number of further examples would decide it`,
    );
  return judged(`${state}${unread}; ${freshText(plans, power)}`, plans[0]!.examples);
}
