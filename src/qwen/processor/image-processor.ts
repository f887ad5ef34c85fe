import type { Picture } from "../../tasks/index.ts";
import { ensure } from "../../util/index.ts";
import type { Grid } from "../decoder/position-ids.ts";
import { pillowResizer } from "./pillow-resize.ts";
import type { ProcessorConfig } from "./processor-config.ts";

export interface ProcessedImage {
  /** [patches, 3 · temporalPatchSize · patchSize²] in merge order; a row is channel, time, y, x. */
  patches: Float32Array;
  /** Patches along time (1), height, width. */
  grid: Grid;
}

/** Python's `round`: halves round to even. */
function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
}

function checkRatio(height: number, width: number): void {
  ensure(Math.max(height, width) / Math.min(height, width) <= 200, "input", () => ({
    where: "image",
    expected: "sides that differ by a factor of at most 200",
    got: `${height}×${width} pixels`,
  }));
}

/**
 * The size after resizing, in pixels: both sides multiples of `factor`, the area within the bounds, the aspect ratio
 * approximately kept (`smart_resize` of transformers' image_processing_qwen2_vl.py).
 * Throws `LintelError` "input" if one side is more than 200 times the other, or a side would be 0.
 *
 * @example
 * smartResize(70, 98, { factor: 28, minPixels: 3136, maxPixels: 12845056 }); // [56, 112]: 2.5 rounds to 2, 3.5 to 4
 */
export function smartResize(
  height: number,
  width: number,
  { factor, minPixels, maxPixels }: { factor: number; minPixels: number; maxPixels: number },
): [height: number, width: number] {
  checkRatio(height, width);
  let h = roundHalfEven(height / factor) * factor;
  let w = roundHalfEven(width / factor) * factor;
  if (h * w > maxPixels) {
    const beta = Math.sqrt((height * width) / maxPixels);
    h = Math.max(factor, Math.floor(height / beta / factor) * factor);
    w = Math.max(factor, Math.floor(width / beta / factor) * factor);
  } else if (h * w < minPixels) {
    const beta = Math.sqrt(minPixels / (height * width));
    h = Math.ceil((height * beta) / factor) * factor;
    w = Math.ceil((width * beta) / factor) * factor;
  }
  ensure(h > 0 && w > 0, "input", () => ({
    where: "image",
    expected: `sides of at least ${factor / 2} pixels, or a larger min_pixels`,
    got: `${height}×${width} pixels`,
  }));
  return [h, w];
}

/**
 * The size after `fetch_image` of qwen_vl_utils: like `smartResize`, but sides are at least `factor` long before the area is
 * bounded.
 *
 * @example
 * fetchImageResize(12, 24, { factor: 28, minPixels: 3136, maxPixels: 12845056 }); // [56, 84]
 */
export function fetchImageResize(
  height: number,
  width: number,
  { factor, minPixels, maxPixels }: { factor: number; minPixels: number; maxPixels: number },
): [height: number, width: number] {
  checkRatio(height, width);
  const h = Math.max(factor, roundHalfEven(height / factor) * factor);
  const w = Math.max(factor, roundHalfEven(width / factor) * factor);
  if (h * w > maxPixels) {
    const beta = Math.sqrt((height * width) / maxPixels);
    return [Math.floor(height / beta / factor) * factor, Math.floor(width / beta / factor) * factor];
  }
  if (h * w >= minPixels) return [h, w];
  const beta = Math.sqrt(minPixels / (height * width));
  return [Math.ceil((height * beta) / factor) * factor, Math.ceil((width * beta) / factor) * factor];
}

/**
 * The original size of an image and its size after each resize.
 */
export function resizedSizes(
  config: ProcessorConfig,
  { width, height }: { width: number; height: number },
): { width: number; height: number }[] {
  const sizes = [{ width, height }];
  if (config.first) {
    const [h, w] = config.first.sides ?? fetchImageResize(height, width, config.first);
    ensure(h > 0 && w > 0, "input", () => ({
      where: "image",
      expected: "sides that are not 0 within the bounds of the area",
      got: `${height}×${width} pixels`,
    }));
    sizes.push({ width: w, height: h });
  }
  if (config.resize) {
    const last = sizes.at(-1)!;
    const [h, w] = smartResize(last.height, last.width, {
      ...config,
      factor: config.patchSize * config.mergeSize,
    });
    sizes.push({ width: w, height: h });
  }
  return sizes;
}

/**
 * The normalized value per channel and byte. The reference multiplies in double precision and rounds to float32, then
 * subtracts and divides in float32.
 */
function normalized({ rescaleFactor, mean, std }: ProcessorConfig): Float32Array {
  const table = new Float32Array(3 * 256);
  for (let c = 0; c < 3; c++) {
    for (let byte = 0; byte < 256; byte++) {
      const centered = Math.fround(Math.fround(byte * rescaleFactor) - Math.fround(mean[c]!));
      table[c * 256 + byte] = centered / Math.fround(std[c]!);
    }
  }
  return table;
}

/** A picture at the size at which it is split into patches. Throws `LintelError` "input" for a picture without pixels. */
export function imageResizer(config: ProcessorConfig): (picture: Picture) => Picture {
  const resize = pillowResizer();
  return (picture) => {
    ensure(
      picture.pixels.length === picture.width * picture.height * 3 && picture.pixels.length > 0,
      "input",
      () => ({
        where: "picture",
        expected: `${picture.width}×${picture.height} RGB pixels`,
        got: `${picture.pixels.length} bytes`,
      }),
    );
    const sizes = resizedSizes(config, picture).slice(1);
    return sizes.reduce<Picture>((of, size) => resize(of, size.width, size.height), picture);
  };
}

/**
 * The image processor of a checkpoint, as a function from pictures to patches: resize, rescale, normalize, and split into
 * patches. Equal to `Qwen2VLImageProcessor` (the slow, exact one) bit for bit. Resampling weights are cached, so reuse one
 * processor for many pictures. Throws `LintelError` "input".
 */
export function imageProcessor(config: ProcessorConfig): (picture: Picture) => ProcessedImage {
  const { patchSize, mergeSize, temporalPatchSize } = config;
  const resized = imageResizer(config);
  const table = normalized(config);
  const factor = patchSize * mergeSize;
  return (picture) => {
    const { width, height, pixels } = resized(picture);
    ensure(width % factor === 0 && height % factor === 0, "input", () => ({
      where: "picture",
      expected: `sides that are multiples of ${factor} pixels, as do_resize is false`,
      got: `${width}×${height}`,
    }));
    const [rows, columns] = [height / patchSize, width / patchSize];
    const area = patchSize * patchSize;
    const patchDim = 3 * temporalPatchSize * area;
    const patches = new Float32Array(rows * columns * patchDim);
    let at = 0;
    for (let cellY = 0; cellY < rows; cellY += mergeSize) {
      for (let cellX = 0; cellX < columns; cellX += mergeSize) {
        for (let inside = 0; inside < mergeSize * mergeSize; inside++) {
          const top = (cellY + Math.floor(inside / mergeSize)) * patchSize;
          const left = (cellX + (inside % mergeSize)) * patchSize;
          for (let c = 0; c < 3; c++) {
            const start = at;
            for (let y = 0; y < patchSize; y++) {
              let from = ((top + y) * width + left) * 3 + c;
              for (let x = 0; x < patchSize; x++, from += 3) patches[at++] = table[c * 256 + pixels[from]!]!;
            }
            // a still image fills every temporal step
            for (let t = 1; t < temporalPatchSize; t++, at += area)
              patches.copyWithin(at, start, start + area);
          }
        }
      }
    }
    return { patches, grid: [1, rows, columns] };
  };
}

/**
 * Processes one picture; for many pictures create the processor once.
 */
export const processImage = (picture: Picture, config: ProcessorConfig): ProcessedImage =>
  imageProcessor(config)(picture);
