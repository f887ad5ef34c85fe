import { z } from "zod";
import type { Described, Example } from "../types.ts";
import { fieldBox } from "./sheet.ts";
import { panelCorner, panelPixels } from "./world.ts";

/** What is read of an example's state: it may come out of anybody's file. */
const stateSchema = z.union([
  z.object({
    side: z.int().min(1).max(64),
    marked: z.int().nonnegative(),
    masked: z.boolean(),
    items: z.array(
      z.object({ kind: z.enum(["shape", "dots", "text"]), color: z.string(), value: z.string() }),
    ),
  }),
  z.object({
    marked: z.int().min(0).max(3),
    masked: z.boolean(),
    mark: z.enum(["ground", "beside"]).default("ground"),
    panels: z.array(z.object({ color: z.string(), shape: z.string() })).length(4),
  }),
]);
type State = z.infer<typeof stateSchema>;

const places = ["top left", "top right", "bottom left", "bottom right"];

function item({ kind, color, value }: Extract<State, { side: number }>["items"][number]): string {
  if (kind === "dots") return `${value} ${color} ${value === "1" ? "dot" : "dots"}`;
  return kind === "text" ? `the text ${value} in ${color}` : `a ${color} ${value}`;
}

function captionOf(state: State): string {
  const hidden = (i: number, words: string): string =>
    i === state.marked && state.masked ? "something hidden by grey" : words;
  if ("panels" in state) {
    const seen = state.panels.map(({ color, shape }, i) => `${places[i]} ${hidden(i, `${color} ${shape}`)}`);
    return `${seen.join(" , ")} ; marked is the ${places[state.marked]} :`;
  }
  const { side, marked, items } = state;
  const rows = Array.from({ length: side }, (_, row) => {
    const words = items
      .slice(row * side, (row + 1) * side)
      .map((each, i) => hidden(row * side + i, item(each)));
    return `Row ${row + 1}: ${words.join(", ")}.`;
  });
  const [row, column] = [Math.floor(marked / side) + 1, (marked % side) + 1];
  return `A picture of ${side} rows of ${side} things. ${rows.join(" ")} A frame stands around the thing in row ${row}, column ${column}.`;
}

/**
 * Where the marked thing is in the scene, and the scene in words; nothing of a state that is not of this task.
 */
export function describe({ state }: Pick<Example, "state">): Described {
  const parsed = stateSchema.safeParse(state);
  if (!parsed.success) return {};
  const { data } = parsed;
  if ("panels" in data) {
    const panel = data.panels[data.marked];
    const [x, y] = panelCorner(data.marked, data.mark);
    return {
      regions: [{ image: 0, box: [x, y, x + panelPixels, y + panelPixels] }],
      caption: captionOf(data),
      ...(panel && { helperText: `marked is ${panel.color} ${panel.shape}` }),
    };
  }
  const { side, marked, items } = data;
  if (items.length !== side * side || marked >= items.length) return {};
  return {
    regions: [{ image: 0, box: fieldBox(side, marked) }],
    caption: captionOf(data),
    helperText: `In the frame is ${item(items[marked]!)}.`,
  };
}
