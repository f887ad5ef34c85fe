/** Three-axis position ids (temporal, vertical, horizontal) of text and images. */
import { ensure } from "../../util/index.ts";
import type { QwenConfig } from "../config/types.ts";

/** Patches of an image along time, height and width; a still image has one temporal step. */
export type Grid = readonly [t: number, h: number, w: number];

/**
 * Number of image tokens of an image with this grid.
 *
 * @example
 * imageTokens([1, 4, 6], 2); // 6
 */
export const imageTokens = ([t, h, w]: Grid, mergeSize: number): number => (t * h * w) / mergeSize ** 2;

interface RopeIndex {
  /** [3 axes, batch, length], row-major: temporal, vertical, horizontal. */
  positions: Int32Array;
  /** [batch]: a token decoded at cache length n takes position n + delta on all three axes. */
  deltas: Int32Array;
}

interface RopeInput {
  /** [batch][length] token ids, rows of equal length. */
  ids: readonly ArrayLike<number>[];
  /** [batch][length], 1 for real tokens, 0 for padding on either side. */
  mask?: readonly ArrayLike<number>[];
  /** One grid per image of the batch, in order; null for a batch without images. */
  grids: readonly Grid[] | null;
}

/** Computes the positions of one row; `write` receives (axis, index among the attended tokens, position). */
function assignPositions(
  ids: number[],
  takeGrid: () => Grid | null,
  { tokens, vision }: Pick<QwenConfig, "tokens" | "vision">,
  row: number,
  write: (axis: number, index: number, position: number) => void,
): number {
  const images = ids.filter((token, i) => token === tokens.visionStart && ids[i + 1] === tokens.image).length;
  const videos = ids.some((token, i) => token === tokens.visionStart && ids[i + 1] === tokens.video);
  ensure(!videos, "input", () => ({ where: `row ${row}`, expected: "images only", got: "a video token" }));
  let at = 0;
  let next = 0;
  const text = (until: number): void => {
    for (; at < until; at++, next++) for (let axis = 0; axis < 3; axis++) write(axis, at, next);
  };
  for (let image = 0; image < images; image++) {
    const start = ids.indexOf(tokens.image, at);
    const grid = takeGrid();
    ensure(start >= 0 && grid, "input", () => ({
      where: `row ${row}, image ${image}`,
      expected: "a grid and image tokens for every vision start",
      got: grid ? "no image tokens" : "fewer grids than images",
    }));
    const [t, h, w] = [grid[0], grid[1] / vision.mergeSize, grid[2] / vision.mergeSize];
    const count = t * h * w;
    let run = 0;
    while (run < count && ids[start + run] === tokens.image) run++;
    ensure(run === count, "input", () => ({
      where: `row ${row}, image ${image}`,
      expected: `${count} image tokens for the grid ${grid.join("×")}`,
      got: String(run),
      attempt: "expanding the image token with the grid of the processed image",
    }));
    text(start);
    for (let i = 0; i < count; i++, at++) {
      const cell = i % (h * w);
      // Qwen2.5-VL: a still image does not advance in time, regardless of its temporal grid (second_per_grid_t is 0)
      write(0, at, vision.kind === "qwen3" ? next + Math.floor(i / (h * w)) : next);
      write(1, at, next + Math.floor(cell / w));
      write(2, at, next + (cell % w));
    }
    next += Math.max(h, w, vision.kind === "qwen3" ? t : 0);
  }
  text(ids.length);
  return next;
}

/**
 * Three-axis positions of a batch: `get_rope_index` of transformers' modeling_qwen2_5_vl.py and
 * modeling_qwen3_vl.py, for text and images.
 * Text counts 0, 1, 2, …; an image starting at p takes t = p, h = p + row, w = p + column of the merged grid, and the
 * text after it continues from the largest position + 1. Padding has position 1, as in the reference. An image is
 * recognized by a vision-start token before it. Throws `LintelError` "input" if image tokens and grids disagree.
 */
export function ropeIndex(
  { ids, mask, grids }: RopeInput,
  config: Pick<QwenConfig, "tokens" | "vision">,
): RopeIndex {
  const batch = ids.length;
  const length = ids[0]?.length ?? 0;
  const positions = new Int32Array(3 * batch * length).fill(1);
  const deltas = new Int32Array(batch);
  let used = 0;
  for (let b = 0; b < batch; b++) {
    const row = ids[b]!;
    ensure(row.length === length && (!mask || mask[b]!.length === length), "input", () => ({
      where: `row ${b}`,
      expected: `${length} tokens and ${length} mask values`,
      got: `${row.length} and ${mask?.[b]?.length}`,
    }));
    const kept: number[] = [];
    for (let i = 0; i < length; i++) if (!mask || mask[b]![i] === 1) kept.push(i);
    const write = (axis: number, index: number, position: number): void => {
      positions[(axis * batch + b) * length + kept[index]!] = position;
    };
    const attended = kept.map((i) => row[i]!);
    const takeGrid = (): Grid | null => grids?.[used++] ?? null;
    let end: number;
    if (grids) end = assignPositions(attended, takeGrid, config, b, write);
    else {
      for (let i = 0; i < kept.length; i++) for (let axis = 0; axis < 3; axis++) write(axis, i, i);
      // without grids the reference includes padding, with position 1, in the maximum
      end = kept.length < length ? Math.max(kept.length, 2) : kept.length;
    }
    deltas[b] = end - length;
  }
  ensure(!grids || used === grids.length, "input", () => ({
    where: "image grids",
    expected: `${used}, one for each image among the tokens`,
    got: String(grids?.length),
  }));
  return { positions, deltas };
}
