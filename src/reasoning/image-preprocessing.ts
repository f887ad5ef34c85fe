/** How a model reads pictures: its family's evaluation, its own preprocessor_config.json, or what the user says. */
import { boundsText, type Family, type FetchImageBounds, type PixelBounds } from "../families/index.ts";
import type { ProcessorConfig } from "../qwen/index.ts";
import { ensure } from "../util/index.ts";

/** What the user may say about it. */
export interface ImageBoundsOptions {
  /** Bounds of an image's area after resizing, in pixels; they replace all others. */
  minPixels?: number;
  maxPixels?: number;
  /** Whose bounds count otherwise: the family's evaluation's (default), or preprocessor_config.json's. */
  pixels?: PixelsOf;
}

const pixelsOf = ["family", "checkpoint"] as const;
export type PixelsOf = (typeof pixelsOf)[number];

/** How pictures are read, as an audit records it. */
export interface ImagePreprocessing {
  /** Bounds of the last resize, the one that decides the number of visual tokens; absent where `from` is "processor". */
  bounds?: PixelBounds;
  /** The resize before it, as qwen_vl_utils does. */
  first?: FetchImageBounds;
  /**
   * Whose they are: the family's evaluation's, the checkpoint's own, or the user's. "processor": the checkpoint's own image
   * processor reads pictures, whose sizes have no such bounds.
   */
  from: "family" | "checkpoint" | "options" | "processor";
  /** What preprocessor_config.json says. */
  checkpoint?: PixelBounds;
  /** Why, or where the evaluation says so. */
  source: string;
  transparency: "white" | "drop";
}

/** Pixels along a visual token of the published models: Qwen2.5-VL and Qwen3-VL. */
const publishedFactors = [28, 32];

/** Why a family's evaluation says nothing about this checkpoint; null where it does. */
function notPublished(
  { patchSize, mergeSize }: ProcessorConfig,
  raw: Readonly<Record<string, unknown>>,
): string | null {
  if ("lintel" in raw) return "Lintel made this checkpoint for images of these bounds";
  const factor = patchSize * mergeSize;
  if (publishedFactors.includes(factor)) return null;
  return `its visual tokens are ${factor} pixels wide, not 28 or 32 as those of the published models`;
}

/**
 * How a checkpoint's pictures are read. The bounds of a family's evaluation count where the checkpoint is of the published
 * scale and was not trained by Lintel, whose models keep the bounds that they were trained with. Transparency is the
 * family's in any case.
 *
 * Errors: "usage" for bounds that contradict each other.
 */
export function preprocessingOf(
  { name, pictures }: Pick<Family, "name" | "pictures">,
  processor: ProcessorConfig,
  raw: Readonly<Record<string, unknown>>,
  { minPixels, maxPixels, pixels = "family" }: ImageBoundsOptions = {},
): ImagePreprocessing {
  const checkpoint = { minPixels: processor.minPixels, maxPixels: processor.maxPixels };
  const { transparency } = pictures;
  if (minPixels !== undefined || maxPixels !== undefined) {
    const bounds = {
      minPixels: minPixels ?? checkpoint.minPixels,
      maxPixels: maxPixels ?? checkpoint.maxPixels,
    };
    ensure(bounds.minPixels <= bounds.maxPixels, "usage", () => ({
      where: "--min-pixels and --max-pixels",
      expected: "a smallest area that is no larger than the largest",
      got: boundsText(bounds),
    }));
    return { bounds, from: "options", checkpoint, source: "as specified", transparency };
  }
  const why = pixels === "checkpoint" ? "as specified" : notPublished(processor, raw);
  const { processor: set, first, source } = pictures;
  if (why !== null || (!set && !first)) {
    const silent = `the evaluation of ${name} sets none`;
    return { bounds: checkpoint, from: "checkpoint", checkpoint, source: why ?? silent, transparency };
  }
  return {
    bounds: set ?? checkpoint,
    ...(first && { first }),
    from: "family",
    checkpoint,
    source,
    transparency,
  };
}

/**
 * How pictures are read by the checkpoint's own processor at an engine.
 *
 * Errors: "usage" for bounds, which it does not have; "checkpoint" for a family with images of helpers of another size.
 */
export function preprocessingElsewhere(
  { name, pictures, helperTokens }: Pick<Family, "name" | "pictures" | "helperTokens">,
  architecture: string,
  { minPixels, maxPixels, pixels }: ImageBoundsOptions,
): ImagePreprocessing {
  ensure(minPixels === undefined && maxPixels === undefined && pixels === undefined, "usage", () => ({
    where: "--min-pixels, --max-pixels and --pixels",
    expected: "a Qwen-VL model, whose images are resized within bounds",
    got: `${architecture}, whose own processor decides the size of images`,
    attempt: "the command without them, or another preprocessor_config.json",
  }));
  ensure(!helperTokens, "checkpoint", () => ({
    where: `the family ${name}`,
    expected: "a Qwen-VL model: its helper images are made smaller than images of questions",
    got: architecture,
    attempt: "a file of rules for this model (docs/families.md)",
  }));
  const source = `the checkpoint's own, of ${architecture}`;
  return { from: "processor", source, transparency: pictures.transparency };
}

/** The image processor that reads pictures so. */
export const processorOf = (
  { bounds, first }: ImagePreprocessing,
  processor: ProcessorConfig,
): ProcessorConfig => ({
  ...processor,
  ...bounds,
  ...(first && processor.resize && { first }),
});

/**
 * What the bounds of a family's evaluation are, in words, for those who have no preprocessor_config.json; undefined where it sets
 * none.
 *
 * @example
 * familyBoundsText(families.monet); // "the evaluation of monet sets 200,704 … 6,422,528 pixels (256 … 8192 · 28²)"
 */
export function familyBoundsText({ name, pictures }: Pick<Family, "name" | "pictures">): string | undefined {
  const { processor, first } = pictures;
  const set = processor ?? first;
  return set && `the evaluation of ${name} sets ${boundsText(set)}`;
}

/** How pictures are read, in a sentence. */
export function preprocessingText({
  bounds,
  first,
  from,
  checkpoint,
  source,
  transparency,
}: ImagePreprocessing): string {
  const alpha = transparency === "white" ? "transparent ones are laid on white" : "transparency is dropped";
  if (!bounds || !checkpoint) return `images as the image processor reads them (${source}); ${alpha}`;
  const whose = {
    processor: source,
    family: `as the family's evaluation has them (${source}); preprocessor_config.json says ${boundsText(checkpoint)}`,
    checkpoint: `as preprocessor_config.json says (${source})`,
    options: `as specified; preprocessor_config.json says ${boundsText(checkpoint)}`,
  }[from];
  const before = first ? `, resized before to ${boundsText(first)} in steps of ${first.factor}` : "";
  return `images of ${boundsText(bounds)}${before}, ${whose}; ${alpha}`;
}
