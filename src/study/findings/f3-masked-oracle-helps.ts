import { allOf, count, pEquals, pointsWithin, shareWithin, superior } from "../../statistics/index.ts";
import { ALPHA, rule } from "./rule.ts";

/**
 * F3: with the region masked, `oracle` beats every content-free control: difference > 0 and Holm-corrected McNemar p < 0.05.
 * Refuted where a dummy beats the oracle by the same test.
 */
export const maskedOracleHelps = rule(
  "With the region masked in the input, oracle latents beat every content-free control: informative helpers make a model rely on latents.",
  "arXiv 2605.18445, masked-input experiment",
  ({ audit, dummies, intervention, comparison }) => {
    const eval_ = audit("crop-masked", "joint", "eval");
    const { accuracy, interval } = intervention(eval_, "oracle");
    // The rows compare the dummy with the oracle; the gain of the oracle is their negative.
    const rows = dummies(eval_).map((dummy) => comparison(eval_, dummy, "oracle"));
    const each = rows.map(({ difference, holmP }) => superior(-difference, holmP, ALPHA));
    const beaten = each.filter((state) => state === "holds");
    const least = rows.reduce((worst, row) => (row.difference > worst.difference ? row : worst));
    const gain = pointsWithin(-least.difference, [-least.interval[1], -least.interval[0]]);
    return {
      state: allOf(each),
      evidence:
        `oracle ${accuracy === null ? "—" : shareWithin(accuracy, interval)} beats ${beaten.length} of ${rows.length} content-free controls; ` +
        `its smallest gain: ${gain} over ${least.intervention}, Holm-corrected McNemar ${pEquals(least.holmP)}, n = ${count(least.n)}.`,
    };
  },
);
