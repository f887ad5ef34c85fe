import { z } from "zod";
import { directions } from "../runs.ts";
import type { Described, Example } from "../types.ts";
import { play, side } from "./world.ts";

const stateSchema = z.object({
  board: z.array(z.int().min(0).max(8)).length(side * side),
  moves: z.array(z.enum(directions)),
});

/** The board after all moves in words, row by row, "-" for the gap; nothing of a state that is not of this task. */
export function describe({ state }: Pick<Example, "state" | "answer">): Described {
  const { data } = stateSchema.safeParse(state);
  const board = data && (play(data.board, data.moves).at(-1) ?? data.board);
  if (!board) return {};
  const row = (r: number): string =>
    board
      .slice(r * side, (r + 1) * side)
      .map((tile) => tile || "-")
      .join(" ");
  return { helperText: `the board is ${Array.from({ length: side }, (_, r) => row(r)).join(" / ")}` };
}
