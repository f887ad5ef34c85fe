/** Window order, rotary tables and segments of the patches of images. */
import type { VisionConfig } from "../config/types.ts";
import type { Grid } from "../decoder/position-ids.ts";
import { inverseFrequencies, type RotaryTables } from "../decoder/rotary-embedding.ts";

/** Order, rotary tables and segments of image patches inside the vision tower. */
interface VisionLayout extends RotaryTables {
  /** [groups] of mergeSize² patches, one token each: position i of the window order holds group windowIndex[i]. */
  windowIndex: Int32Array;
  /** [groups], the inverse permutation. */
  reverse: Int32Array;
  /** Cumulative counts of patches, from 0: patches of one segment attend to each other in windowed blocks. */
  windowSegments: Int32Array;
  /** The same for blocks with full attention: one segment per image and temporal step. */
  imageSegments: Int32Array;
}

/** Window order of the patch groups of one image: windows in raster order, groups in raster order within each. */
function* windows([t, h, w]: Grid, side: number, merge: number): Generator<number[]> {
  const [rows, columns] = [h / merge, w / merge];
  for (let frame = 0; frame < t; frame++) {
    for (let top = 0; top < rows; top += side) {
      for (let left = 0; left < columns; left += side) {
        const groups: number[] = [];
        for (let y = top; y < Math.min(top + side, rows); y++) {
          for (let x = left; x < Math.min(left + side, columns); x++)
            groups.push((frame * rows + y) * columns + x);
        }
        yield groups;
      }
    }
  }
}

/**
 * Row and column of every patch of an image in merge order: groups of mergeSize² patches in raster order.
 *
 * @example
 * [...patchCoordinates([1, 2, 4], 2)].slice(0, 5); // [[0, 0], [0, 1], [1, 0], [1, 1], [0, 2]]
 */
export function* patchCoordinates(
  [t, h, w]: Grid,
  mergeSize: number,
): Generator<[row: number, column: number]> {
  const unit = mergeSize ** 2;
  const columns = w / mergeSize;
  for (let i = 0; i < t * h * w; i++) {
    const inFrame = i % (h * w);
    const group = Math.floor(inFrame / unit);
    const inside = inFrame % unit;
    yield [
      Math.floor(group / columns) * mergeSize + Math.floor(inside / mergeSize),
      (group % columns) * mergeSize + (inside % mergeSize),
    ];
  }
}

/**
 * The layout of images with the given grids, concatenated: `get_window_index`, `rot_pos_emb` and the cumulative lengths
 * of transformers' modeling_qwen2_5_vl.py, without the empty windows that the reference adds and then drops. Rotary
 * tables are [patches, headDim / 2] in window order, vertical frequencies before horizontal ones.
 */
export function visionLayout(config: VisionConfig, grids: readonly Grid[]): VisionLayout {
  const { mergeSize, patchSize, windowSize, hiddenSize, heads } = config;
  const side = Math.floor(Math.floor(windowSize / mergeSize) / patchSize);
  const unit = mergeSize ** 2;
  const order: number[] = [];
  const windowSegments = [0];
  const imageSegments = [0];
  // vertical and horizontal position of every patch in merge order
  const ys: number[] = [];
  const xs: number[] = [];
  let first = 0;
  for (const grid of grids) {
    const [t, h, w] = grid;
    for (const groups of windows(grid, side, mergeSize)) {
      for (const group of groups) order.push(first + group);
      windowSegments.push(windowSegments.at(-1)! + groups.length * unit);
    }
    for (let frame = 0; frame < t; frame++) imageSegments.push(imageSegments.at(-1)! + h * w);
    for (const [row, column] of patchCoordinates(grid, mergeSize)) {
      ys.push(row);
      xs.push(column);
    }
    first += (t * h * w) / unit;
  }

  const half = hiddenSize / heads / 2;
  const frequencies = inverseFrequencies(10_000, half);
  const perAxis = frequencies.length;
  const cos = new Float32Array(ys.length * half);
  const sin = new Float32Array(ys.length * half);
  order.forEach((group, position) => {
    for (let inside = 0; inside < unit; inside++) {
      const source = group * unit + inside;
      const target = (position * unit + inside) * half;
      for (let k = 0; k < half; k++) {
        const coordinate = k < perAxis ? ys[source]! : xs[source]!;
        const angle = Math.fround(coordinate * frequencies[k % perAxis]!);
        cos[target + k] = Math.cos(angle);
        sin[target + k] = Math.sin(angle);
      }
    }
  });
  const reverse = new Int32Array(order.length);
  order.forEach((group, position) => {
    reverse[group] = position;
  });
  return {
    windowIndex: Int32Array.from(order),
    reverse,
    windowSegments: Int32Array.from(windowSegments),
    imageSegments: Int32Array.from(imageSegments),
    cos,
    sin,
  };
}

/**
 * An additive attention mask [n, n] of cumulative segment lengths (the last of which is n): 0 within a segment,
 * `blocked` across segments.
 *
 * @example
 * segmentMask(new Int32Array([0, 1, 3])).slice(0, 3); // [0, -1e9, -1e9]
 */
export function segmentMask(segments: ArrayLike<number>, blocked = -1e9): Float32Array {
  const n = segments[segments.length - 1]!;
  const mask = new Float32Array(n * n).fill(blocked);
  for (let s = 0; s + 1 < segments.length; s++) {
    const [start, end] = [segments[s]!, segments[s + 1]!];
    for (let row = start; row < end; row++) mask.fill(0, row * n + start, row * n + end);
  }
  return mask;
}

/**
 * Permutes groups of `size` values: group i of the result is group order[i] of `values`. `windowIndex` with a size of
 * mergeSize² · patchDim brings patches into window order; `reverse` with the feature width returns the output of the
 * merger to raster order.
 *
 * @example
 * permuteGroups(new Float32Array([1, 2, 3, 4]), [1, 0], 2); // [3, 4, 1, 2]
 */
export function permuteGroups(values: Float32Array, order: ArrayLike<number>, size: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < order.length; i++) {
    const from = order[i]! * size;
    result.set(values.subarray(from, from + size), i * size);
  }
  return result;
}
