import { z } from "zod";
import type { Described, Example } from "../types.ts";
import { hues } from "./world.ts";

const end = z.object({ side: z.enum(["left", "top", "right", "bottom"]), along: z.number() });
const stateSchema = z.object({
  scene: z.object({
    gap: z.object({ size: z.number().positive() }),
    bands: z.array(
      z.object({
        hue: z
          .int()
          .min(0)
          .max(hues.length - 1),
        ends: z.tuple([end, end]),
      }),
    ),
  }),
});

/**
 * How the bands cross the gap, in words: the side, and how far along it in tenths, where each begins and ends; nothing of a state
 * that is not of this task.
 */
export function describe({ state }: Pick<Example, "state" | "answer">): Described {
  const { data } = stateSchema.safeParse(state);
  if (!data) return {};
  const { gap, bands } = data.scene;
  const place = ({ side, along }: z.infer<typeof end>): string =>
    `${side} ${Math.round((10 * along) / gap.size)}`;
  const told = bands.map(({ hue, ends }) => `${hues[hue]!} from ${place(ends[0])} to ${place(ends[1])}`);
  return { helperText: `the bands in the gap are ${told.join(" / ")}` };
}
