import { colorAt, nearestColor, only, type Panel, panelsOf } from "../panels.ts";
import type { Example } from "../types.ts";

/**
 * This solver shares nothing with the generator but the rules of the task: it looks where a flap was and where it came
 * to be, finds the mirror between the two, and sends holes through it.
 */
const cells = 8;
const colors = {
  sheet: [255, 244, 205],
  flap: [240, 178, 84],
  gone: [166, 178, 196],
  hole: [150, 20, 40],
  table: [206, 210, 214],
  line: [40, 42, 48],
} as const;
/** In small images: chalk on slate. */
const chalk: Record<Name, readonly [number, number, number]> = {
  sheet: [118, 113, 102],
  flap: [214, 150, 70],
  gone: [70, 100, 160],
  hole: [250, 249, 244],
  table: [70, 66, 60],
  line: [40, 42, 48],
};
type Name = keyof typeof colors;

type PixelPoint = readonly [number, number];

/** Places to look at, in cells: around the middle of every cell, off the hole that may be there. */
const spots: readonly PixelPoint[] = Array.from(
  { length: cells * cells },
  (_, i): PixelPoint => [(i % cells) + 0.5, Math.floor(i / cells) + 0.5],
).flatMap(([x, y]): PixelPoint[] => [
  [x, y - 0.36],
  [x + 0.36, y],
  [x, y + 0.36],
  [x - 0.36, y],
]);

const nameAt = (panel: Panel, across: number, down: number): Name =>
  nearestColor(colorAt(panel, across, down), panel.width < 100 ? chalk : colors);

/** The color at a place in cells, within the frame that a panel may have. */
function look(panel: Panel, [x, y]: PixelPoint): Name {
  // No fold's line leaves the sheet at three tenths of its height: they do so at eighths.
  let frame = 0;
  while (nameAt(panel, (frame + 0.5) / panel.width, 0.3) === "line") frame++;
  const inner = 1 - (2 * frame) / panel.width;
  const edge = frame / panel.width;
  return nameAt(panel, edge + (x / cells) * inner, edge + (y / cells) * inner);
}

/** The cells that are punched, as texts "column row" in rising order. */
function holesOf(panel: Panel): string[] {
  const found: string[] = [];
  for (let x = 0; x < cells; x++)
    for (let y = 0; y < cells; y++) if (look(panel, [x + 0.5, y + 0.5]) === "hole") found.push(`${x} ${y}`);
  return found.sort();
}

const mean = (points: readonly PixelPoint[]): PixelPoint => [
  points.reduce((sum, [x]) => sum + x, 0) / points.length,
  points.reduce((sum, [, y]) => sum + y, 0) / points.length,
];

/** The mirror that takes the middle of where the flap was to the middle of where it is. */
function mirrorOf(panel: Panel): { gone: Set<string>; image: (point: PixelPoint) => PixelPoint } {
  const named = spots.map((spot) => [look(panel, spot), spot] as const);
  const all = (name: Name): PixelPoint[] => named.flatMap(([color, spot]) => (color === name ? [spot] : []));
  const was = all("gone");
  const [fromX, fromY] = mean(was);
  const [toX, toY] = mean(all("flap"));
  const length = Math.sqrt((toX - fromX) ** 2 + (toY - fromY) ** 2);
  const [nx, ny] = [(toX - fromX) / length, (toY - fromY) / length];
  const half = ((fromX + toX) * nx + (fromY + toY) * ny) / 2;
  const image = ([x, y]: PixelPoint): PixelPoint => {
    const across = 2 * (x * nx + y * ny - half);
    return [x - across * nx, y - across * ny];
  };
  // A cell belongs to the flap if it shows where the flap was all around its middle.
  const counts = new Map<string, number>();
  for (const [x, y] of was) {
    const cell = `${Math.floor(x)} ${Math.floor(y)}`;
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  return { gone: new Set([...counts].filter(([, count]) => count === 4).map(([cell]) => cell)), image };
}

/**
 * The right option of a paperfold example, from its pixels alone: the holes of the last picture, sent back through
 * every fold. Throws `LintelError` "dataset" unless exactly one option shows them.
 */
export function solve(example: Example): number {
  // A sheet says how many folds it shows; with an image for each panel, those before the options are folds.
  const told = /folded (\d+) times/.exec(example.question)?.[1];
  const folds = told ? Number(told) : example.images.length - example.options.length;
  const panels = panelsOf(example, folds + example.options.length);
  let holes = holesOf(panels[folds - 1]!);
  for (const panel of panels.slice(0, folds).reverse()) {
    const { gone, image } = mirrorOf(panel);
    const opened = new Set(holes);
    for (const hole of holes) {
      const [x, y] = hole.split(" ").map(Number) as [number, number];
      const [toX, toY] = image([x + 0.5, y + 0.5]);
      const cell = `${Math.floor(toX)} ${Math.floor(toY)}`;
      if (gone.has(cell)) opened.add(cell);
    }
    holes = [...opened].sort();
  }
  const right = panels
    .slice(folds)
    .flatMap((panel, i) => (String(holesOf(panel)) === String(holes) ? [i] : []));
  return only(example, "option that shows the sheet unfolded", right);
}
