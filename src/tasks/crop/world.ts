import type { Random } from "../../util/index.ts";

/** Edge of a panel in pixels; a scene is two by two panels. */
export const panelPixels = 96;

/**
 * Where a scene shows which panel is marked: "ground" is the ground of the panel itself; "beside" is a square of a panel's
 * size at its left, a visual token of the pocket model to itself, so that neither the panel nor a crop of it shows the mark.
 */
export type MarkPlace = "ground" | "beside";

/**
 * Left and top of panel number `i` in pixels.
 *
 * @example
 * panelCorner(3, "beside"); // [288, 96]
 */
export function panelCorner(i: number, mark: MarkPlace): [number, number] {
  const column = mark === "beside" ? 2 * (i % 2) + 1 : i % 2;
  return [column * panelPixels, Math.floor(i / 2) * panelPixels];
}

/** Names and inks of the colors. */
export const colors = [
  ["red", [220, 38, 38]],
  ["blue", [59, 110, 246]],
  ["green", [22, 163, 74]],
  ["yellow", [250, 204, 21]],
  ["purple", [168, 60, 220]],
  ["orange", [249, 115, 22]],
] as const;

export const shapes = ["circle", "square", "triangle", "cross"] as const;

/** A colored shape in a panel; `dx`, `dy` move it off the panel's center, in pixels. */
export interface Thing {
  color: number;
  shape: number;
  dx: number;
  dy: number;
}

export interface PocketScene {
  /** Four panels: top left, top right, bottom left, bottom right. */
  panels: Thing[];
  /** Which of them is marked. */
  marked: number;
  ask: "color" | "shape";
  /** The words to choose from without the right one, in random order: as indices of colors or shapes. */
  distractors: number[];
}

/**
 * Whether a marked object of this color and shape is kept for the held-out split: one shape of every color, so
 * that every color and every shape is seen in training, but not these six together.
 */
export const isHeldOut = (color: number, shape: number): boolean => color % shapes.length === shape;

/** Draws a scene whose marked object belongs to the division. Answers are uniform over colors or shapes. */
export function drawScene(r: Random, heldOut: boolean, jitter: number): PocketScene {
  const offset = (): number => (jitter ? r.integer(2 * jitter + 1) - jitter : 0);
  const panels = Array.from({ length: 4 }, () => ({
    color: r.integer(colors.length),
    shape: r.integer(shapes.length),
    dx: offset(),
    dy: offset(),
  }));
  const marked = r.integer(4);
  const ask = r.integer(2) ? "color" : "shape";
  // The requested property is drawn first and uniformly, the other one among those that its division leaves: so the
  // question alone, or a masked picture, says nothing about the answer.
  const asked = r.integer(ask === "color" ? colors.length : shapes.length);
  const others = Array.from({ length: ask === "color" ? shapes.length : colors.length }, (_, i) => i);
  const allowed = others.filter(
    (other) => (ask === "color" ? isHeldOut(asked, other) : isHeldOut(other, asked)) === heldOut,
  );
  const other = r.pick(allowed);
  const [color, shape] = ask === "color" ? [asked, other] : [other, asked];
  panels[marked] = { ...panels[marked]!, color, shape };
  const wrong = Array.from({ length: ask === "color" ? colors.length : shapes.length }, (_, i) => i);
  return { panels, marked, ask, distractors: r.shuffled(wrong.filter((each) => each !== asked)).slice(0, 3) };
}

const describe = ({ color, shape, dx, dy }: Thing): string => `${color}.${shape}.${dx}.${dy}`;

/** What remains to be seen when the marked panel is hidden: the other panels and where the mark is. */
export function contextOf({ panels, marked }: PocketScene): string {
  return panels.map((thing, i) => (i === marked ? "*" : describe(thing))).join(" ");
}

/**
 * All that can be seen of an example when the marked panel is hidden, but for the order of the options. Distinct
 * by this, no two examples are equal, masked or not, nor do two masked ones look alike and have different answers.
 */
export function contentOf(scene: PocketScene): string {
  const { panels, marked, ask, distractors } = scene;
  const options = [...distractors, panels[marked]![ask]].sort((a, b) => a - b);
  return [contextOf(scene), ask, ...options].join(" ");
}
