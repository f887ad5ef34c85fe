/**
 * DeepStack (arXiv 2406.04334) as in Qwen3-VL: image features from several depths of the vision tower are added to the
 * outputs of the first decoder layers, at image tokens only.
 */
import { float32, int64, type Value } from "../../graph/index.ts";
import { concatenated } from "../../numeric/index.ts";
import { ensure } from "../../util/index.ts";
import type { Prompt } from "../decoding/types.ts";

/** Features of one image from the vision tower. */
export interface EncodedImage {
  /** Merged features [tokens, D] in raster order, which replace the image tokens. */
  rows: Float32Array;
  /** [tokens, D] for each of the first decoder layers; absent or empty without DeepStack. */
  deep?: readonly Float32Array[];
  /** Input of the merger [tokens, cellSize]; only with `ModelOptions.cells`. */
  cells?: Float32Array;
}

/**
 * The image features of a prompt with these images, in order.
 *
 * @example
 * promptVisuals([{ rows: Float32Array.of(1, 2) }, { rows: Float32Array.of(3) }]).visuals; // [1, 2, 3]
 */
export function promptVisuals(images: readonly EncodedImage[]): Pick<Prompt, "visuals" | "deep"> {
  const layers = images[0]?.deep?.length ?? 0;
  return {
    visuals: concatenated(images.map(({ rows }) => rows)),
    ...(layers > 0 && {
      deep: Array.from({ length: layers }, (_, i) => concatenated(images.map(({ deep }) => deep![i]!))),
    }),
  };
}

/**
 * The inputs `deep.i` [1 + image tokens, width] and `deepRow` of a prefill: row 0 is zero, for tokens outside images.
 * `imageRows` are the batch rows of image tokens, in the order of the prompts' `visuals`.
 */
export function deepInputs(
  layers: number,
  width: number,
  prompts: readonly Prompt[],
  imageRows: readonly number[],
  rows: number,
): Record<string, Value> {
  if (layers === 0) return {};
  for (const [b, { visuals, deep }] of prompts.entries()) {
    ensure(
      visuals.length === 0 || (deep?.length === layers && deep.every((d) => d.length === visuals.length)),
      "input",
      () => ({
        where: `prompt ${b}`,
        expected: `DeepStack features for ${layers} layers, ${visuals.length / width} rows each`,
        got: deep ? `${deep.map((d) => d.length / width).join(", ")} rows` : "none",
      }),
    );
  }
  const deepRow = new Int32Array(rows);
  for (const [i, row] of imageRows.entries()) deepRow[row] = i + 1;
  const zero = new Float32Array(width);
  const inputs: Record<string, Value> = { deepRow: int64(deepRow, [rows]) };
  for (let i = 0; i < layers; i++) {
    const own = prompts.flatMap(({ deep }) => (deep ? [deep[i]!] : []));
    inputs[`deep.${i}`] = float32(concatenated([zero, ...own]), [1 + imageRows.length, width]);
  }
  return inputs;
}
