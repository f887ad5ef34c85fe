import { count, pEquals, points, pointsWithin, share, shareWithin } from "../../audit/index.ts";
import { rule } from "./rule.ts";

/**
 * F7: the model trained on clear crops gains nothing from oracle latents on the same examples with the region hidden:
 * `oracle` is equivalent to `own` there (two one-sided tests at ±2 points).
 */
export const bypassIsLearned = rule(
  "Bypass is learned: the model trained on clear crops gains nothing even from oracle latents when the region is hidden at test time.",
  "arXiv 2605.18445, masked-input experiment, read from the side of the model trained without masks",
  ({ audit, intervention, equivalence }) => {
    const masked = audit("crop", "joint", "masked");
    const { accuracy, interval } = intervention(masked, "oracle");
    const row = equivalence(masked, "oracle", "own");
    const margin = points(row.margin).replace("+", "±");
    return {
      holds: row.equivalent,
      evidence:
        `With the region hidden, oracle − own ${pointsWithin(row.difference, row.interval)}, equivalence within ${margin} ` +
        `${row.equivalent ? "shown" : "not shown"} (two one-sided tests ${pEquals(row.equivalenceP)}); ` +
        `oracle ${accuracy === null ? "—" : shareWithin(accuracy, interval)}, chance ${share(masked.chance)}, n = ${count(row.n)}.`,
    };
  },
);
