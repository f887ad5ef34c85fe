/** How families' own evaluations make pictures ready: bounds of their size, and what becomes of transparency. */

/** Bounds of a picture's area after resizing, in pixels. */
export interface PixelBounds {
  minPixels: number;
  maxPixels: number;
}

/** A resize before the checkpoint's own image processor: sides become multiples of `factor`. */
export interface FetchImageBounds extends PixelBounds {
  factor: number;
}

export interface ImageRules {
  /** What the evaluation sets on the checkpoint's image processor; if left out, preprocessor_config.json decides. */
  processor?: PixelBounds;
  /** `fetch_image` of qwen_vl_utils, through which the evaluation reads images. */
  first?: FetchImageBounds;
  /** Helpers go to the image processor without that pass. */
  helpersOnce?: true;
  /** Of an image with an alpha channel: laid on white (`to_rgb` of qwen_vl_utils), or colours as stored (`convert("RGB")`). */
  transparency: "white" | "drop";
  /** Where the evaluation says so. */
  source: string;
}

/** Pixels of a visual token of Qwen2.5-VL: the unit in which evaluations tell bounds. */
const TOKEN = 28 * 28;

/**
 * Bounds told in visual tokens of 28 × 28 pixels.
 *
 * @example
 * visualTokenBounds(4, 16384).minPixels; // 3136
 */
export const visualTokenBounds = (least: number, most: number): PixelBounds => ({
  minPixels: least * TOKEN,
  maxPixels: most * TOKEN,
});

/** The pass of qwen_vl_utils 0.0.14 where messages set no bounds (`IMAGE_MIN_TOKEN_NUM`, `IMAGE_MAX_TOKEN_NUM`). */
export const qwenUtils: FetchImageBounds = { factor: 28, ...visualTokenBounds(4, 16384) };

/**
 * The pass of qwen_vl_utils where messages set bounds, as VLMEvalKit's models do.
 *
 * @example
 * qwenUtilsWithin(visualTokenBounds(1280, 16384)).factor; // 28
 */
export const qwenUtilsWithin = (bounds: PixelBounds): FetchImageBounds => ({ factor: 28, ...bounds });

/**
 * Bounds in words.
 *
 * @example
 * boundsText(visualTokenBounds(256, 3500)); // "200,704 … 2,744,000 pixels (256 … 3500 · 28²)"
 */
export function boundsText({ minPixels, maxPixels }: PixelBounds): string {
  const pixels = [minPixels, maxPixels].map((n) => n.toLocaleString("en-US")).join(" … ");
  const units = [minPixels, maxPixels].map((n) => n / TOKEN);
  return `${pixels} pixels${units.every(Number.isInteger) ? ` (${units.join(" … ")} · 28²)` : ""}`;
}
