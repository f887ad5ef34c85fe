import { known, type Measured, unknown } from "../../statistics/index.ts";

interface OptionDivergence {
  /** Mean KL(reference ‖ other) in nats. */
  kl: number;
  /** Mean total variation, ½ Σ |p − q|, in [0, 1]. */
  totalVariation: number;
  /** Pairs behind the means. */
  n: number;
}

/**
 * How far the option distributions move when the latents are replaced: sensitive where accuracy is not.
 *
 * @param reference - Per example the log-probabilities (nats) over its options, or null where no answer was reached.
 * @param other - The same under the intervention. Pairs with a null on either side are left out.
 * @returns null with a reason when no pair is left, or when an option that the reference gives mass has none.
 *
 * Source: docs/science.md "Reliance".
 *
 * @example
 * const log = (p: number[]): number[] => p.map(Math.log);
 * optionDivergence([log([0.5, 0.5])], [log([0.9, 0.1])]).value?.totalVariation; // 0.4
 */
export function optionDivergence(
  reference: readonly (readonly number[] | null)[],
  other: readonly (readonly number[] | null)[],
): Measured<OptionDivergence> {
  let kl = 0;
  let totalVariation = 0;
  let n = 0;
  reference.forEach((from, example) => {
    const to = other[example];
    if (from === null || to === null || to === undefined) return;
    n++;
    let divergence = 0;
    from.forEach((logP, option) => {
      const p = Math.exp(logP);
      const logQ = to[option] ?? Number.NaN;
      if (p > 0) divergence += p * (logP - logQ);
      totalVariation += Math.abs(p - Math.exp(logQ)) / 2;
    });
    // Rounding can leave −1e-17 for equal distributions.
    kl += Math.max(0, divergence);
  });
  if (n === 0) return unknown("no pair of option distributions");
  if (!Number.isFinite(kl) || !Number.isFinite(totalVariation))
    return unknown("an option has no probability under one of the two");
  return known({ kl: kl / n, totalVariation: totalVariation / n, n });
}
