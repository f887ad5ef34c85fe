/** A latent model ready to reason: the network, its tokenizer and image processor, its family's dialect. */
import type { BlockRules, ContentPart, Family } from "../families/index.ts";
import { type Prompt, promptVisuals, type QwenModel, type Tokenizer } from "../qwen/index.ts";
import type { Example } from "../tasks/index.ts";
import { ensure } from "../util/index.ts";
import type { FeatureStore } from "./features.ts";
import type { Feed } from "./feedback/index.ts";

export interface LatentModel {
  network: QwenModel;
  tokenizer: Tokenizer;
  features: FeatureStore;
  family: Family;
  rules: BlockRules;
  /** Ids that end the answer. */
  eos: readonly number[];
  /** What slots are fed of the hidden states before them, where a recipe trained a head; else the states themselves. */
  feed?: Feed | null;
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
  const text = model.tokenizer.applyChatTemplate([{ role: "user", content }], { addGenerationPrompt: true });
  const image = model.network.config.tokens.image;
  const width = model.network.config.text.hiddenSize;
  let next = 0;
  const ids = model.tokenizer.encode(text).flatMap((id) => {
    if (id !== image) return [id];
    return Array<number>(images[next++]!.rows.length / width).fill(image);
  });
  return { ids, ...promptVisuals(images), grids: images.map(({ grid }) => grid) };
}

/**
 * Oracle latents [K·D] of each helper of an example, K being the family's or `k`; empty where it has none.
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
  k = model.rules.k,
): Promise<Float32Array[]> {
  const width = model.network.config.text.hiddenSize;
  const helpers = await model.features.get(example.helpers);
  return helpers.map(({ rows }) => model.family.compress(rows, width, k));
}
