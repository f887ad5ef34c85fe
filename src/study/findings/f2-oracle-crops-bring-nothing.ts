import { count, equivalent, pEquals, points, pointsWithin, shareWithin } from "../../statistics/index.ts";
import { equivalenceWords, rule } from "./rule.ts";

/** F2: `oracle` is equivalent to `own` on crops (two one-sided tests at ±2 points). */
export const oracleCropsBringNothing = rule(
  "Oracle latents of crops bring nothing: even perfect latents are equivalent to the model’s own.",
  "arXiv 2605.18445, oracle experiments on models supervised with crops of the input",
  ({ audit, intervention, equivalence }) => {
    const eval_ = audit("crop", "joint", "eval");
    const { accuracy, interval } = intervention(eval_, "oracle");
    const row = equivalence(eval_, "oracle", "own");
    const margin = points(row.margin).replace("+", "±");
    const state = equivalent(row.equivalent, row.interval, row.margin);
    return {
      state,
      evidence:
        `oracle − own ${pointsWithin(row.difference, row.interval)}, equivalence within ${margin} ${equivalenceWords(state)} ` +
        `(two one-sided tests ${pEquals(row.equivalenceP)}); oracle ${accuracy === null ? "—" : shareWithin(accuracy, interval)}, n = ${count(row.n)}.`,
    };
  },
);
