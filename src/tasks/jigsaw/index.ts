import { defineTask } from "../define.ts";
import { commonParameters } from "../parameters.ts";
import type { ParameterSpec } from "../types.ts";
import { describe } from "./describe.ts";
import { generate } from "./generate.ts";
import { solve } from "./solve.ts";

const splits = ["train", "eval", "held-out"] as const;

const parameters = {
  ...commonParameters({
    difficulty:
      "1: a gap of half the picture's width, wide bands that are far off in wrong pieces; 2: a smaller one, less far " +
      "off; 3: still smaller, and off at one end only; with 4, 6, 8 discs around",
  }),
} as const satisfies Record<string, ParameterSpec>;

/**
 * Jigsaw: a square is missing from a picture; which piece completes it? The helper is the completed picture. Two bands
 * of color run through the gap. In wrong pieces one of them or both run otherwise, so that they break off at the
 * border; as any of the four pieces might have been cut out, they tell nothing of the answer by themselves.
 *
 * "Held-out" shows pairs of colors of bands that training never shows together.
 */
export const jigsaw = defineTask({
  name: "jigsaw",
  title: "The missing piece of a picture",
  description:
    "A square is missing from a picture of discs and two bands: which of four pieces completes it? The helper image is " +
    "the completed picture. In wrong pieces one band or both run otherwise and break off at the border.",
  splits,
  parameters,
  generate,
  solve,
  describe,
});
