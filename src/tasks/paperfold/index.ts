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
      "1: two folds along the edges, one hole; 2: also diagonal folds; 3: three folds of any kind, two holes",
  }),
} as const satisfies Record<string, ParameterSpec>;

/**
 * Paper folding: a square sheet is folded two or three times and punched; which sheet is it unfolded? The helpers are
 * the sheets after each unfolding, the last of which is the right option. Options are two ways to fold, which differ in
 * one fold, by two ways to punch, all with as many holes: the options by themselves tell nothing of the answer.
 *
 * "Held-out" folds in sequences that training never shows.
 */
export const paperfold = defineTask({
  name: "paperfold",
  title: "Paper folding",
  description:
    "A square sheet is folded two or three times and punched: which of four sheets is it unfolded? The helper images " +
    "are the sheets after each unfolding. Wrong options come from another fold, another punch, or both.",
  splits,
  parameters,
  generate,
  solve,
  describe,
});
