/** From gradients by patches back to the pixels of the resized picture. */
import type { Grid } from "../decoder/position-ids.ts";
import { patchCoordinates } from "../vision/window-layout.ts";
import type { ProcessorConfig } from "./processor-config.ts";

/**
 * Gradient [height, width, 3] by the pixels, whose range is 0 … 1, of a resized picture: patches in merge order back to their
 * places, over all temporal steps, each channel by what normalization makes of it.
 *
 * @example
 * const one = { patchSize: 1, mergeSize: 1, temporalPatchSize: 2, rescaleFactor: 1 / 255, std: [0.5, 0.25, 1] };
 * pixelGradient(Float32Array.of(1, 1, 1, 2, 1, 0), [1, 1, 1], one); // Float32Array [4, 12, 1]
 */
export function pixelGradient(
  patches: Float32Array,
  grid: Grid,
  {
    patchSize: side,
    mergeSize,
    temporalPatchSize: steps,
    rescaleFactor,
    std,
  }: Pick<ProcessorConfig, "patchSize" | "mergeSize" | "temporalPatchSize" | "rescaleFactor" | "std">,
): Float32Array {
  const width = grid[2] * side;
  const out = new Float32Array(grid[1] * side * width * 3);
  let at = 0;
  for (const [row, column] of patchCoordinates(grid, mergeSize))
    for (let c = 0; c < 3; c++) {
      const scale = (255 * rescaleFactor) / std[c]!;
      for (let t = 0; t < steps; t++)
        for (let y = 0; y < side; y++)
          for (let x = 0; x < side; x++)
            out[((row * side + y) * width + column * side + x) * 3 + c]! += scale * patches[at++]!;
    }
  return out;
}
