/** A latent model ready to reason: the network, its tokenizer and image processor, its family's dialect. */
import type { BlockRules, ContentPart, Family, OracleContext } from "../families/index.ts";
import { type Message, type Prompt, promptVisuals, type QwenModel, type Tokenizer } from "../qwen/index.ts";
import type { Example } from "../tasks/index.ts";
import { ensure } from "../util/index.ts";
import type { FeatureStore } from "./features.ts";
import type { Feed } from "./feedback/index.ts";
import type { GenerationSettings } from "./generation.ts";
import type { StateHead } from "./head.ts";

export interface LatentModel {
  network: QwenModel;
  tokenizer: Tokenizer;
  features: FeatureStore;
  /** Features of helper images, where the family makes these smaller than images of questions. */
  helpers?: FeatureStore;
  family: Family;
  rules: BlockRules;
  /** Ids that end the answer. */
  eos: readonly number[];
  /** What slots are fed of the hidden states before them, where a recipe trained a head; else the states themselves. */
  feed?: Feed | null;
  generation: GenerationSettings;
  /** LVR's head, where the rules have one; and the vector that ends blocks, where they stop by distance. */
  head?: StateHead | null;
  stopVector?: Float32Array | null;
}

/** The prompt's text: system turn, user's turn, the opening of the assistant's, placeholders behind it. */
function promptText({ tokenizer, family, rules }: LatentModel, content: readonly ContentPart[]): string {
  const { system, generationPrompt, tail } = family;
  const messages: Message[] = [
    ...(system === undefined ? [] : [{ role: "system" as const, content: system }]),
    { role: "user", content },
  ];
  const text = tokenizer.applyChatTemplate(messages, { addGenerationPrompt: generationPrompt === undefined });
  return text + (generationPrompt ?? "") + (tail?.(rules) ?? "");
}

/**
 * The prompt of an example: chat template, image tokens expanded, features of its images.
 *
 * @example
 * const config = pocketConfig({
 *   vocabSize: 24,
 *   hiddenSize: 32,
 *   layers: 1,
 *   heads: 2,
 *   extra: { latent_size: 1, lvr_start_id: 7 },
 * });
 * const weights = Object.fromEntries(
 *   [...expectedTensors(config)].map(([name, shape]) => {
 *     const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
 *     return [name, { dtype: "float32", shape, data }];
 *   }),
 * );
 * const tokenizer = createTokenizer(pocketTokenizer(["a", "b"]), "example");
 * const processor = parseProcessorConfig({ patch_size: 6, min_pixels: 144 }, "example");
 * const model = assembleModel({ config, weights, tokenizer, processor, eos: [0] });
 * const example = { question: "a b", images: [], options: ["a", "b"], answer: 0, helpers: [] };
 * (await promptOf(model, example)).ids.length; // tokens of the turn, and of the start of the next
 */
export async function promptOf(model: LatentModel, example: Example): Promise<Prompt> {
  const content: ContentPart[] = model.family.content(example);
  const images = await model.features.get(example.images);
  ensure(content.filter((part) => part.type === "image").length === images.length, "dataset", () => ({
    where: `example ${example.id}, question`,
    expected: `one "<image>" for each of its ${images.length} images`,
    got: JSON.stringify(example.question),
  }));
  const image = model.network.config.tokens.image;
  const width = model.network.config.text.hiddenSize;
  let next = 0;
  const ids = model.tokenizer.encode(promptText(model, content)).flatMap((id) => {
    if (id !== image) return [id];
    return Array<number>(images[next++]!.rows.length / width).fill(image);
  });
  return { ids, ...promptVisuals(images), grids: images.map(({ grid }) => grid) };
}

/**
 * What an example shows and asks, pooled: the mean of the images' features and of the question's embeddings, [D] each.
 * A family that selects oracle rows goes by it.
 *
 * @example
 * const model = {
 *   network: { config: { text: { hiddenSize: 1 } }, embed: (ids) => Float32Array.from(ids) },
 *   features: { get: async () => [] },
 *   tokenizer: { encode: () => [1, 3] },
 * };
 * await pooledInput(model, { images: [], question: "two words" }); // { image: null, question: Float32Array [2] }
 */
export async function pooledInput(
  model: Pick<LatentModel, "network" | "features" | "tokenizer">,
  example: Pick<Example, "images" | "question">,
): Promise<OracleContext> {
  const width = model.network.config.text.hiddenSize;
  const mean = (rows: Float32Array): Float32Array => {
    const out = new Float32Array(width);
    for (const [i, x] of rows.entries()) out[i % width]! += (x * width) / rows.length;
    return out;
  };
  const images = await model.features.get(example.images);
  const words = model.tokenizer.encode(example.question.replaceAll("<image>", " "));
  const means = images.map(({ rows }) => mean(rows));
  return {
    image: means.length > 0 ? mean(Float32Array.from(means.flatMap((each) => [...each]))) : null,
    question: mean(model.network.embed(words)),
  };
}

/**
 * Latents of an oracle: K, or what training has instead.
 *
 * @example
 * oracleSize(blockRules({ startId: 1, padId: 2, endId: 3, k: 8 }, { oracleK: 4 })); // 4
 */
export const oracleSize = ({ k, oracleK }: Pick<BlockRules, "k" | "oracleK">): number => oracleK ?? k;

/**
 * Makes the oracle latents of an example's helpers for any number of latents: [k, D] each, or fewer rows where the
 * family selects or a helper has fewer; none where the family's oracle takes a network that the checkpoint does not hold.
 *
 * @example
 * const model = { family: { noOracle: "of another network" } };
 * (await oracleMaker(model, { helpers: [new Uint8Array(1)] }))(8); // []
 */
export async function oracleMaker(
  model: LatentModel,
  example: Example,
): Promise<(k: number) => Float32Array[]> {
  const { family, features, network, rules } = model;
  if (family.noOracle !== undefined || example.helpers.length === 0) return () => [];
  const helpers = await (model.helpers ?? features).get(example.helpers);
  const context = family.selects ? await pooledInput(model, example) : undefined;
  const width = network.config.text.hiddenSize;
  return (k) =>
    helpers.map(({ rows }) =>
      family.keepsRows && k === oracleSize(rules) ? rows : family.compress(rows, width, k, context),
    );
}

/**
 * Oracle latents [K·D] of each helper of an example, K being the family's or `k`; empty where it has none, or where the
 * family's oracle takes a network that the checkpoint does not hold.
 *
 * @example
 * const config = pocketConfig({
 *   vocabSize: 24,
 *   hiddenSize: 32,
 *   layers: 1,
 *   heads: 2,
 *   extra: { latent_size: 1, lvr_start_id: 7 },
 * });
 * const weights = Object.fromEntries(
 *   [...expectedTensors(config)].map(([name, shape]) => {
 *     const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
 *     return [name, { dtype: "float32", shape, data }];
 *   }),
 * );
 * const tokenizer = createTokenizer(pocketTokenizer(["a", "b"]), "example");
 * const processor = parseProcessorConfig({ patch_size: 6, min_pixels: 144 }, "example");
 * const model = assembleModel({ config, weights, tokenizer, processor, eos: [0] });
 * const example = { question: "a b", images: [], options: ["a", "b"], answer: 0, helpers: [] };
 * await oraclesOf(model, example); // []: it has no helper image
 */
export async function oraclesOf(
  model: LatentModel,
  example: Example,
  k = oracleSize(model.rules),
): Promise<Float32Array[]> {
  return (await oracleMaker(model, example))(k);
}
