import { ownBlocks } from "../../record/latents-file.ts";
import type { SuiteContext } from "../analysis.ts";

/** Distances below this part of a latent's norm are those of float32 sums in another order. */
const ROUNDING = 1e-4;

/**
 * Mean L2 distance between the latents of different examples, slot by slot; null below 2 examples, and 0 where they are equal
 * but for rounding.
 *
 * @example
 * betweenExamples([[Float32Array.of(0, 0)], [Float32Array.of(3, 4)]], 2); // 5
 */
export function betweenExamples(blocks: readonly (readonly Float32Array[])[], width: number): number | null {
  const first = blocks.flatMap(([z]) => (z?.every(Number.isFinite) ? [z] : []));
  if (first.length < 2) return null;
  let [sum, count, norms] = [0, 0, 0];
  // Every pair of examples would be quadratic; 20 partners for each are enough for a mean.
  const partners = Math.min(20, first.length - 1);
  for (const [i, z] of first.entries()) {
    for (let step = 1; step <= partners; step++) {
      const other =
        first[(i + step * Math.max(1, Math.floor(first.length / (partners + 1)))) % first.length]!;
      if (other === z || other.length !== z.length) continue;
      for (let at = 0; at < z.length; at += width) {
        let [squared, norm] = [0, 0];
        for (let j = at; j < at + width; j++) {
          squared += (z[j]! - other[j]!) ** 2;
          norm += z[j]! ** 2;
        }
        sum += Math.sqrt(squared);
        norms += Math.sqrt(norm);
        count++;
      }
    }
  }
  if (count === 0) return null;
  return sum < ROUNDING * norms ? 0 : sum / count;
}

/**
 * How far own latents move when the image is changed, relative to how far those of different examples are apart: near 0,
 * the latents do not see the image (arXiv 2602.22766, P(Z | do(X))).
 */
export const imageToLatents = ({ planner, latents, summary: { interventions } }: SuiteContext) => {
  const between = betweenExamples(ownBlocks(latents), latents.width);
  const changes = planner.interventions
    .filter(({ input }) => input !== undefined)
    .map(({ name }) => {
      const dose = interventions[name]?.dose;
      const change = dose?.distance ?? null;
      const reason =
        change === null
          ? (dose?.reasons?.distance ?? "it applied to no example")
          : between === null
            ? "fewer than 2 examples with own latents"
            : between === 0
              ? "own latents are the same for all examples"
              : undefined;
      return [
        name,
        {
          distance: change,
          cosine: dose?.cosine ?? null,
          relative: change !== null && between ? change / between : null,
          n: interventions[name]?.n ?? 0,
          ...(reason !== undefined && { reason }),
        },
      ];
    });
  return {
    betweenExamples: between,
    ...(between === null && { reason: "fewer than 2 examples with own latents" }),
    changes: Object.fromEntries(changes),
  };
};
