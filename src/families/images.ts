/** Image preprocessing of the families' evaluations: pixel bounds and transparency. */

/** Bounds of the area of an image after resizing, in pixels. */
export interface PixelBounds {
  minPixels: number;
  maxPixels: number;
}

/** A resize before the checkpoint's own image processor: sides become multiples of `factor`. */
export interface FetchImageBounds extends PixelBounds {
  factor: number;
  /** Height and width that every image gets, whatever its shape. */
  sides?: readonly [height: number, width: number];
}

export interface ImageRules {
  /** Bounds that the evaluation sets on the image processor; default: those of preprocessor_config.json. */
  processor?: PixelBounds;
  /** `fetch_image` of qwen_vl_utils, through which the evaluation reads images. */
  first?: FetchImageBounds;
  /** Helper images skip `fetch_image`. */
  helpersOnce?: true;
  /** Alpha channel: composite on white (`to_rgb` of qwen_vl_utils), or drop (`convert("RGB")`). */
  transparency: "white" | "drop";
  /** Location of these settings in the evaluation code. */
  source: string;
}

/** Pixels per visual token of Qwen2.5-VL, the unit of bounds in evaluation code. */
const TOKEN = 28 * 28;

/**
 * Bounds in visual tokens of 28 × 28 pixels.
 *
 * @example
 * visualTokenBounds(4, 16384).minPixels; // 3136
 */
export const visualTokenBounds = (least: number, most: number): PixelBounds => ({
  minPixels: least * TOKEN,
  maxPixels: most * TOKEN,
});

/** `fetch_image` of qwen_vl_utils 0.0.14 if messages set no bounds (`IMAGE_MIN_TOKEN_NUM`, `IMAGE_MAX_TOKEN_NUM`). */
export const qwenUtils: FetchImageBounds = { factor: 28, ...visualTokenBounds(4, 16384) };

/**
 * `fetch_image` of qwen_vl_utils if messages set bounds, as in VLMEvalKit.
 *
 * @example
 * qwenUtilsWithin(visualTokenBounds(1280, 16384)).factor; // 28
 */
export const qwenUtilsWithin = (bounds: PixelBounds): FetchImageBounds => ({ factor: 28, ...bounds });

/**
 * `fetch_image` of qwen_vl_utils if messages set `resized_height` and `resized_width`, multiples of 28.
 *
 * @example
 * exactly(280, 280).minPixels; // 78400
 */
export const exactly = (height: number, width: number): FetchImageBounds => ({
  factor: 28,
  minPixels: height * width,
  maxPixels: height * width,
  sides: [height, width],
});

/**
 * Bounds as text.
 *
 * @example
 * boundsText(visualTokenBounds(256, 3500)); // "200,704 … 2,744,000 pixels (256 … 3500 · 28²)"
 */
export function boundsText({ minPixels, maxPixels }: PixelBounds): string {
  const pixels = [minPixels, maxPixels].map((n) => n.toLocaleString("en-US")).join(" … ");
  const units = [minPixels, maxPixels].map((n) => n / TOKEN);
  return `${pixels} pixels${units.every(Number.isInteger) ? ` (${units.join(" … ")} · 28²)` : ""}`;
}
