/** A question as a model will read it, without its weights: the prompt's tokens, and its images' sizes. */
import { type Family, familyOf, readFamily } from "../families/index.ts";
import { decodeImage } from "../formats/index.ts";
import {
  loadTokenizer,
  openCheckpoint,
  type ProcessorConfig,
  type QwenConfig,
  readProcessor,
  resizedSizes,
  type Tokenizer,
} from "../qwen/index.ts";
import type { Example } from "../tasks/index.ts";
import {
  familyBoundsText,
  type ImageBoundsOptions,
  type ImagePreprocessing,
  preprocessingOf,
  processorOf,
} from "./image-preprocessing.ts";
import { type LatentModel, promptIds } from "./latent-model.ts";
import { checkedRules } from "./load-model.ts";

/** A size in pixels. */
export interface Size {
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
  /** Of each image the size that it has, those after each resize, and its visual tokens. */
  images: { sizes: Size[]; tokens: number }[];
  /** What the model must write for each option, the option's text where options are letters, and the right one. */
  options: string[];
  optionTexts?: string[];
  answer: number;
}

/** What reads questions: all of a checkpoint but its weights. */
export interface QuestionReader {
  config: QwenConfig;
  tokenizer: Tokenizer;
  family: Family;
  rules: LatentModel["rules"];
  processor: ProcessorConfig;
  pictures: ImagePreprocessing;
}

/**
 * What reads questions of a checkpoint; no weight is read.
 *
 * Errors: code "checkpoint" naming the file, as `loadLatentModel`.
 */
export async function readQuestionReader(
  directory: string,
  { family: name, ...options }: ImageBoundsOptions & { family?: string } = {},
): Promise<QuestionReader> {
  const { config } = await openCheckpoint(directory);
  const tokenizer = await loadTokenizer(directory);
  const family = familyOf(
    config.raw,
    name === undefined ? undefined : await readFamily(name),
    tokenizer.idOf,
  );
  const own = await readProcessor(directory, familyBoundsText(family));
  const pictures = preprocessingOf(family, own, config.raw, options);
  const rules = checkedRules(family, config, tokenizer);
  return { config, tokenizer, family, rules, pictures, processor: processorOf(pictures, own) };
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

/**
 * A question as the model reads it.
 *
 * Errors: "dataset" and "input" for images that do not decode or cannot be resized, and questions that name others.
 */
export async function previewQuestion(reader: QuestionReader, example: Example): Promise<QuestionPreview> {
  const { config, processor } = reader;
  const cell = (processor.patchSize * processor.mergeSize) ** 2;
  const images: QuestionPreview["images"] = [];
  for (const [i, bytes] of example.images.entries()) {
    const picture = await decodeImage(bytes, `example ${example.id}, image ${i}`, "dataset");
    const sizes = resizedSizes(processor, picture);
    const { width, height } = sizes.at(-1)!;
    images.push({ sizes, tokens: (width * height) / cell });
  }
  const ids = promptIds(
    { ...reader, tokens: config.tokens },
    example,
    images.map(({ tokens }) => tokens),
  );
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
