/** A latent model ready to reason: the network, its tokenizer and image processor, its family's dialect. */
import type { BlockRules, ContentPart, Family } from "../families/index.ts";
import type { Facts } from "../formats/index.ts";
import {
  type Message,
  type ProcessorConfig,
  type Prompt,
  promptVisuals,
  type QwenModel,
  type Tokenizer,
} from "../qwen/index.ts";
import type { Example } from "../tasks/index.ts";
import { ensure } from "../util/index.ts";
import type { EngineMessages, EngineProcessor, EnginePrompt, EngineRecord, Network } from "./engine/types.ts";
import type { FeatureStore } from "./feature-store.ts";
import type { GenerationSettings } from "./generation-settings.ts";
import type { ImagePreprocessing } from "./image-preprocessing.ts";
import type { HeadRunner, StateHead } from "./latent-heads/index.ts";
import type { TargetNetwork } from "./targets/types.ts";

export interface LatentModel<N extends Network = Network> {
  network: N;
  tokenizer: Tokenizer;
  features: FeatureStore;
  /** How pictures are read, and the image processor that does it; null where the checkpoint's own does it at an engine. */
  pictures: ImagePreprocessing;
  processor: ProcessorConfig | null;
  /** Reads pictures and messages where Lintel has no processor for the architecture. */
  prepares?: EngineProcessor;
  /** A second network that oracles are taken from, where the family's training did that and one was named. */
  targets?: TargetNetwork;
  /** Features of helper images, where the family makes these smaller than images of questions. */
  helpers?: FeatureStore;
  family: Family;
  rules: BlockRules;
  /** Ids that end the answer. */
  eos: readonly number[];
  generation: GenerationSettings;
  /** The latent head: it replaces the vectors fed into slots (trained heads) or hidden states (LVR); without, states are fed unchanged. */
  head?: HeadRunner | StateHead | null;
  /** The vector that ends blocks, where they stop by distance. */
  stopVector?: Float32Array | null;
  /** What runs the network, where that is not this process. */
  engine?: EngineRecord;
  /** Digests of everything that determines its outputs, to recognize the same model again. */
  fingerprint?: () => Promise<Facts>;
}

/** A model whose network is in this process. */
export type LocalModel = LatentModel<QwenModel>;

/** The turns of a prompt: system, where the family writes one, and user. */
function messagesOf({ system }: Family, content: readonly ContentPart[]): Message[] {
  return [
    ...(system === undefined ? [] : [{ role: "system" as const, content: system }]),
    { role: "user", content },
  ];
}

/** What a prompt's text and ids are made with. */
type PromptReader = Pick<LatentModel, "tokenizer" | "family" | "rules"> & {
  tokens: { image: number; visionStart: number };
};

/**
 * The ids of an example's prompt, with the number of visual tokens of each image.
 *
 * Errors: "dataset" for a question that names another number of images; "checkpoint" where tokenizer, template and config.json
 * disagree about image tokens.
 */
export function promptIds(reader: PromptReader, example: Example, counts: readonly number[]): number[] {
  const content = reader.family.content(example);
  checkImages(example, content, counts.length);
  return expandedIds(reader, promptText(reader, content), counts);
}

function checkImages(example: Example, content: readonly ContentPart[], images: number): void {
  ensure(content.filter((part) => part.type === "image").length === images, "dataset", () => ({
    where: `example ${example.id}, question`,
    expected: `one "<image>" for each of its ${images} images`,
    got: JSON.stringify(example.question),
  }));
}

/** Ids of a text in which each image token is repeated as often as its image has visual tokens. */
function expandedIds(
  { tokenizer, tokens: { image, visionStart: start } }: Pick<PromptReader, "tokenizer" | "tokens">,
  text: string,
  counts: readonly number[],
): number[] {
  const ids = tokenizer.encode(text);
  // Positions are counted from the marker before an image: without it they would be those of text.
  const places = ids.filter((id, i) => id === image && ids[i - 1] === start).length;
  ensure(places === counts.length, "checkpoint", () => ({
    where: "the prompt's image tokens",
    expected: `${counts.length} of id ${image}, each behind one of id ${start}, as config.json calls them`,
    got: `${places} in the example encoded with tokenizer.json and the chat template`,
    attempt: "config.json, tokenizer and chat template of one and the same checkpoint",
  }));
  let next = 0;
  return ids.flatMap((id) => (id === image ? Array<number>(counts[next++]!).fill(image) : [id]));
}

/** The prompt's text: system turn, user's turn, the opening of the assistant's, placeholders behind it. */
function promptText(
  { tokenizer, family, rules }: Pick<LatentModel, "tokenizer" | "family" | "rules">,
  content: readonly ContentPart[],
): string {
  const { generationPrompt, tail } = family;
  const text = tokenizer.applyChatTemplate(messagesOf(family, content), {
    addGenerationPrompt: generationPrompt === undefined,
  });
  return text + (generationPrompt ?? "") + (tail?.(rules) ?? "");
}

/**
 * An example's prompt for an engine that applies the chat template.
 *
 * Errors: "dataset" for a question that names another number of images; "checkpoint" without a chat template, where the
 * family says no other form.
 */
export function engineMessages(
  { family, rules }: Pick<LatentModel, "family" | "rules">,
  { template, architecture }: Pick<EngineProcessor, "template" | "architecture">,
  example: Example,
): EngineMessages {
  const content = family.content(example);
  checkImages(example, content, example.images.length);
  const { generationPrompt, tail, plain } = family;
  ensure(template || plain !== undefined, "checkpoint", () => ({
    where: `the checkpoint of ${architecture}`,
    expected: `a chat template, in which the family ${family.name} asks its questions`,
    got: "none",
    attempt: "adding the chat_template.jinja that it was trained with",
  }));
  const begun = template ? generationPrompt : plain;
  return {
    messages: messagesOf(family, content),
    generationPrompt: begun === undefined,
    tail: (begun ?? "") + (tail?.(rules) ?? ""),
    template,
  };
}

/** What reads prompts. */
type Reader = Pick<LatentModel, "network" | "tokenizer" | "features" | "family" | "rules">;

/** An example's images, and ids of texts with image tokens expanded for them. */
async function seenBy(
  { network, tokenizer, features }: Reader,
  example: Example,
  content: readonly ContentPart[],
) {
  const images = await features.get(example.images);
  checkImages(example, content, images.length);
  const width = network.config.text.hiddenSize;
  const counts = images.map(({ rows }) => rows.length / width);
  const idsOf = (text: string): number[] =>
    expandedIds({ tokenizer, tokens: network.config.tokens }, text, counts);
  return {
    idsOf,
    visuals: { ...promptVisuals(images), grids: images.flatMap(({ grid }) => (grid ? [grid] : [])) },
  };
}

/** The prompt of an example: chat template, image tokens expanded, features of its images. */
export async function promptOf(model: LatentModel, example: Example): Promise<EnginePrompt> {
  const { prepares, features } = model;
  if (prepares) {
    const images = example.images.length > 0 ? await features.get(example.images) : [];
    const messages = engineMessages(model, prepares, example);
    const found = await prepares.encode(
      messages,
      images.map(({ kept }) => kept!),
    );
    return { ...found, visuals: new Float32Array(0), grids: [] };
  }
  const content = model.family.content(example);
  const { idsOf, visuals } = await seenBy(model, example, content);
  return { ids: idsOf(promptText(model, content)), ...visuals };
}

/** A prompt with what the assistant said behind it, and where its turn begins. */
export async function dialogueOf(
  model: Reader,
  example: Example,
  said: string,
): Promise<Prompt & { assistant: number }> {
  const content = model.family.content(example);
  const { idsOf, visuals } = await seenBy(model, example, content);
  const user = model.tokenizer.applyChatTemplate(messagesOf(model.family, content), {
    addGenerationPrompt: false,
  });
  return { ids: idsOf(promptText(model, content) + said), ...visuals, assistant: idsOf(user).length };
}
