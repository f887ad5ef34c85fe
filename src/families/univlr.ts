/**
 * UniVLR (arXiv 2605.11856; docs/published-families.md §19.6): LVR's loop with a forced end, and heads of three kinds. Facts from
 * Warrenustc1958/UniVLR at 8873cdc: src/model/qwen_univlr_model.py (loops), univlr_heads.py, src/train/train_univlr_stage1.py
 * (tokens, config.json), src/train/monkey_patch_forward_univlr_inference.py (where the head is applied).
 */
import { ensure } from "../util/index.ts";
import { answersBy } from "./answers.ts";
import { groupMeans } from "./compress.ts";
import { qwenUtils } from "./images.ts";
import { imagesFirst, responseIn, tagged } from "./prompt.ts";
import { blockIds, blockRules, latentCount, resolveId } from "./rules.ts";
import type { BlockRules, Family, IdOf, LatentHeadRules, RawConfig } from "./types.ts";

const START = "<|univlr_start|>";
const SLOT = "<|univlr|>";
const LATENT_END = "<|univlr_latent_end|>";
const END = "<|univlr_end|>";
const order = [START, SLOT, LATENT_END, END];
const MARKERS = {
  start: ["univlr_start_id", START],
  end: ["univlr_end_id", END],
  pad: ["univlr_id", SLOT],
} as const;

/** Latents of its evaluation (README: K_infer); training has `image_latent_tokens`, 24. */
const STEPS = 12;

/**
 * The layer whose states the head reads: null where `univlr_align_layer` is -1 (the last state, through which logits are read
 * as well), "normed" where it names that state by its number. It is an index of transformers' `hidden_states`: 0 the
 * embeddings, then the layers, the last one behind the norm; negative from the end.
 */
function alignLayer(config: RawConfig): number | "normed" | null {
  const { univlr_align_layer: given = -1 } = config;
  if (given === -1) return null;
  const text = (config.text_config ?? {}) as RawConfig;
  const layers = Number(config.num_hidden_layers ?? text.num_hidden_layers);
  const layer = Number(given) < 0 ? layers + 1 + Number(given) : Number(given);
  ensure(Number.isInteger(layer) && layer >= 1 && layer <= layers, "checkpoint", () => ({
    where: "config.json, univlr_align_layer",
    expected: `-1, or a layer from 1 to ${layers} of ${layers}`,
    got: JSON.stringify(given),
    attempt: "the config.json that belongs to the checkpoint",
  }));
  return layer === layers ? "normed" : layer;
}

function headOf(config: RawConfig): LatentHeadRules | null {
  if (config.univlr_head !== true) return null;
  const { univlr_head_type: kind = "simple" } = config;
  ensure(kind === "simple" || kind === "glu" || kind === "vae", "checkpoint", () => ({
    where: "config.json, univlr_head_type",
    expected: '"simple", "glu" or "vae"',
    got: JSON.stringify(kind),
  }));
  // as LVR's: applied in forward passes with a latent as input, so the first latent is a plain hidden state
  const rules = { kind, prefix: "univlr_head", from: 1 } as const;
  const layer = alignLayer(config);
  // Of another layer than the last it makes what is fed alone, and logits are the network's own.
  return layer === null ? rules : { ...rules, replaces: "input", ...(layer !== "normed" && { layer }) };
}

type Loop = (config: RawConfig, idOf: IdOf) => Partial<BlockRules> & { k: number };

const withLoop = (dialect: string, loop: Loop): Family => ({
  name: "univlr",
  dialect,
  tokens: order,
  configKeys: ({ startId, padId, endId, k }) => ({
    univlr_start_id: startId,
    univlr_id: padId,
    univlr_end_id: endId,
    univlr_head: false,
    univlr_steps: k,
  }),
  detect: (config, idOf) => "univlr_start_id" in config || idOf(START) !== undefined,
  rules(config, idOf, warn) {
    const sources = { config, idOf, warn, family: "UniVLR", order };
    const { k, ...rest } = loop(config, idOf);
    return blockRules(
      { ...blockIds(sources, MARKERS), k },
      { entry: "input", recordSampled: true, head: headOf(config), ...rest },
    );
  },
  content: imagesFirst(),
  response: responseIn({ before: START, after: END + LATENT_END, open: "", close: "", answer: tagged }),
  ...answersBy("vlmevalkit"),
  answerCue: "<answer>",
  pictures: {
    first: qwenUtils,
    transparency: "white",
    source: "UniVLR, VLMEvalKit/vlmeval/vlm/qwen2_vl/univlr.py (no bounds in its configuration)",
  },
  generation: { maxTokens: 512, sampling: "as generation_config.json says; a judge model reads the answer" },
  compress: groupMeans,
  oracleNote:
    "means of groups of the helper's features in raster order; training averages the features of a rendered canvas over a grid",
});

const steps = withLoop("univlr-steps", (config) => ({ k: latentCount(config, "univlr_steps", STEPS) }));
/** Its strategy "univlr": `univlr_steps` counts blocks there, of as many latents as in training. */
const blocks = withLoop("univlr-blocks", (config, idOf) => ({
  k: latentCount(config, "univlr_slots_per_block", latentCount(config, "image_latent_tokens", 24)),
  allowSampledEnd: true,
  maxBlocks: latentCount(config, "univlr_blocks", 1),
  furtherStarts: "words",
  afterBlocks: [resolveId({ config, idOf, family: "UniVLR", order }, "univlr_latent_end_id", LATENT_END)],
}));

export const univlr: Family = { ...steps, dialects: { "univlr-steps": steps, "univlr-blocks": blocks } };
