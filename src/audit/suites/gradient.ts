import { share } from "../../statistics/index.ts";
import { firstOf, not } from "./evidence.ts";
import { suite } from "./suite.ts";

/** A slot with less than this share of the gradient is not used. */
const LEAST = 0.05;

export const gradient = suite({
  title: "how sensitive is the answer to small changes of the latents?",
  source: "white-box attribution and perturbation",
  interventions: [
    "own",
    ...["0.1", "0.3", "1"].flatMap((e) => [`adversarial(${e})`, `random-direction(${e})`]),
  ],
  analyses: ["attribution", "flips", "slotInfluence"],
  conclusions: {
    sensitive: "the worst perturbation of one deviation changes the answer, by way of more than one slot",
    "one slot": "it does, and one of several slots has at least 95 % of the gradient",
    insensitive: "after the worst perturbation of one deviation the answer is the same",
  },
  conclude({ changes, result }) {
    const found = result("attribution");
    const slots = found && "slots" in found ? found.slots : [];
    const total = slots.reduce((sum, slot) => sum + (slot.perDeviation ?? 0), 0);
    const shares = slots.map((slot) => (slot.perDeviation ?? 0) / total);
    const single = slots.length > 1 && total > 0 && Math.max(...shares) >= 1 - LEAST;
    const worst = changes("adversarial(1)");
    const bySlot = total > 0 ? `; of the gradient, by slot: ${shares.map(share).join(", ")}` : "";
    const text = worst.text + bySlot;
    return firstOf([
      [single ? "one slot" : "sensitive", { ...worst, text }],
      ["insensitive", not(worst)],
    ]);
  },
});
