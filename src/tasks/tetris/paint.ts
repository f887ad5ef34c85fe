import { encodeIndexedPng } from "../../formats/index.ts";
import { arrayPool } from "../../numeric/index.ts";
import type { ImageBytes } from "../types.ts";
import { type Cells, keyOf, side } from "./world.ts";

/** Pixels along the edge of a cell, and of a panel: cells fill it exactly, without a margin. */
const cellPixels = 16;
const panelPixels = side * cellPixels;

/**
 * Slate, its grid, chalk, and the grid within the chalk: faint lines by which a person can count the cells. The slate
 * is near CLIP's mean color, so that after normalization a panel is its shape and not its background.
 */
const palette = Uint8Array.of(118, 113, 102, 134, 129, 117, 250, 249, 244, 222, 219, 208);

/**
 * Paints panels as PNGs of 96 × 96 pixels. Each painter remembers what it has painted: the same panel is in
 * many examples, as query, option, helper and counterfactual, and is encoded once.
 */
export function panelPainter(): (cells: Cells) => ImageBytes {
  const painted = new Map<number, ImageBytes>();
  let copy = arrayPool<ImageBytes>(Uint8Array);
  const indices = new Uint8Array(panelPixels * panelPixels);
  // Every line of pixels is one of two per row of cells: one through the cells, and one along the grid above them.
  const plain = new Uint8Array(panelPixels);
  const line = new Uint8Array(panelPixels);
  return (cells) => {
    const key = keyOf(cells);
    const known = painted.get(key);
    if (known) return known;
    for (let row = 0; row < side; row++) {
      for (let x = 0; x < panelPixels; x++) {
        const ink = cells.includes(row * side + (x >> 4)) ? 2 : 0;
        plain[x] = ink | (x > 0 && (x & 15) === 0 ? 1 : 0);
        line[x] = ink | 1;
      }
      const top = row * cellPixels;
      for (let y = top; y < top + cellPixels; y++)
        indices.set(y === top && row > 0 ? line : plain, y * panelPixels);
    }
    const png = copy(encodeIndexedPng({ width: panelPixels, height: panelPixels, indices, palette }));
    // Enough for tens of thousands of examples; beyond that, memory matters more than a second painting.
    if (painted.size >= 200_000) {
      painted.clear();
      copy = arrayPool<ImageBytes>(Uint8Array);
    }
    painted.set(key, png);
    return png;
  };
}
