import type { VisionConfig } from "../config/types.ts";
import type { Grid } from "../decoder/position-ids.ts";
import { patchCoordinates } from "./window-layout.ts";

/** For every patch, four rows of the table of learned positions and their weights. */
interface InterpolatedPositions {
  /** [4, P] rows of the table. */
  rows: Int32Array;
  /** [4, P]; the four weights of a patch sum to 1. */
  weights: Float32Array;
}

/** `torch.linspace(0, end, count)` in float32, computed from both ends as in torch. */
function spread(end: number, count: number): Float32Array {
  const step = Math.fround(end / (count - 1));
  return Float32Array.from({ length: count }, (_, i) => {
    if (count === 1) return 0;
    return i < Math.floor(count / 2) ? step * i : end - Math.fround(step * (count - 1 - i));
  });
}

/**
 * Bilinear interpolation of the learned positions (`fast_pos_embed_interpolate` of modeling_qwen3_vl.py) for the
 * patches of one image, in merge order.
 */
export function interpolatedPositions(
  { positionSide: side, mergeSize }: Pick<VisionConfig, "positionSide" | "mergeSize">,
  grid: Grid,
): InterpolatedPositions {
  const [t, h, w] = grid;
  const count = t * h * w;
  const [vertical, horizontal] = [spread(side - 1, h), spread(side - 1, w)];
  const rows = new Int32Array(4 * count);
  const weights = new Float32Array(4 * count);
  let at = 0;
  for (const [row, column] of patchCoordinates(grid, mergeSize)) {
    const [y, x] = [vertical[row]!, horizontal[column]!];
    const [top, left] = [Math.floor(y), Math.floor(x)];
    const [down, right] = [Math.fround(y - top), Math.fround(x - left)];
    const ys = [top, Math.min(top + 1, side - 1)];
    const xs = [left, Math.min(left + 1, side - 1)];
    const shares = [Math.fround(1 - down), down].flatMap((a) =>
      [Math.fround(1 - right), right].map((b) => a * b),
    );
    for (let corner = 0; corner < 4; corner++) {
      rows[corner * count + at] = ys[corner >> 1]! * side + xs[corner & 1]!;
      weights[corner * count + at] = shares[corner]!;
    }
    at++;
  }
  return { rows, weights };
}
