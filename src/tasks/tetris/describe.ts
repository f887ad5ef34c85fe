import { z } from "zod";
import type { Described, Example } from "../types.ts";
import { boxed, chanceOfOptions } from "./world.ts";

const cell = z.int().min(0).max(35);
const state = z.object({ options: z.array(z.array(z.number())), helper: z.array(cell).min(1).optional() });

/** The turned piece, row by row: "x" for a cell and "." for none. */
function rowsOf(cells: readonly number[]): string {
  const { cells: moved, rows, columns } = boxed(cells);
  const row = (r: number): string =>
    Array.from({ length: columns }, (_, c) => (moved.includes(6 * r + c) ? "x" : ".")).join(" ");
  return Array.from({ length: rows }, (_, r) => row(r)).join(" / ");
}

/** What the options give away by themselves, and the helper in words; nothing of an example without a state. */
export function describeTetris(example: Pick<Example, "state">): Described {
  const { data } = state.safeParse(example.state);
  if (!data) return {};
  const chance = chanceOfOptions(data.options);
  return {
    ...(chance * data.options.length > 1 + 1e-9 && { chance }),
    ...(data.helper && { helperText: `the turned piece is ${rowsOf(data.helper)}` }),
  };
}
