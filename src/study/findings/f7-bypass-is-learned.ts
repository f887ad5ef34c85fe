import {
  count,
  equivalent,
  pEquals,
  points,
  pointsWithin,
  share,
  shareWithin,
} from "../../statistics/index.ts";
import { equivalenceWords, rule } from "./rule.ts";

/**
 * F7: the model trained on clear crops gains nothing from oracle latents on the same examples with the region hidden:
 * `oracle` is equivalent to `own` there (two one-sided tests at ±2 points).
 */
export const bypassIsLearned = rule(
  "Bypass is learned: the model trained on clear crops gains nothing even from oracle latents when the region is hidden at test time. A regime and not a law: where the helper image shows the mark that the base model looks for, some reading of oracles can remain (`lintel study regimes`).",
  "arXiv 2605.18445, masked-input experiment, read from the side of the model trained without masks",
  ({ audit, intervention, equivalence }) => {
    const masked = audit("crop", "joint", "masked");
    const { accuracy, interval } = intervention(masked, "oracle");
    const row = equivalence(masked, "oracle", "own");
    const margin = points(row.margin).replace("+", "±");
    const state = equivalent(row.equivalent, row.interval, row.margin);
    return {
      state,
      evidence:
        `With the region hidden, oracle − own ${pointsWithin(row.difference, row.interval)}, equivalence within ${margin} ` +
        `${equivalenceWords(state)} (two one-sided tests ${pEquals(row.equivalenceP)}); ` +
        `oracle ${accuracy === null ? "—" : shareWithin(accuracy, interval)}, chance ${share(masked.chance)}, n = ${count(row.n)}.`,
    };
  },
);
