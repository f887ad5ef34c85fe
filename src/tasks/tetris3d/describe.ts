import { z } from "zod";
import type { Described, Example } from "../types.ts";

const cube = z.tuple([z.int(), z.int(), z.int()]);
const stateSchema = z.object({ options: z.array(z.array(cube).min(1)) });

/**
 * The turned object in words: x, y and z of every cube, each from 1 where the object begins; nothing of a state that is not of
 * this task.
 */
export function describe({ state, answer }: Pick<Example, "state" | "answer">): Described {
  const cubes = stateSchema.safeParse(state).data?.options[answer];
  if (!cubes) return {};
  const least = [0, 1, 2].map((axis) => Math.min(...cubes.map((each) => each[axis]!)));
  const places = cubes.map((each) => each.map((at, axis) => at - least[axis]! + 1).join(" ")).sort();
  return { helperText: `the object has cubes at ${places.join(" / ")}` };
}
