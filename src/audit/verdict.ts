/**
 * The verdict of an audit, at α = 0.05 (SCIENCE "Statistics"). Which tests it rests on, and why it errs rarely:
 *
 * - **load-bearing**: `own` is more accurate than *every* content dummy, each by the exact two-sided McNemar p-value as
 *   it is (not Holm's) below α with the difference on the right side. A claim about every dummy at once is an
 *   intersection–union test: it is false as soon as one dummy is as good as `own`, and that one comparison errs in this
 *   direction with at most α/2. So the claim is false at most α/2 of the time, over the whole family, and it does not
 *   change with whatever other interventions were run. (Holm's p-values serve who reads single rows of the table.)
 * - **starved**: `oracle` beats every content dummy in the same way, and `own` does not. That `own` does not is itself
 *   something to be shown, not the mere lack of significance: `oracle` must beat `own` too. Again at most α/2.
 * - **bypassed**: every content dummy, and `oracle` where it exists, is equivalent to `own` by two one-sided tests at α:
 *   intersection–union again, at most α. "Makes no difference" is never concluded from a large p-value.
 * - **inconclusive**: otherwise, with the number of fresh examples that would decide it at 80 % power, by the rates
 *   observed so far (further.ts).
 *
 * Looked for in this order. A gain can be real and smaller than the margin; the reason says so then. Each verdict by
 * itself is false at most α of the time, load-bearing and starved together at most α. All three together reach 3α/2 in
 * one corner: a dummy exactly at the margin, another exactly equal to `own`, and so many examples that both are decided.
 */
import { differenceP } from "./comparison.ts";
import { freshText, ratesIfEqual } from "./further.ts";
import type { Comparison, Verdict } from "./schema.ts";
import { equivalencePower, examplesNeeded, mcnemarPower, observedDiscordance } from "./statistics/index.ts";
import { count, pEquals, points, pointsWithin } from "./words.ts";

/** What says nothing about the example at hand: latents that carry load must beat all of these. */
export const contentDummies = ["zeros", "noise", "noise-matched", "mean", "other-own"] as const;

export interface VerdictOptions {
  /** Examples in the audit. */
  n: number;
  /** Examples of them in which the model opened a latent block; `comparisons` must be on these. */
  opened: number;
  alpha?: number;
  /** For the number of further examples; 0.8 if left out. */
  power?: number;
}

export interface Judgement {
  verdict: Verdict;
  /** One sentence with figures. */
  reason: string;
  /** Only for "inconclusive": fresh examples that would decide it, without these; null where no number would. */
  further: number | null;
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
    row.clusters === undefined ? "exact McNemar" : `McNemar over ${count(row.clusters)} clusters of images`;
  return `${first} − ${second} ${pointsWithin(gain, interval)}, ${test} ${pEquals(pOf(claim))}, n = ${count(row.n)}`;
}

/**
 * The verdict from paired comparisons alone.
 *
 * @param comparisons - As `compareAll` makes them, on the examples in which a latent block was opened.
 *
 * Source: SCIENCE "Statistics"; the paper's pattern is arXiv 2605.18445's bypass analysis.
 *
 * @example
 * judge([], { n: 100, opened: 0 }).verdict; // "inconclusive"
 */
export function judge(comparisons: readonly Comparison[], options: VerdictOptions): Judgement {
  const { n, opened, alpha = 0.05, power = 0.8 } = options;
  const undecidable = (reason: string): Judgement => ({ verdict: "inconclusive", reason, further: null });
  if (opened === 0)
    return undecidable(
      `the model opened a latent block in none of ${count(n)} examples: nothing could be replaced`,
    );
  const row = (intervention: string, reference: string): Comparison | undefined =>
    comparisons.find(
      (c) => c.intervention === intervention && c.reference === reference && c.difference !== null,
    );
  const missing = contentDummies.filter((dummy) => row(dummy, "own") === undefined);
  if (missing.length > 0)
    return undecidable(
      `no verdict without every content dummy; missing or with fewer than 2 pairs: ${missing.join(", ")}`,
    );

  const over = (winner: string): Claimed[] =>
    contentDummies.flatMap((dummy) => {
      const found = row(dummy, winner);
      return found === undefined ? [] : [{ row: found, gain: -found.difference! }];
    });
  const shown = (claims: readonly Claimed[]): boolean =>
    claims.every((claim) => claim.gain > 0 && pOf(claim) < alpha);
  const own = over("own");
  const oracleRow = row("oracle", "own");
  const oracle =
    oracleRow !== undefined && over("oracle").length === contentDummies.length
      ? [...over("oracle"), { row: oracleRow, gain: oracleRow.difference! }]
      : null;
  const alike = [...own.map((claim) => claim.row), ...(oracleRow === undefined ? [] : [oracleRow])];
  const all = opened === n ? "" : `; on the ${count(opened)} of ${count(n)} examples with a latent block`;
  const small = (claims: readonly Claimed[]): string =>
    claims.every(({ row: { equivalent } }) => equivalent)
      ? "; every one of these gains is within the margin, though"
      : "";
  const margin = points(own[0]!.row.margin).replace("+", "±");

  if (shown(own))
    return {
      verdict: "load-bearing",
      reason: `own latents beat every content dummy; the least certain: ${sentence(weakest(own))}${small(own)}${all}`,
      further: null,
    };
  if (oracle !== null && shown(oracle))
    return {
      verdict: "starved",
      reason:
        `oracle latents beat every content dummy and own latents, which do not beat every dummy; ` +
        `the least certain: ${sentence(weakest(oracle))}${small(oracle)}${all}`,
      further: null,
    };
  if (alike.every(({ equivalent }) => equivalent)) {
    const widest = alike.reduce((worst, c) => (c.equivalenceP! > worst.equivalenceP! ? c : worst));
    return {
      verdict: "bypassed",
      reason:
        `every content dummy${oracleRow === undefined ? "" : " and the oracle"} is equivalent to own latents within ${margin}; ` +
        `the least certain: ${widest.intervention} − own ${pointsWithin(widest.difference!, widest.interval)}, ` +
        `two one-sided tests ${pEquals(widest.equivalenceP!)}, n = ${count(widest.n)}${all}`,
      further: null,
    };
  }

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
    ...gains("starved", oracle),
    {
      verdict: "bypassed",
      tests: alike.map((c) => {
        const rates = ratesIfEqual(c);
        return (examples) => {
          const n = (examples * c.n) / opened / (c.designEffect ?? 1);
          // The exact test asks for about one pair more than the normal formula.
          return equivalencePower(n, rates, Math.max(0, c.margin - 1 / n), alpha);
        };
      }),
    },
  ];
  const least = candidates
    .map(({ verdict, tests }) => ({ verdict, needed: examplesNeeded(tests, power) }))
    .filter((plan): plan is { verdict: Verdict; needed: number } => plan.needed !== null)
    .sort((a, b) => a.needed - b.needed)[0];
  const state = `own latents do not beat every content dummy (${sentence(weakest(own))}), nor are all equivalent within ${margin}`;
  if (least === undefined)
    return undecidable(
      `${state}; with the rates observed, no number of further examples would decide it${all}`,
    );
  const further = Math.max(1, Math.ceil((least.needed * n) / opened));
  return {
    verdict: "inconclusive",
    reason: `${state}; ${freshText(further, least.verdict, power)}${all}`,
    further,
  };
}
