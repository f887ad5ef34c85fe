import { known, type Measured, unknown } from "../../statistics/index.ts";

export interface OptionDivergence {
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
  reference: Iterable<ArrayLike<number> | null>,
  other: Iterable<ArrayLike<number> | null>,
): Measured<OptionDivergence> {
  const sums = divergenceSums();
  const others = other[Symbol.iterator]();
  for (const from of reference) sums.add(from, (others.next().value as ArrayLike<number> | null) ?? null);
  return sums.result();
}

/**
 * `optionDivergence` of pairs that come one by one.
 *
 * @example
 * divergenceSums().result().reason; // "no pair of option distributions"
 */
export function divergenceSums(): {
  add(reference: ArrayLike<number> | null, other: ArrayLike<number> | null): void;
  result(): Measured<OptionDivergence>;
} {
  let kl = 0;
  let totalVariation = 0;
  let n = 0;
  return {
    add(from, to) {
      if (from === null || to === null) return;
      n++;
      let divergence = 0;
      for (let option = 0; option < from.length; option++) {
        // What is not finite is null in a journal.
        const logP = from[option] ?? Number.NaN;
        const p = Math.exp(logP);
        const logQ = to[option] ?? Number.NaN;
        if (p > 0) divergence += p * (logP - logQ);
        totalVariation += Math.abs(p - Math.exp(logQ)) / 2;
      }
      // Rounding can leave −1e-17 for equal distributions.
      kl += Math.max(0, divergence);
    },
    result() {
      if (n === 0) return unknown("no pair of option distributions");
      if (!Number.isFinite(kl) || !Number.isFinite(totalVariation))
        return unknown("an option has no probability under one of the two");
      return known({ kl: kl / n, totalVariation: totalVariation / n, n });
    },
  };
}
