import {
  binomialTest,
  type Interval,
  known,
  type Measured,
  type PValue,
  unknown,
  wilson,
} from "../../statistics/index.ts";

interface Following extends PValue {
  /** Share of examples that answer the option the injected block stands for. */
  rate: number;
  interval: Interval;
  /** What is followed without any latents: the mean over examples. */
  chance: number;
  followed: number;
  n: number;
}

/**
 * Does the answer follow an injected counterfactual? Inject the oracle of the helper that would make a given wrong
 * option right, and count the answers that name that option; p is the exact binomial test of "above chance".
 *
 * @param examples - Answer, the option the block stands for, the number of options, and what a reader of the options alone gets, where
 *   that is more than one over their number (then the options to be injected are among those that such a reader keeps).
 * @returns null with a reason for fewer than 2 examples.
 *
 * Source: arXiv 2603.25629, "latent-consistent" analysis; docs/published-families.md §15.5.
 *
 * @example
 * const steered = Array.from({ length: 20 }, () => ({ choice: 2, target: 2, options: 4 }));
 * counterfactualFollowing(steered).value?.rate; // 1
 */
export function counterfactualFollowing(
  examples: readonly {
    choice: number | null;
    target: number;
    options: number;
    chance?: number | undefined;
  }[],
): Measured<Following> {
  const n = examples.length;
  if (n < 2) return unknown(`${n} example${n === 1 ? "" : "s"} with a counterfactual; at least 2 are needed`);
  const followed = examples.filter(({ choice, target }) => choice === target).length;
  const chance = examples.reduce((sum, { options, chance: own = 1 / options }) => sum + own, 0) / n;
  const interval = wilson(followed, n);
  if (interval.value === null) return unknown(interval.reason);
  return known({
    rate: followed / n,
    interval: interval.value,
    chance,
    followed,
    n,
    ...binomialTest(followed, n, chance),
  });
}
