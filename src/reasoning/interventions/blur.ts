/** Gaussian blur of a picture, whose work does not grow with the standard deviation once that is large. */
import type { Picture } from "../../tasks/index.ts";

/** Standard deviation in pixels from which three boxes stand for the Gaussian. */
const BOXES_FROM = 6;

/** Smooths one line in place: of `n + 2 * reach` values it leaves `n`, from the beginning. */
interface Smoothing {
  reach: number;
  smooth(line: Float64Array, n: number): void;
}

/** The Gaussian itself, cut off at three standard deviations. */
function direct(sigma: number): Smoothing {
  const reach = Math.ceil(3 * sigma);
  const weights = Float64Array.from({ length: reach + 1 }, (_, k) => Math.exp(-(k ** 2) / (2 * sigma ** 2)));
  const total = weights.reduce((sum, w, k) => sum + (k === 0 ? w : 2 * w), 0);
  for (let k = 0; k <= reach; k++) weights[k]! /= total;
  const smooth = (line: Float64Array, n: number): void => {
    for (let i = 0; i < n; i++) {
      const center = i + reach;
      let sum = weights[0]! * line[center]!;
      for (let k = 1; k <= reach; k++) sum += weights[k]! * (line[center - k]! + line[center + k]!);
      line[i] = sum;
    }
  };
  return { reach, smooth };
}

/**
 * Three running means over 2l + 1 values and a share of the next one on either side, which makes their variance that of the
 * Gaussian (extended box filter: Gwosdek, Grewenig, Bruhn and Weickert, "Theoretical foundations of Gaussian convolution by
 * extended box filtering", 2011, section 3).
 */
function boxes(sigma: number): Smoothing {
  const variance = sigma ** 2 / 3;
  const l = Math.floor((Math.sqrt(1 + 12 * variance) - 1) / 2);
  const share = ((2 * l + 1) * (variance - (l * (l + 1)) / 3)) / (2 * ((l + 1) ** 2 - variance));
  const scale = 1 / (2 * l + 1 + 2 * share);
  const mean = (line: Float64Array, n: number): void => {
    let sum = 0;
    for (let i = 1; i <= 2 * l + 1; i++) sum += line[i]!;
    for (let i = 0; i < n; i++) {
      const last = line[i + 2 * l + 2]!;
      line[i] = scale * (sum + share * (line[i]! + last));
      sum += last - line[i + 1]!;
    }
  };
  const smooth = (line: Float64Array, n: number): void => {
    for (const left of [2, 1, 0]) mean(line, n + left * (2 * l + 2));
  };
  return { reach: 3 * (l + 1), smooth };
}

/**
 * The pixels of a picture under a Gaussian blur, rows first and then columns; edges are continued. `sigma`: standard deviation
 * in pixels.
 *
 * Below 6 pixels it is the Gaussian, cut off at three standard deviations: within 2 levels (of 255) of one that is not cut off.
 * From 6 pixels on it is three running means of the same variance, an approximation: at a straight edge between black and white
 * it is off by at most 3 levels. The weights of three means and of the Gaussian are 2.7 % apart (total variation), so that no
 * picture is off by more than 7 levels along either direction.
 *
 * @example
 * [...blurred({ width: 1, height: 1, pixels: new Uint8Array([1, 2, 3]) }, 20)]; // [1, 2, 3]
 */
export function blurred({ width, height, pixels }: Picture, sigma: number): Uint8Array {
  const { reach, smooth } = sigma < BOXES_FROM ? direct(sigma) : boxes(sigma);
  const along = (
    from: Uint8Array | Float32Array,
    to: Uint8Array | Float32Array,
    [n, step]: readonly [number, number],
    starts: Iterable<number>,
  ): void => {
    const line = new Float64Array(n + 2 * reach);
    for (const start of starts) {
      const last = start + (n - 1) * step;
      line.fill(from[start]!, 0, reach);
      for (let i = 0, at = start; i < n; i++, at += step) line[reach + i] = from[at]!;
      line.fill(from[last]!, reach + n);
      smooth(line, n);
      const rounding = to instanceof Uint8Array;
      for (let i = 0, at = start; i < n; i++, at += step) to[at] = rounding ? Math.round(line[i]!) : line[i]!;
    }
  };
  const rows = new Float32Array(pixels.length);
  along(pixels, rows, [width, 3], rowStarts(width, height));
  const out = new Uint8Array(pixels.length);
  along(rows, out, [height, 3 * width], Array(3 * width).keys());
  return out;
}

/** Indices of the first pixel's channels in every row. */
function* rowStarts(width: number, height: number): Generator<number> {
  for (let y = 0; y < height; y++) for (let c = 0; c < 3; c++) yield 3 * y * width + c;
}
