import { defineTask } from "../define.ts";
import { commonParameters } from "../parameters.ts";
import type { ParameterSpec } from "../types.ts";
import { describe } from "./describe.ts";
import { generate } from "./generate.ts";
import { solve } from "./solve.ts";

const splits = ["train", "eval", "held-out"] as const;

const parameters = commonParameters({
  difficulty: "boards of 5 × 5, 6 × 6 and 8 × 8 cells, with 2, 3 and 4 balls and as many runs",
  usual: 1,
}) satisfies Record<string, ParameterSpec>;

/**
 * A ball rolls behind a screen: what would be seen without the screen? The helper is that board, and the right option
 * shows it. The options show one ball in four cells, or either of two balls after either of two rolls: any of the four
 * might have been described, so neither words nor pictures alone tell.
 *
 * No scene of training is in "eval" or "held-out"; "held-out" tells rolls (sequences of runs) of its own.
 */
export const hidden = defineTask({
  name: "hidden",
  title: "Tracking a ball behind a screen",
  description:
    "A ball rolls behind a screen, as words tell: what would be seen without the screen? The helper image is that " +
    "board. Wrong options show where other rolls, or another ball, would have ended.",
  splits,
  parameters,
  generate,
  solve,
  describe,
});
