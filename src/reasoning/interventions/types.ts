import type { Example, Picture } from "../../tasks/index.ts";
import type { Random } from "../../util/index.ts";
import type { Plan } from "../continue.ts";

/** What an intervention may use to plan one example. All latents are [K·D]. */
export interface PlanContext {
  example: Example;
  /** Index of the example in the split. */
  index: number;
  k: number;
  width: number;
  /** A stream of its own for this intervention and example. */
  random: Random;
  /** Own latents of the example, one array per block; empty where it opened none. */
  own: readonly Float32Array[];
  /** Oracle latents of the example, one array per helper; empty where it has none. */
  oracle: readonly Float32Array[];
  /** Oracle latents of the counterfactual helpers of each option; null where there are none. */
  counterfactual: readonly (readonly Float32Array[] | null)[];
  /** The split as a whole. */
  split: SplitStatistics;
  /** Oracle-like latents of a random sub-region of one of the example's images; made before planning where needed. */
  crop: Float32Array | null;
}

/** What is known of a split once every example has been answered with its own latents. */
export interface SplitStatistics {
  /** First-block own and oracle latents by example index; null where an example has none. */
  own: readonly (Float32Array | null)[];
  oracle: readonly (Float32Array | null)[];
  /** Index of another example for each example: a derangement of those that have latents of the kind. */
  otherOwn: readonly (number | null)[];
  otherOracle: readonly (number | null)[];
  ownMean: Float32Array | null;
  /** Per slot and dimension, over the split. */
  ownDeviation: Float32Array | null;
  oracleMean: Float32Array | null;
}

export interface Planned {
  plan: Plan;
  /** Only `counterfactual`: the option that the block stands for. */
  target?: number;
}

/** What stands in the slots, and where that comes from. */
export interface Intervention {
  description: string;
  /** Papers that run it (SCIENCE.md). */
  source: string;
  /** Material that has to be computed before planning. */
  needs?: readonly ("split" | "oracle" | "counterfactual" | "crop")[];
  /** null: the example lacks what the intervention needs (no oracle, no counterfactual, no block). */
  plan(context: PlanContext): Planned | null;
}

/**
 * The same vectors in every block.
 *
 * @example
 * fixed(Float32Array.of(1, 2)).plan.blocks.length; // 1
 */
export const fixed = (latents: Float32Array | null | undefined): Planned | null =>
  latents ? { plan: { kind: "fixed", blocks: [latents] } } : null;

/** Side lengths of a random crop, as shares of the image (FAMILIES §15.1: 20–60 %). */
export const CROP_SHARE = [0.2, 0.6] as const;

/**
 * A random sub-region of a picture (SCIENCE.md `random-crop`; FAMILIES.md §1.6).
 *
 * @example
 * const picture = { width: 10, height: 10, pixels: new Uint8Array(300) };
 * randomCrop(picture, random(0, "crop")).width; // 2 … 6
 */
export function randomCrop(picture: Picture, random: Random): Picture {
  const share = () => CROP_SHARE[0] + (CROP_SHARE[1] - CROP_SHARE[0]) * random.uniform();
  const width = Math.max(1, Math.round(picture.width * share()));
  const height = Math.max(1, Math.round(picture.height * share()));
  const left = random.integer(picture.width - width + 1);
  const top = random.integer(picture.height - height + 1);
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * 3;
    pixels.set(picture.pixels.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, pixels };
}
