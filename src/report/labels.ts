/** What the names in `results.json` mean, in words for the page. Definitions: docs/science.md and the papers it cites. */
import type { Verdict } from "../audit/index.ts";

/** What an intervention is to the reader; decides its color and its place in charts. */
export type Role = "own" | "oracle" | "dummy" | "control" | "steer";

export interface InterventionWords {
  role: Role;
  /** What stands in the slots. */
  holds: string;
}

/** In the order of charts and tables. */
export const INTERVENTIONS: Record<string, InterventionWords> = {
  own: { role: "own", holds: "the model’s own hidden states, fed back: how it is meant to run" },
  oracle: { role: "oracle", holds: "the compressed vision features of the right helper image" },
  zeros: { role: "dummy", holds: "zeros" },
  noise: { role: "dummy", holds: "standard normal noise" },
  "noise-matched": {
    role: "dummy",
    holds: "Gaussian noise with the per-dimension mean and variance of own latents over the split",
  },
  mean: { role: "dummy", holds: "the split’s mean own latent, slot by slot" },
  "other-own": { role: "dummy", holds: "the own latents of another example" },
  "mean-oracle": { role: "control", holds: "the split’s mean oracle latent, slot by slot" },
  "other-oracle": { role: "control", holds: "the oracle latents of another example" },
  shuffle: { role: "control", holds: "the own latents with their slots in random order" },
  "first-repeat": { role: "control", holds: "the first own latent in every slot" },
  "marker-repeat": {
    role: "control",
    holds: "the embedding of the slot’s placeholder token in every slot: a pause token",
  },
  "random-crop": {
    role: "control",
    holds: "features of a random region of the input image, compressed alike",
  },
  skip: { role: "control", holds: "nothing: the start marker, then at once the end marker" },
  "no-markers": { role: "control", holds: "nothing; the start marker is suppressed and text goes on" },
  "slots-only": { role: "control", holds: "own latents without the two markers" },
  counterfactual: {
    role: "steer",
    holds: "the oracle of the helper image that would make a given wrong option right",
  },
};

/**
 * The role of an intervention; names this page does not know are controls.
 *
 * @example
 * roleOf("zeros"); // "dummy"
 */
export function roleOf(name: string): Role {
  return Object.hasOwn(INTERVENTIONS, name) ? INTERVENTIONS[name]!.role : "control";
}

/**
 * Names in the order of the page: the known ones as in `INTERVENTIONS`, then the others as they come.
 *
 * @example
 * inOrder(["zeros", "blend(0.5)", "own"]); // ["own", "zeros", "blend(0.5)"]
 */
export function inOrder(names: readonly string[]): string[] {
  const known = Object.keys(INTERVENTIONS).filter((name) => names.includes(name));
  return [...known, ...names.filter((name) => !known.includes(name))];
}

/** How each role is drawn: a palette variable and a symbol of Plot, so that color is never the only sign. */
export const ROLE_MARKS: Record<Role, { color: string; symbol: string; label: string }> = {
  own: { color: "var(--own)", symbol: "circle", label: "own" },
  oracle: { color: "var(--oracle)", symbol: "diamond", label: "oracle" },
  dummy: { color: "var(--dummy)", symbol: "square", label: "content dummies" },
  control: { color: "var(--control)", symbol: "times", label: "other controls" },
  steer: { color: "var(--steer)", symbol: "triangle", label: "injected counterfactual" },
};

/** What each verdict says; the rules are in docs/science.md, "Statistics". */
export const VERDICTS: Record<Verdict, string> = {
  "load-bearing": "Own latents beat every content dummy: take them out and the answers fall.",
  starved:
    "Oracle latents beat every content dummy, and own latents are shown to close at most a tenth of the way from the best dummy to them: the model would use good latents and does not make them.",
  bypassed:
    "Every content dummy, and the oracle where there is one, is equivalent to own latents within the margin: the answers do not rest on what stands in the slots.",
  inconclusive: "None of the three could be shown, for the reason given with the verdict.",
  "no-latents": "The model opened no latent block: there is nothing to replace.",
};
