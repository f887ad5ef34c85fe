import { defineTask } from "../define.ts";
import { commonParameters } from "../parameters.ts";
import type { ParameterSpec } from "../types.ts";
import { describe } from "./describe.ts";
import { generate } from "./generate.ts";
import { solve } from "./solve.ts";

const splits = ["train", "eval", "held-out"] as const;

const parameters = {
  ...commonParameters({
    difficulty: "moves of the gap: 2 or 3, 4 or 5, 6 to 8; in held-out two more of each",
    usual: 1,
  }),
} as const satisfies Record<string, ParameterSpec>;

/**
 * Sliding tiles on a 3 × 3 board: after these moves of the gap, which board is it? Helpers are the boards after each
 * move, the last of which is the right option. Wrong options come from other sequences of equally many moves, where
 * possible ones that leave the gap in the same place; their counterfactual helpers are the boards on their ways.
 *
 * No board that training starts from is started from in "eval" or "held-out"; "held-out" has two moves more.
 */
export const sliding = defineTask({
  name: "sliding",
  title: "Sliding tiles",
  description:
    "A 3 × 3 board of eight tiles and a gap, and moves of the gap in words: which of four boards is the result? " +
    "The helper images are the boards after each move. Wrong options come from other sequences of equally many moves.",
  splits,
  parameters,
  generate,
  solve,
  describe,
});
