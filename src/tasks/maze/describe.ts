import { z } from "zod";
import { columnAndRow } from "../runs.ts";
import type { Described, Example } from "../types.ts";

const stateSchema = z.object({
  side: z.int().positive(),
  stops: z.array(z.int().nonnegative()).min(1),
});

/** Where the elf ends, in words: column and row from 1; nothing of a state that is not of this task. */
export function describe({ state }: Pick<Example, "state" | "answer">): Described {
  const { data } = stateSchema.safeParse(state);
  if (!data) return {};
  const end = data.stops.at(-1)!;
  return { helperText: `the elf is at ${columnAndRow(end, data.side)}` };
}
