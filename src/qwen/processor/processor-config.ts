import { join } from "node:path";
import { z } from "zod";
import { ensure } from "../../util/index.ts";
import { readOptionalJson } from "../checkpoint/optional-json.ts";
import { parseFields, size } from "../config/parse-fields.ts";
import type { ModelType } from "../config/types.ts";

/** Image preprocessing. Pixel bounds apply to the resized image. */
export interface ProcessorConfig {
  patchSize: number;
  mergeSize: number;
  temporalPatchSize: number;
  minPixels: number;
  maxPixels: number;
  resize: boolean;
  /** An earlier resize, the `fetch_image` of qwen_vl_utils; not part of preprocessor_config.json. */
  first?: { factor: number; minPixels: number; maxPixels: number; sides?: readonly [number, number] };
  /** Factor on bytes; 1 if rescaling is off. */
  rescaleFactor: number;
  /** Per channel, after rescaling; 0 and 1 if normalization is off. */
  mean: [number, number, number];
  std: [number, number, number];
}

const triple = z.tuple([z.number(), z.number(), z.number()]);

/** Class names in transformers: Qwen2VLImageProcessor, …Fast, …Pil; Qwen2_5_VLImageProcessor before 4.50. */
const QWEN_PROCESSOR = /^Qwen[\d_]*VLImageProcessor/;

const schema = z.looseObject({
  image_processor_type: z
    .string()
    .regex(QWEN_PROCESSOR, "expected the image processor of a Qwen-VL model")
    .nullish(),
  patch_size: size.max(1024).default(14),
  merge_size: size.max(64).default(2),
  temporal_patch_size: size.max(64).default(2),
  min_pixels: size.nullish(),
  max_pixels: size.nullish(),
  size: z.looseObject({ shortest_edge: size.nullish(), longest_edge: size.nullish() }).nullish(),
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
 * Reads the parsed `preprocessor_config.json` of a Qwen2-VL image processor, which Qwen2.5-VL and Qwen3-VL use too.
 * `min_pixels` and `max_pixels` take precedence over `size.shortest_edge` and `size.longest_edge`, which hold *areas*
 * despite their names. A `size` must have both bounds; other keys, such as `size.min_pixels`, are rejected, as by
 * transformers. (The slow processor of transformers 4.57.1 ignores `size`; the fast one and 5.24 read it, as here.)
 * Throws `LintelError` "checkpoint" naming `where` and the field.
 *
 * @example
 * parseProcessorConfig({ min_pixels: 3136 }, "preprocessor_config.json").patchSize; // 14
 */
export function parseProcessorConfig(json: unknown, where: string): ProcessorConfig {
  const c = parseFields(schema, json, where, "the configuration of a Qwen2-VL image processor");
  const [least, most] = [c.min_pixels ?? c.size?.shortest_edge, c.max_pixels ?? c.size?.longest_edge];
  ensure(c.size == null || (least && most), "checkpoint", () => ({
    where: `${where}: size`,
    expected: "shortest_edge and longest_edge, the smallest and the largest number of pixels",
    got: JSON.stringify(c.size),
    attempt: "these keys with the bounds that the model was trained with",
  }));
  const bounds = { minPixels: least ?? 56 * 56, maxPixels: most ?? 28 * 28 * 1280 };
  ensure(bounds.minPixels <= bounds.maxPixels, "checkpoint", () => ({
    where: `${where}: min_pixels`,
    expected: `at most max_pixels, ${bounds.maxPixels}`,
    got: String(bounds.minPixels),
  }));
  return {
    patchSize: c.patch_size,
    mergeSize: c.merge_size,
    temporalPatchSize: c.temporal_patch_size,
    ...bounds,
    resize: c.do_resize ?? true,
    rescaleFactor: c.do_rescale === false ? 1 : (c.rescale_factor ?? 1 / 255),
    mean: c.do_normalize === false ? [0, 0, 0] : (c.image_mean ?? [0.48145466, 0.4578275, 0.40821073]),
    std: c.do_normalize === false ? [1, 1, 1] : (c.image_std ?? [0.26862954, 0.26130258, 0.27577711]),
  };
}

const OWN = "preprocessor_config.json";
const SHARED = "processor_config.json";

/** The optional `image_processor` of a processor_config.json. */
const shared = z.looseObject({ image_processor: z.looseObject({}).nullish() });

/** Whether a checkpoint names an image processor of the kind that `readProcessor` reads. */
export async function hasQwenProcessor(directory: string): Promise<boolean> {
  const own = await readOptionalJson(directory, OWN);
  const within = (await readOptionalJson(directory, SHARED)) as { image_processor?: unknown } | null;
  return [own, within?.image_processor].some((json) => {
    const kind = (json as { image_processor_type?: unknown } | null | undefined)?.image_processor_type;
    return typeof kind === "string" && QWEN_PROCESSOR.test(kind);
  });
}

/**
 * The image processor's configuration of a checkpoint: `image_processor` of `processor_config.json`, where
 * transformers 5 writes it, or `preprocessor_config.json`.
 *
 * @param advice - Appended to the error for a missing file: the pixel bounds of the family's evaluation.
 *
 * Errors: code "checkpoint" if both are missing, or if they differ: transformers 5 would use the first, 4.57 the second.
 */
export async function readProcessor(directory: string, advice?: string): Promise<ProcessorConfig> {
  const sharedPath = join(directory, SHARED);
  const json = await readOptionalJson(directory, SHARED);
  const nested = shared.safeParse(json ?? {});
  ensure(nested.success, "checkpoint", () => ({
    where: sharedPath,
    expected: "an object whose image_processor, if present, is an object",
    got: nested.error!.issues[0]!.message,
  }));
  const ownPath = join(directory, OWN);
  const own = await readOptionalJson(directory, OWN);
  const within = nested.data.image_processor ?? null;
  const ofShared = within === null ? null : parseProcessorConfig(within, `${sharedPath}: image_processor`);
  const ofOwn = own === null ? null : parseProcessorConfig(own, ownPath);
  const found = ofShared ?? ofOwn;
  ensure(found, "checkpoint", () => ({
    where: directory,
    expected: `${OWN}, or ${SHARED} with an image_processor`,
    got: json === null ? "neither" : `${SHARED} without one`,
    attempt: `copying the base model's, if this one was trained with its pixel bounds${advice === undefined ? "" : `; ${advice}`}`,
  }));
  const differing = Object.keys(found).filter(
    (key) =>
      ofOwn &&
      JSON.stringify(ofOwn[key as keyof ProcessorConfig]) !==
        JSON.stringify(found[key as keyof ProcessorConfig]),
  );
  ensure(differing.length === 0, "checkpoint", () => ({
    where: directory,
    expected: `the same image processor in ${SHARED}, which transformers 5 reads, and ${OWN}, which 4.57 reads`,
    got: `different values of ${differing.join(" and ")}`,
    attempt: "removing the file that the model was not trained with",
  }));
  return found;
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
    // both forms: transformers' slow processor reads the first, newer programs the second
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
