import type { Suite } from "./types.ts";

export const gradient: Suite = {
  title: "how much would the answer change if the latents did?",
  source: "white-box attribution and perturbation",
  interventions: [
    "own",
    ...["0.1", "0.3", "1"].flatMap((e) => [`adversarial(${e})`, `random-direction(${e})`]),
  ],
  analyses: ["attribution", "flips"],
};
