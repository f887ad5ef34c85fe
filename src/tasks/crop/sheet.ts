import { type Canvas, canvas, textHeight, textWidth } from "../canvas/index.ts";
import type { ImageBytes } from "../types.ts";
import type { FullScene, Item } from "./full-scene.ts";
import { colors } from "./world.ts";

/** Color numbers: 0 paper, 1 the ground of a field, 2 the frame, 3 what hides a masked field, then the inks. */
const palette = Uint8Array.from(
  [[255, 255, 255], [238, 240, 243], [16, 16, 20], [128, 128, 128], ...colors.map(([, ink]) => ink)].flat(),
);
const [ground, frame, hidden, inks] = [1, 2, 3, 4];

/** Pixels of all fields along an edge, and around them. */
const extent = 624;
const margin = 12;
/** Pixels from a field to the next one's frame, the frame, and from it to the field: the field itself is not marked. */
const gap = 6;
const frameThickness = 4;

/** Crops are enlarged to at least this many pixels. */
const helperPixels = 256;

function paintItem(target: Canvas, { kind, color, value, places, dx, dy }: Item): void {
  const edge = target.width;
  const ink = inks + color;
  const x = edge / 2 + (dx * edge) / 96;
  const y = edge / 2 + (dy * edge) / 96;
  const half = Math.round(edge * 0.36);
  if (kind === "text") {
    const scale = Math.max(1, Math.floor((edge * 0.76) / textWidth(value, 1)));
    const left = Math.round(x - textWidth(value, scale) / 2);
    target.text(left, Math.round(y - (textHeight * scale) / 2), value, scale, ink);
  } else if (kind === "dots") {
    const step = Math.round(edge * 0.27);
    for (const place of places) {
      target.disc(
        x + ((place % 3) - 1) * step,
        y + (Math.floor(place / 3) - 1) * step,
        Math.round(edge * 0.09),
        ink,
      );
    }
  } else if (value === "circle") target.disc(x, y, half, ink);
  else if (value === "square")
    target.rect(Math.round(x) - half, Math.round(y) - half, 2 * half, 2 * half, ink);
  else if (value === "triangle") {
    // biome-ignore format: three corners
    target.polygon([[x, y - half], [x + half, y + half], [x - half, y + half]], ink);
  } else {
    const third = Math.round(half / 3);
    target.rect(Math.round(x) - half, Math.round(y) - third, 2 * half, 2 * third, ink);
    target.rect(Math.round(x) - third, Math.round(y) - half, 2 * third, 2 * half, ink);
  }
}

function paintField(edge: number, item: Item | null): Canvas {
  const field = canvas(edge, edge, palette);
  field.fill(ground);
  if (item) paintItem(field, item);
  return field;
}

/** Pixels along the edge of a field, without the gap around it. */
const fieldEdge = (side: number): number => Math.floor(extent / side) - 2 * gap;

/** Where field number `at` of a scene is, without the gap around it: left, top, right, bottom in pixels. */
export function fieldBox(side: number, at: number): [number, number, number, number] {
  const pitch = Math.floor(extent / side);
  const [x, y] = [at % side, Math.floor(at / side)].map((i) => margin + i * pitch + gap) as [number, number];
  return [x, y, x + fieldEdge(side), y + fieldEdge(side)];
}

/**
 * A scene of 648 × 648 pixels with a frame around the marked field, which with `masked` is flat gray. The frame is
 * outside of the field, so a crop does not show it. Where an item is null, a field is empty.
 */
export function paintScene(
  { side, items, marked }: Pick<FullScene, "side" | "marked"> & { items: readonly (Item | null)[] },
  masked: boolean,
): ImageBytes {
  const edge = fieldEdge(side);
  const sheet = canvas(extent + 2 * margin, extent + 2 * margin, palette);
  for (const [i, item] of items.entries()) {
    const [x, y] = fieldBox(side, i);
    if (i === marked) {
      const around = gap - 1;
      const whole = edge + 2 * around;
      sheet.frame(x - around, y - around, whole, whole, frameThickness, frame);
    }
    if (i === marked && masked) sheet.rect(x, y, edge, edge, hidden);
    else sheet.blit(paintField(edge, item), x, y);
  }
  return sheet.png();
}

/**
 * The crop of a field, each of its pixels enlarged to a square of pixels, at least 256 × 256 pixels in all.
 */
export function paintCrop(item: Item, side: number): ImageBytes {
  const edge = fieldEdge(side);
  const scale = Math.ceil(helperPixels / edge);
  const crop = canvas(edge * scale, edge * scale, palette);
  crop.blit(paintField(edge, item), 0, 0, scale);
  return crop.png();
}
