/** A latent model ready to reason: the network, its tokenizer and image processor, its family's dialect. */
import type { BlockRules, ContentPart, Family } from "../families/index.ts";
import type { Prompt, QwenModel, Tokenizer } from "../qwen/index.ts";
import type { Example } from "../tasks/index.ts";
import { ensure } from "../util/index.ts";
import type { FeatureStore } from "./features.ts";

export interface LatentModel {
  network: QwenModel;
  tokenizer: Tokenizer;
  features: FeatureStore;
  family: Family;
  rules: BlockRules;
  /** Ids that end the answer. */
  eos: readonly number[];
}

/** The prompt of an example: chat template, image tokens expanded, features of its images. */
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
  const visuals = new Float32Array(images.reduce((n, { rows }) => n + rows.length, 0));
  let at = 0;
  for (const { rows } of images) {
    visuals.set(rows, at);
    at += rows.length;
  }
  return { ids, visuals, grids: images.map(({ grid }) => grid) };
}

/** Oracle latents [K·D] of each helper of an example; empty where it has none. */
export async function oraclesOf(model: LatentModel, example: Example): Promise<Float32Array[]> {
  const width = model.network.config.text.hiddenSize;
  const helpers = await model.features.get(example.helpers);
  return helpers.map(({ rows }) => model.family.compress(rows, width, model.rules.k));
}
