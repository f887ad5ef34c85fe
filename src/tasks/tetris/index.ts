import { defineTask, panelFacts } from "../define.ts";
import { commonParameters } from "../parameters.ts";
import type { ParameterSpec } from "../types.ts";
import { compositePixels } from "./composite.ts";
import { describeTetris } from "./describe.ts";
import { generate } from "./generate.ts";
import { solve } from "./solve.ts";

const splits = ["train", "eval", "held-out", "held-out-cells"] as const;

const parameters = {
  ...commonParameters({ difficulty: "cells of a shape: 1: 6 or 7; 2: 6 to 9; 3: 8 or 9" }),
  by: {
    default: "analogy",
    choices: ["analogy", "words", "moved"],
    description:
      "how the rotation is specified: by an example A to B, by its angle in words (clockwise), or by an A to B that was " +
      "moved as well; then no option is at the place of the helper",
  },
  exemplars: {
    default: 0,
    min: 0,
    max: 1000,
    description:
      "draw A from this many fixed panels, which makes the angle easy to learn; 0: any shape in any place",
  },
  decoy: {
    default: "mixed",
    choices: ["mixed", "change", "mirror"],
    description: "the option that is no rotation of C: one cell moved, the mirror image, or either",
  },
  options: {
    default: "paired",
    choices: ["paired", "rotations"],
    description:
      "paired: two turns of C and two of its look-alike, so that options alone tell nothing; rotations: three turns " +
      "of C and one look-alike, as in the published pocket study",
  },
  sheet: {
    default: "standard",
    choices: ["standard", "lantern"],
    description:
      "pixels in full rendering: 768 × 512 and a helper of 320 × 320; lantern: 872 × 794 and 622 × 332",
  },
  second: {
    default: "none",
    choices: ["none", "mirror", "either"],
    description:
      "a second step, described in words, with a second helper: none, mirrored left to right, or this or turned on",
  },
  layout: {
    default: "panels",
    choices: ["panels", "composite"],
    description:
      "pocket rendering: one picture per panel, or all of them, in colored frames, and others, in gray ones, " +
      "in one picture of 8 × 8 visual tokens",
  },
  tokens: {
    default: "one",
    choices: ["one", "four"],
    description:
      "visual tokens of a panel in pocket rendering, and latents of a block; always four in a composite",
  },
  edits: {
    default: false,
    quiet: true,
    description:
      "edited versions of every example as well: C turned (space), C as its look-alike (shape), another A and B (exemplar)",
  },
} as const satisfies Record<string, ParameterSpec>;

/**
 * Rotation by analogy: A is to B as C is to which of a–d? The helper image, C rotated, is not part of the input
 * as such: to know which option it equals, a model must have turned C by the angle between A and B.
 *
 * Panels of 6 × 6 cells hold polyominoes of 6 to 9 cells without any symmetry. The options are two turns of C and two
 * of a look-alike of C; C itself is never among them. "Held-out" shows only shapes that training never shows,
 * up to translation, rotation and reflection; "held-out-cells" shapes of 10 cells, more than any other split has.
 */
export const tetris = defineTask({
  name: "tetris",
  title: "Rotation of polyominoes",
  description:
    "A is to B as C is to which of (a)–(d)? B is A rotated; the helper image is C rotated likewise. " +
    "Options: turns of C other than C itself, and of a look-alike of C (one cell moved, or mirrored).",
  splits,
  parameters,
  pocket({ tokens, layout }) {
    const four = { ...panelFacts, latentsPerBlock: 4, panelTokens: 4 };
    if (layout === "composite") return { ...four, maxPixels: compositePixels ** 2 };
    return tokens === "four" ? { ...four, maxPixels: 576 } : panelFacts;
  },
  generate,
  solve,
  describe: describeTetris,
});
