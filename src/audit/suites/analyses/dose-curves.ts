import type { SuiteContext } from "../analysis.ts";

/** Augmentations of the input, whose curves are reported where they were run. */
const AUGMENTATIONS = ["noisy-image", "blurred-image", "cropped-image", "rotated-image", "brightened-image"];

/**
 * Accuracy, distance from own latents and change of the answer's distribution along `blend` and `jitter`, along the
 * number of latents (`own-steps`), and along augmentations of the image: there the distance is the drift of own latents.
 */
export const doseCurves = ({ planner, summary: { interventions, comparisons } }: SuiteContext) =>
  Object.fromEntries(
    [
      ...["blend", "jitter", "own-steps"],
      ...AUGMENTATIONS.filter((name) => planner.interventions.some(({ base }) => base === name)),
    ].map((base) => [
      base,
      planner.interventions
        .filter((each) => each.base === base)
        .map(({ name, values }) => {
          const found = interventions[name];
          const change = comparisons.find((c) => c.intervention === name && c.reference === "own");
          const nothing = { accuracy: null, interval: null, reason: "it applied to no example" };
          const why = found?.dose?.reasons?.distance ?? found?.reasons?.interval;
          return {
            at: Object.values(values)[0],
            ...(found
              ? {
                  accuracy: found.accuracy,
                  interval: found.interval,
                  n: found.n,
                  distance: found.dose?.distance ?? null,
                  ...(why !== undefined && { reason: why }),
                }
              : nothing),
            difference: change?.difference ?? null,
            agreement: change?.agreement ?? null,
            kl: change?.kl ?? null,
            totalVariation: change?.totalVariation ?? null,
          };
        }),
    ]),
  );
