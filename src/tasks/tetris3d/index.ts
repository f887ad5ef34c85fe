import { defineTask } from "../define.ts";
import { commonParameters } from "../parameters.ts";
import type { ParameterSpec } from "../types.ts";
import { describe } from "./describe.ts";
import { generate } from "./generate.ts";
import { solve } from "./solve.ts";

const splits = ["train", "eval", "held-out", "held-out-cells"] as const;

const parameters = {
  by: {
    default: "words",
    choices: ["words", "analogy"],
    description: "how the rotation is specified: by axis and angle, or by an example A to B",
  },
  decoy: {
    default: "mixed",
    choices: ["mixed", "change", "mirror"],
    description: "the other object among the options: one cube moved, the mirror image, or either",
  },
  ...commonParameters({
    difficulty:
      "1: a turn about an axis; 2: two turns (by analogy: a rotation that is no turn about one of the axes); 3: three " +
      "turns (by analogy: as 2)",
    usual: 1,
  }),
} as const satisfies Record<string, ParameterSpec>;

/**
 * Rotation in space: an object of cubes is turned about an axis, or as A turned to become B; which view shows it then?
 * The helpers are the views after each turn. Options: the object and one easily taken for it (mirrored, or with one
 * cube moved), each turned by the given rotation and by others; so the options by themselves tell nothing of the answer. No view
 * hides a cube: each shows a whole side.
 *
 * Splits: "eval" shows shapes that training shows, "held-out" other shapes of as many cubes, "held-out-cells" shapes
 * of 8 cubes instead of 6 or 7; shapes count as equal up to rotation and reflection.
 */
export const tetris3d = defineTask({
  name: "tetris3d",
  title: "Rotation of polycubes in space",
  description:
    "An object of cubes is turned about a named axis, or as A turned to become B: which view shows it then? The helper " +
    "images are the views after each turn. Options: the object and its mirror image (or one with a cube moved), each " +
    "turned by the given rotation and by others.",
  splits,
  parameters,
  generate,
  solve,
  describe,
});
