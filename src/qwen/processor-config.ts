import { z } from "zod";
import { LintelError } from "../util/index.ts";
import type { ModelType } from "./config.ts";

/** How a picture becomes patches. Pixels are counted after resizing. */
export interface ProcessorConfig {
  patchSize: number;
  mergeSize: number;
  temporalPatchSize: number;
  minPixels: number;
  maxPixels: number;
  resize: boolean;
  /** A resize before that one, as qwen_vl_utils does when it reads an image; never in preprocessor_config.json. */
  first?: { factor: number; minPixels: number; maxPixels: number };
  /** Factor on bytes; 1 where rescaling is off. */
  rescaleFactor: number;
  /** Per channel, subtracted after rescaling; 0 and 1 where normalising is off. */
  mean: [number, number, number];
  std: [number, number, number];
}

const size = z.int().positive();
const triple = z.tuple([z.number(), z.number(), z.number()]);

const schema = z.looseObject({
  patch_size: size.default(14),
  merge_size: size.default(2),
  temporal_patch_size: size.default(2),
  min_pixels: size.nullish(),
  max_pixels: size.nullish(),
  size: z.looseObject({ shortest_edge: size.optional(), longest_edge: size.optional() }).nullish(),
  do_resize: z.boolean().nullish(),
  do_rescale: z.boolean().nullish(),
  do_normalize: z.boolean().nullish(),
  resample: z.literal(3, "only bicubic resampling (3) is supported").nullish(),
  rescale_factor: z.number().positive().nullish(),
  // CLIP's, as in transformers/image_utils.py
  image_mean: triple.nullish(),
  image_std: triple.nullish(),
});

/**
 * Reads the parsed `preprocessor_config.json` of a Qwen2-VL image processor, which Qwen2.5-VL and Qwen3-VL use too. `min_pixels` and `max_pixels` go before
 * `size.shortest_edge` and `size.longest_edge`, which hold *areas* too whatever their names say. (The slow processor
 * of transformers 4.57.1 overlooks `size` in the file; the fast one reads it, as here.) Throws `LintelError`
 * "checkpoint" naming `where` and the field.
 *
 * @example
 * parseProcessorConfig({ min_pixels: 3136 }, "preprocessor_config.json").patchSize; // 14
 */
export function parseProcessorConfig(json: unknown, where: string): ProcessorConfig {
  const result = schema.safeParse(json);
  if (!result.success) {
    throw new LintelError("checkpoint", {
      where,
      expected: "the configuration of a Qwen2-VL image processor",
      got: result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
      cause: result.error,
    });
  }
  const c = result.data;
  return {
    patchSize: c.patch_size,
    mergeSize: c.merge_size,
    temporalPatchSize: c.temporal_patch_size,
    minPixels: c.min_pixels ?? c.size?.shortest_edge ?? 56 * 56,
    maxPixels: c.max_pixels ?? c.size?.longest_edge ?? 28 * 28 * 1280,
    resize: c.do_resize ?? true,
    rescaleFactor: c.do_rescale === false ? 1 : (c.rescale_factor ?? 1 / 255),
    mean: c.do_normalize === false ? [0, 0, 0] : (c.image_mean ?? [0.48145466, 0.4578275, 0.40821073]),
    std: c.do_normalize === false ? [1, 1, 1] : (c.image_std ?? [0.26862954, 0.26130258, 0.27577711]),
  };
}

/**
 * The `preprocessor_config.json` that `AutoImageProcessor` and `parseProcessorConfig` read as this configuration.
 *
 * @example
 * processorJson(parseProcessorConfig({}, "defaults")).image_processor_type; // "Qwen2VLImageProcessor"
 */
export function processorJson(
  config: ProcessorConfig,
  modelType: ModelType = "qwen2_5_vl",
): Record<string, unknown> {
  return {
    image_processor_type: "Qwen2VLImageProcessor",
    processor_class: modelType === "qwen3_vl" ? "Qwen3VLProcessor" : "Qwen2_5_VLProcessor",
    do_convert_rgb: true,
    do_resize: config.resize,
    resample: 3,
    // both spellings: transformers' slow processor reads the first, newer programs the second
    min_pixels: config.minPixels,
    max_pixels: config.maxPixels,
    size: { shortest_edge: config.minPixels, longest_edge: config.maxPixels },
    do_rescale: true,
    rescale_factor: config.rescaleFactor,
    do_normalize: true,
    image_mean: config.mean,
    image_std: config.std,
    patch_size: config.patchSize,
    merge_size: config.mergeSize,
    temporal_patch_size: config.temporalPatchSize,
  };
}
