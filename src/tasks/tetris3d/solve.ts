import { only, type Panel, panelsOf } from "../panels.ts";
import type { Example } from "../types.ts";

/**
 * This solver shares nothing with the generator but the rules of the task: where a step along each axis leads in a
 * picture, and that every cube shows a whole side. It finds whole sides in the pixels, tells from each which cube it
 * belongs to, and turns the cubes with code of its own.
 */
type Position3D = [number, number, number];

/** Pixels right and down of a step along x, y and z in a sheet; half of that where views are images of their own. */
const steps = [
  [-16, 12],
  [24, 10],
  [0, -24],
] as const;

/** A patch of pixels of one color: its number of pixels and the box around them. */
interface Patch {
  color: number;
  area: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The patches of a panel other than its ground. */
function patchesOf({ picture, x, y, width, height }: Panel): Patch[] {
  const colors = new Int32Array(width * height);
  for (let row = 0, i = 0; row < height; row++) {
    for (let at = ((y + row) * picture.width + x) * 3, end = i + width; i < end; i++, at += 3)
      colors[i] = (picture.pixels[at]! << 16) | (picture.pixels[at + 1]! << 8) | picture.pixels[at + 2]!;
  }
  const ground = colors[0]!;
  const found: Patch[] = [];
  const open: number[] = [];
  for (let start = 0; start < colors.length; start++) {
    const color = colors[start]!;
    if (color === ground || color < 0) continue;
    const patch = { color, area: 0, left: width, top: height, right: -1, bottom: -1 };
    colors[start] = -1;
    open.push(start);
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      const column = i % width;
      const row = (i - column) / width;
      patch.area++;
      patch.left = Math.min(patch.left, column);
      patch.right = Math.max(patch.right, column);
      patch.top = Math.min(patch.top, row);
      patch.bottom = Math.max(patch.bottom, row);
      for (const next of [column > 0 ? i - 1 : i, column < width - 1 ? i + 1 : i, i - width, i + width]) {
        if (colors[next] !== color) continue;
        colors[next] = -1;
        open.push(next);
      }
    }
    found.push(patch);
  }
  return found;
}

const brightness = (color: number): number => (color >> 16) + ((color >> 8) & 255) + (color & 255);

/** The largest patch of every color: a whole side, but for edges. */
function largestOf(patches: readonly Patch[]): Map<number, Patch> {
  const largest = new Map<number, Patch>();
  for (const patch of patches)
    if (patch.area > (largest.get(patch.color)?.area ?? 0)) largest.set(patch.color, patch);
  return largest;
}

/**
 * The cubes seen in a panel, wherever they are in space. Of the four colors, which all views share, the darkest
 * is that of edges; of the others, top sides are brightest, then left ones, then right.
 */
function cubesOf(patches: readonly Patch[], models: ReadonlyMap<number, Patch>, scale: number): Position3D[] {
  const colors = [...models.keys()].sort((a, b) => brightness(a) - brightness(b));
  const places = new Map<string, Position3D>();
  let first: [number, number] | null = null;
  for (const [color, missing] of [
    [colors[3], 2],
    [colors[2], 0],
    [colors[1], 1],
  ] as const) {
    const ofSide = patches.filter((patch) => patch.color === color);
    const model = models.get(color!)!;
    // The box of a side: spanned by the two steps that run along it, from where the cube's corner is.
    const along = steps.filter((_, axis) => axis !== missing);
    const least = (i: 0 | 1): number => along.reduce((sum, step) => sum + Math.min(0, step[i]), 0);
    const whole = (i: 0 | 1): number => along.reduce((sum, step) => sum + Math.abs(step[i]), 0) * scale;
    for (const { area, left, top, right, bottom } of ofSide) {
      const smaller = model.right - model.left - (right - left) + (model.bottom - model.top - (bottom - top));
      if (area < 0.85 * model.area || smaller > 2) continue;
      // Where the cube's own corner is, less the edge's thickness, which is alike for all sides of one kind.
      const x = (left + right + 1 - whole(0)) / 2 - (least(0) + steps[missing]![0]) * scale;
      const y = (top + bottom + 1 - whole(1)) / 2 - (least(1) + steps[missing]![1]) * scale;
      first ??= [x, y];
      const place = placeAt((x - first[0]) / scale, (y - first[1]) / scale);
      if (place) places.set(String(place), place);
    }
  }
  return [...places.values()];
}

/** The displacement in the lattice nearest to one in a sheet, no longer than objects are; null where none is near. */
function placeAt(right: number, down: number): Position3D | null {
  const range = [-3, -2, -1, 0, 1, 2, 3];
  let best: Position3D | null = null;
  let nearest = 3;
  for (const x of range) {
    for (const y of range) {
      const across = x * steps[0][0] + y * steps[1][0] - right;
      if (Math.abs(across) > 3) continue;
      for (const z of range) {
        const along = x * steps[0][1] + y * steps[1][1] + z * steps[2][1] - down;
        const distance = Math.max(Math.abs(across), Math.abs(along));
        if (distance < nearest) {
          nearest = distance;
          best = [x, y, z];
        }
      }
    }
  }
  return best;
}

/** A text for the places, wherever they are. */
function formOf(places: readonly Position3D[]): string {
  const least = [0, 1, 2].map((axis) => Math.min(...places.map((place) => place[axis]!)));
  return places
    .map((place) => place.map((value, axis) => value - least[axis]!).join(""))
    .sort()
    .join(" ");
}

/** A quarter turn about an axis, counter-clockwise seen from its tip: the next axis comes to the one after it. */
function quarter(place: Position3D, axis: number): Position3D {
  const [next, last] = [(axis + 1) % 3, (axis + 2) % 3];
  const result: Position3D = [...place];
  result[last] = place[next]!;
  result[next] = -place[last]!;
  return result;
}

type Quarters = readonly number[];

const turnedBy = (places: readonly Position3D[], quarters: Quarters): Position3D[] =>
  places.map((place) => quarters.reduce(quarter, place));

/** Every rotation as quarter turns about x, y and z: each of the 24, some more than once. */
const allQuarters: readonly Quarters[] = [0, 1, 2, 3].flatMap((x) =>
  [0, 1, 2, 3].flatMap((y) =>
    [0, 1, 2, 3].map((z) => [
      ...Array<number>(x).fill(0),
      ...Array<number>(y).fill(1),
      ...Array<number>(z).fill(2),
    ]),
  ),
);

/**
 * The right option of a tetris3d example, from its words and pixels alone: the object of the question is read as
 * cubes, turned as the words say or as A turned to become B, and compared with the options. Throws `LintelError`
 * "dataset" unless exactly one option shows it.
 */
export function solve(example: Example): number {
  const named = [...example.question.matchAll(/by (90|180|270) (?:degrees )?about (?:the )?([xyz])\b/g)];
  const pocket = example.images.length > 1;
  const scale = pocket ? 0.5 : 1;
  // In a sheet, the axes are beside the object.
  const before = named.length > 0 ? (pocket ? 1 : 2) : 3;
  const panels = panelsOf(example, before + example.options.length);
  const patches = panels.map(patchesOf);
  // The axes have colors of their own.
  const models = largestOf(patches.filter((_, i) => named.length === 0 || pocket || i !== 1).flat());
  const read = (i: number): Position3D[] => cubesOf(patches[i]!, models, scale);
  const object = read(named.length > 0 ? 0 : 2);
  let turns: Quarters[];
  if (named.length > 0) {
    turns = [
      named.flatMap(([, degrees, axis]) => Array<number>(Number(degrees) / 90).fill("xyz".indexOf(axis!))),
    ];
  } else {
    const a = read(0);
    const b = formOf(read(1));
    turns = allQuarters.filter((quarters) => formOf(turnedBy(a, quarters)) === b);
  }
  const targets = new Set(turns.map((quarters) => formOf(turnedBy(object, quarters))));
  const right = example.options.map((_, i) => i).filter((i) => targets.has(formOf(read(before + i))));
  return only(example, "option that shows the object turned", right);
}
