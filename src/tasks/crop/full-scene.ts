import type { Random } from "../../util/index.ts";
import { colors, shapes } from "./world.ts";

/** Scenes of the full rendering: a square of things, of which one is framed. */

/** What is in a field. `dx`, `dy` move it off the middle, in pixels of a field of 96 pixels. */
export interface Item {
  kind: "shape" | "dots" | "text";
  /** Index into `colors`. */
  color: number;
  /** The name of a shape, the number of dots, or two characters. */
  value: string;
  /** Which of nine places the dots take; empty for others. */
  places: number[];
  dx: number;
  dy: number;
}

export type Ask = "color" | Item["kind"];

export interface FullScene {
  side: number;
  /** Row by row. */
  items: Item[];
  marked: number;
  ask: Ask;
  /** The words to choose from without the right one, in random order. */
  distractors: string[];
}

/** Fields along the edge of a scene, by difficulty. */
export const sides: readonly number[] = [6, 4, 6, 8];

const colorNames: readonly string[] = colors.map(([name]) => name);
const counts = ["1", "2", "3", "4", "5", "6"] as const;
/** Without those that look alike. */
const characters = [..."ABCEFHKLMNPRTUVXY34679"];

/**
 * Whether a framed thing of this color and value is kept for the held-out split: for every color some shapes,
 * numbers and first characters, so that all of them are seen in training, but not together.
 */
export function isHeldOutItem(color: number, kind: Item["kind"], value: string): boolean {
  if (kind === "shape") return color % shapes.length === (shapes as readonly string[]).indexOf(value);
  if (kind === "dots") return color === Number(value) - 1;
  return characters.indexOf(value[0]!) % colors.length === color;
}

function drawValue(r: Random, kind: Item["kind"]): string {
  if (kind === "shape") return r.pick(shapes);
  return kind === "dots" ? r.pick(counts) : r.pick(characters) + r.pick(characters);
}

/** An item with another value; dots keep places of their own, fewer or more of the same order. */
export function withValue(item: Item, value: string, order: readonly number[]): Item {
  return { ...item, value, places: item.kind === "dots" ? order.slice(0, Number(value)) : [] };
}

/** Four different words to choose from, drawn without a look at which one is right. */
function drawWords(r: Random, ask: Ask): string[] {
  if (ask === "color") return r.shuffled(colorNames).slice(0, 4);
  if (ask === "shape") return r.shuffled(shapes);
  if (ask === "dots") return r.shuffled(counts).slice(0, 4);
  const words = new Set<string>();
  while (words.size < 4) words.add(drawValue(r, "text"));
  return [...words];
}

/**
 * Draws a scene whose framed thing belongs to the division, and the order in which dots would come for any number.
 * What is requested is drawn first and uniformly: the question alone, or a masked picture, says nothing about it.
 */
export function drawFullScene(
  r: Random,
  side: number,
  heldOut: boolean,
  jitter: number,
): { scene: FullScene; order: number[] } {
  const offset = (): number => (jitter ? r.integer(2 * jitter + 1) - jitter : 0);
  const places = Array.from({ length: 9 }, (_, i) => i);
  const drawItem = (): Item => {
    const kind = r.pick(["shape", "dots", "text"] as const);
    const item: Item = {
      kind,
      color: r.integer(colors.length),
      value: "",
      places: [],
      dx: offset(),
      dy: offset(),
    };
    return withValue(item, drawValue(r, kind), r.shuffled(places));
  };
  const items = Array.from({ length: side * side }, drawItem);
  const marked = r.integer(items.length);
  const ask = r.pick(["color", "shape", "dots", "text"] as const);
  const [right, ...distractors] = drawWords(r, ask) as [string, ...string[]];
  const kind = ask === "color" ? r.pick(["shape", "dots", "text"] as const) : ask;
  const order = r.shuffled(places);
  // The other property is drawn until the two together belong to the division: each value has such partners.
  let color: number;
  let value: string;
  do {
    color = ask === "color" ? colorNames.indexOf(right) : r.integer(colors.length);
    value = ask === "color" ? drawValue(r, kind) : right;
  } while (isHeldOutItem(color, kind, value) !== heldOut);
  items[marked] = withValue({ ...items[marked]!, kind, color }, value, order);
  return { scene: { side, items, marked, ask, distractors }, order };
}

/** The word that answers what is asked. */
export const answerOf = (ask: Ask, item: Item): string =>
  ask === "color" ? colorNames[item.color]! : item.value;

/** The thing that would make another word right. */
export const answeredBy = (ask: Ask, item: Item, word: string, order: readonly number[]): Item =>
  ask === "color" ? { ...item, color: colorNames.indexOf(word) } : withValue(item, word, order);
