import { encodeIndexedPng } from "../../formats/index.ts";
import type { ImageBytes } from "../types.ts";
import { colors, type MarkPlace, panelCorner, panelPixels, shapes, type Thing } from "./world.ts";

/** Half the extent of a shape: shapes fill 80 % of a panel. */
const half = Math.round(panelPixels * 0.4);

/** Color numbers: 0 paper, 1 the mark, 2 what hides a masked panel, then the inks. */
const palette = Uint8Array.from(
  [[250, 250, 247], [30, 30, 36], [128, 128, 128], ...colors.map(([, ink]) => ink)].flat(),
);
const ink = (color: number): number => 3 + color;

/** Whether a point, in pixels from the shape's center, is within the shape. */
const inside: Record<(typeof shapes)[number], (x: number, y: number) => boolean> = {
  circle: (x, y) => x * x + y * y <= half * half,
  square: (x, y) => Math.abs(x) <= half && Math.abs(y) <= half,
  // The apex is at the top; the base as wide as the shape is high.
  triangle: (x, y) => Math.abs(y) <= half && Math.abs(x) <= (y + half) / 2,
  cross: (x, y) =>
    Math.max(Math.abs(x), Math.abs(y)) <= half && Math.min(Math.abs(x), Math.abs(y)) <= half / 3,
};

/** One row of color numbers of a panel after the other; of null the ground alone. */
function paintPanel(thing: Thing | null, ground: number): Uint8Array {
  const pixels = new Uint8Array(panelPixels * panelPixels).fill(ground);
  if (!thing) return pixels;
  const within = inside[shapes[thing.shape]!];
  const middle = (panelPixels - 1) / 2;
  for (let y = 0, i = 0; y < panelPixels; y++) {
    for (let x = 0; x < panelPixels; x++, i++) {
      if (within(x - middle - thing.dx, y - middle - thing.dy)) pixels[i] = ink(thing.color);
    }
  }
  return pixels;
}

interface CropPainter {
  /**
   * The scene, 192 × 192 pixels, or 384 × 192 with marks beside the panels; with `masked`, flat gray in place of the marked
   * panel. A panel of null is empty.
   */
  scene(scene: { panels: readonly (Thing | null)[]; marked: number }, masked: boolean): ImageBytes;
  /**
   * A marked panel by itself, 96 × 96 pixels: exactly what a crop of the unmasked scene shows, or, with `mark` false, the same
   * without the mark. Where the mark is beside the panel, a crop never shows it.
   */
  crop(thing: Thing, mark?: boolean): ImageBytes;
}

/** Paints scenes and crops; panels and crops are remembered, as there are few. */
export function cropPainter(mark: MarkPlace = "ground"): CropPainter {
  const panels = new Map<string, Uint8Array>();
  const crops = new Map<string, ImageBytes>();
  const remembered = <T>(known: Map<string, T>, key: string, make: () => T): T => {
    let found = known.get(key);
    if (found === undefined) {
      found = make();
      // Without jitter there are 48 panels; with it, memory is worth more than the time of a panel.
      if (known.size >= 4096) known.clear();
      known.set(key, found);
    }
    return found;
  };
  const panel = (thing: Thing | null, ground: number): Uint8Array =>
    remembered(panels, JSON.stringify([thing, ground]), () => paintPanel(thing, ground));
  const hidden = new Uint8Array(panelPixels * panelPixels).fill(2);
  const beside = mark === "beside";

  return {
    scene({ panels: things, marked }, masked) {
      const width = 2 * panelPixels * (beside ? 2 : 1);
      const height = 2 * panelPixels;
      const indices = new Uint8Array(width * height);
      const place = (pixels: Uint8Array, [left, top]: [number, number]): void => {
        for (let y = 0; y < panelPixels; y++) {
          indices.set(pixels.subarray(y * panelPixels, (y + 1) * panelPixels), (top + y) * width + left);
        }
      };
      for (const [i, thing] of things.entries()) {
        const [left, top] = panelCorner(i, mark);
        const isMarked = i === marked;
        place(isMarked && masked ? hidden : panel(thing, Number(isMarked && !beside)), [left, top]);
        if (beside) place(panel(null, Number(isMarked)), [left - panelPixels, top]);
      }
      return encodeIndexedPng({ width, height, indices, palette });
    },
    crop: (thing, marked = true) =>
      remembered(crops, JSON.stringify([thing, marked]), () =>
        encodeIndexedPng({
          width: panelPixels,
          height: panelPixels,
          indices: panel(thing, Number(marked && !beside)),
          palette,
        }),
      ),
  };
}
