import {
  allOf,
  count,
  equivalent,
  pEquals,
  points,
  pointsWithin,
  shareWithin,
} from "../../statistics/index.ts";
import { rule } from "./rule.ts";

/** F1: every content-free control is equivalent to `own` on crops (two one-sided tests at ±2 points each; intersection–union). */
export const cropsBypassed = rule(
  "Crops are bypassed: putting zeros, noise, the mean or another example’s latents into the slots is equivalent to the model’s own latents.",
  "arXiv 2605.18445, intervention experiments on published latent-reasoning models",
  ({ audit, dummies, intervention, equivalence }) => {
    const eval_ = audit("crop", "joint", "eval");
    const own = intervention(eval_, "own");
    const rows = dummies(eval_).map((dummy) => {
      const row = equivalence(eval_, dummy, "own");
      return { ...row, state: equivalent(row.equivalent, row.interval, row.margin) };
    });
    const state = allOf(rows.map((row) => row.state));
    const telling = rows.filter((row) => row.state === state);
    const widest = telling.reduce((worst, row) => (row.equivalenceP > worst.equivalenceP ? row : worst));
    const margin = points(widest.margin).replace("+", "±");
    const detail = `${widest.intervention} − own ${pointsWithin(widest.difference, widest.interval)}, two one-sided tests ${pEquals(widest.equivalenceP)}`;
    const accuracy = `own ${own.accuracy === null ? "—" : shareWithin(own.accuracy, own.interval)}, n = ${count(eval_.n)}`;
    const names = telling.map(({ intervention: name }) => name).join(", ");
    return {
      state,
      evidence:
        state === "holds"
          ? `All ${rows.length} content-free controls are within ${margin} of own; the least certain: ${detail}; ${accuracy}.`
          : state === "refuted"
            ? `${names}: the difference from own is outside ${margin}; the furthest: ${detail}; ${accuracy}.`
            : `${names}: equivalence within ${margin} not shown; the furthest: ${detail}; ${accuracy}.`,
    };
  },
);
