import { z } from "zod";
import { columnAndRow } from "../runs.ts";
import type { Described, Example } from "../types.ts";
import { colors } from "./world.ts";

const index = z.int().nonnegative();
const stateSchema = z.object({
  side: z.int().positive(),
  options: z.array(z.tuple([index.max(colors.length - 1), index])),
});

/** Where the ball has rolled, in words: column and row from 1; nothing of a state that is not of this task. */
export function describe({ state, answer }: Pick<Example, "state" | "answer">): Described {
  const { data } = stateSchema.safeParse(state);
  const option = data?.options[answer];
  if (!data || !option) return {};
  const [ball, end] = option;
  return { helperText: `the ${colors[ball]!} ball is at ${columnAndRow(end, data.side)}` };
}
