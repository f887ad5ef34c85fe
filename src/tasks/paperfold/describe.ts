import { z } from "zod";
import { columnAndRow } from "../runs.ts";
import type { Described, Example } from "../types.ts";
import { side } from "./world.ts";

const cell = z
  .int()
  .min(0)
  .max(side * side - 1);
const stateSchema = z.object({ options: z.array(z.array(cell).min(1)) });

/** The unfolded sheet in words: column and row of every hole, from 1; nothing of a state that is not of this task. */
export function describe({ state, answer }: Pick<Example, "state" | "answer">): Described {
  const holes = stateSchema.safeParse(state).data?.options[answer];
  if (!holes) return {};
  const places = [...holes].sort((a, b) => a - b).map((at) => columnAndRow(at, side));
  return { helperText: `the unfolded sheet has holes at ${places.join(" / ")}` };
}
