/** A question as a model will read it, without its weights: the prompt's tokens, and its images' sizes. */
import { familyOf, readFamily } from "../families/index.ts";
import { decodeImage } from "../formats/index.ts";
import {
  loadTokenizer,
  openCheckpoint,
  type ProcessorConfig,
  readProcessor,
  residentBytes,
  resizedSizes,
  type WeightFormat,
} from "../qwen/index.ts";
import type { Example, Picture } from "../tasks/index.ts";
import type { EngineProcessor, NetworkConfig } from "./engine/types.ts";
import {
  familyBoundsText,
  type ImageBoundsOptions,
  preprocessingElsewhere,
  preprocessingOf,
  processorOf,
} from "./image-preprocessing.ts";
import { engineMessages, type LatentModel, promptIds } from "./latent-model.ts";
import { checkedRules } from "./load-model.ts";

/** A size in pixels. */
interface Size {
  width: number;
  height: number;
}

/** A question as the model reads it. */
export interface QuestionPreview {
  example: string;
  /** The prompt as its tokens decode, special tokens among them; "[<|image_pad|> × 64]" abbreviates 64 of them. */
  prompt: string;
  /** Number of its tokens. */
  tokens: number;
  /** Of each image the size that it has, those after each resize as far as Lintel makes them, and its visual tokens where they are told apart. */
  images: { sizes: Size[]; tokens?: number }[];
  /** What the model must write for each option, the option's text where options are letters, and the right one. */
  options: string[];
  optionTexts?: string[];
  answer: number;
}

/** What reads questions: all of a checkpoint but its weights. */
export interface QuestionReader extends Pick<LatentModel, "tokenizer" | "family" | "rules" | "pictures"> {
  config: NetworkConfig;
  /** Lintel's image processor, or the checkpoint's own at an engine. */
  processor: ProcessorConfig | EngineProcessor;
}

/** A reader of its parts. */
export function questionReaderOf(
  { config, tokenizer, family, processor }: Omit<QuestionReader, "rules" | "pictures">,
  options: ImageBoundsOptions,
): QuestionReader {
  const rules = checkedRules(family, config, tokenizer);
  const parts = { config, tokenizer, family, rules };
  if ("architecture" in processor)
    return { ...parts, processor, pictures: preprocessingElsewhere(family, processor.architecture, options) };
  const pictures = preprocessingOf(family, processor, config.raw, options);
  return { ...parts, pictures, processor: processorOf(pictures, processor) };
}

/**
 * What reads questions of a checkpoint, and the bytes that its weights will take in memory; no weight is read.
 *
 * Errors: code "checkpoint" naming the file, as `loadLatentModel`.
 */
export async function readQuestionReader(
  directory: string,
  {
    family: name,
    weights,
    ...options
  }: ImageBoundsOptions & { family?: string; weights?: WeightFormat } = {},
): Promise<QuestionReader & { resident: number }> {
  const checkpoint = await openCheckpoint(directory);
  const { config } = checkpoint;
  const tokenizer = await loadTokenizer(directory);
  const family = familyOf(
    config.raw,
    name === undefined ? undefined : await readFamily(name),
    tokenizer.idOf,
  );
  const processor = await readProcessor(directory, familyBoundsText(family));
  return {
    ...questionReaderOf({ config, tokenizer, family, processor }, options),
    resident: residentBytes(checkpoint, weights),
  };
}

/** Tokens as text; a run of image tokens is abbreviated to its length. */
function textOf(
  { tokenizer, config }: Pick<QuestionReader, "tokenizer" | "config">,
  ids: readonly number[],
): string {
  const { image } = config.tokens;
  const parts: string[] = [];
  for (let at = 0; at < ids.length; ) {
    const isImage = ids[at] === image;
    let end = at;
    while (end < ids.length && (ids[end] === image) === isImage) end++;
    parts.push(
      isImage ? `[${tokenizer.decode([image])} × ${end - at}]` : tokenizer.decode(ids.slice(at, end)),
    );
    at = end;
  }
  return parts.join("");
}

/** The ids of a prompt, and how large its images become. */
async function shownIds(
  reader: QuestionReader,
  example: Example,
  pictures: readonly Picture[],
): Promise<Pick<QuestionPreview, "images"> & { ids: number[] }> {
  const { config, processor } = reader;
  if ("architecture" in processor) {
    const ids = await processor.preview(engineMessages(reader, processor, example), pictures);
    const { image } = config.tokens;
    const runs: number[] = [];
    for (const [i, id] of ids.entries()) {
      if (id !== image) continue;
      if (ids[i - 1] === image) runs[runs.length - 1]!++;
      else runs.push(1);
    }
    // A processor may write several runs for an image: their sum is all that is said then.
    const apart = runs.length === pictures.length;
    const images = pictures.map(({ width, height }, i) => ({
      sizes: [{ width, height }],
      ...(apart && { tokens: runs[i]! }),
    }));
    return { ids, images };
  }
  const cell = (processor.patchSize * processor.mergeSize) ** 2;
  const images = pictures.map((picture) => {
    const sizes = resizedSizes(processor, picture);
    const { width, height } = sizes.at(-1)!;
    return { sizes, tokens: (width * height) / cell };
  });
  const counts = images.map(({ tokens }) => tokens);
  return { ids: promptIds({ ...reader, tokens: config.tokens }, example, counts), images };
}

/**
 * A question as the model reads it.
 *
 * Errors: "dataset" and "input" for images that do not decode or cannot be resized, and questions that name others.
 */
export async function previewQuestion(reader: QuestionReader, example: Example): Promise<QuestionPreview> {
  const pictures: Picture[] = [];
  for (const [i, bytes] of example.images.entries())
    pictures.push(await decodeImage(bytes, `example ${example.id}, image ${i}`, "dataset"));
  const { ids, images } = await shownIds(reader, example, pictures);
  const { options, optionTexts, answer } = example;
  return {
    example: example.id,
    prompt: textOf(reader, ids),
    tokens: ids.length,
    images,
    options,
    ...(optionTexts && { optionTexts }),
    answer,
  };
}
