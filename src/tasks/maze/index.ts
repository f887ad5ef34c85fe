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
      "lakes of 4 × 4 (for paths 5 × 5), 6 × 6 and 8 × 8 cells, and ever longer walks; holes in every lake from 2 on",
    usual: 1,
  }),
  ask: {
    default: "end",
    choices: ["end", "path", "mixed"],
    description:
      "where moves in words end (options are pictures), which path leads to the goal (words), or either",
  },
} as const satisfies Record<string, ParameterSpec>;

/**
 * Walks on a frozen lake of rocks and holes: where do these moves end, or which path leads to the goal? Helpers are
 * the states after each run of equal moves, the last of which is the right option where options are pictures.
 *
 * "End": the four options are where four sequences end that would all end in one cell on empty ice. "Path": the four
 * paths have the same start, goal, number of runs and of steps, and holes are on three. In both, any of the four might
 * have been chosen, so neither words nor pictures alone tell. No maze of training is in "eval" or "held-out", and
 * "held-out" has walks of two runs more.
 */
export const maze = defineTask({
  name: "maze",
  title: "Paths in a FrozenLake maze",
  description:
    "An elf walks over a frozen lake with rocks, which stop it, and holes, which keep it: where do these moves end, or " +
    "which path leads to the goal? The helper images are the states after each run of equal moves.",
  splits,
  parameters,
  generate,
  solve,
  describe,
});
