import { z } from "zod";
import type { Described, Example } from "../types.ts";
import { chanceOfOptions } from "./world.ts";

const state = z.object({ options: z.array(z.array(z.number())) });

/** What the options give away by themselves; nothing of an example without a state. */
export function describeTetris(example: Pick<Example, "state">): Described {
  const { data } = state.safeParse(example.state);
  if (!data) return {};
  const chance = chanceOfOptions(data.options);
  return chance * data.options.length > 1 + 1e-9 ? { chance } : {};
}
