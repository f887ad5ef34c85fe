/**
 * CoLT (arXiv 2606.31986; docs/published-families.md §19.6): projected states behind the prompt, without markers. Facts from
 * hulianyuyy/CoLT at 331cc78: its modeling_qwen3_vl.py, `_forward_latent_reasoning` and `latent_reasoning_generate`.
 */
import { answersBy } from "../answers.ts";
import { groupMeans } from "../compress.ts";
import { imagesFirst, responseIn, tagged } from "../prompt.ts";
import { blockRules, latentCount, resolveId } from "../rules.ts";
import type { Family } from "../types.ts";

/** A token of every Qwen-VL that no prompt has: it holds the places of latents, and nothing of it is fed. */
const SLOT = "<|vision_pad|>";

/** `num_latent` is 3; the projection of the last of their states is fed before the first word. */
const LATENTS = 4;

export const colt: Family = {
  name: "colt",
  dialect: "colt",
  tokens: [],
  configKeys: ({ k }) => ({ colt_latents: k }),
  // its config.json is Qwen3-VL's; checkpoints that Lintel trains say it
  detect: (config) => "colt_latents" in config,
  rules: (config, idOf, warn) =>
    blockRules(
      {
        startId: null,
        endId: null,
        padId: resolveId({ config, idOf, warn, family: "CoLT", order: [], first: null }, null, SLOT),
        k: latentCount(config, "colt_latents", LATENTS),
      },
      {
        forceEnd: false,
        eosEnds: true,
        placeholders: true,
        perSampleState: false,
        head: { kind: "bottleneck", prefix: "prj", from: 0, replaces: "input" },
      },
    ),
  content: imagesFirst(),
  tail: ({ k }) => SLOT.repeat(k),
  response: responseIn({ before: "", after: "", open: "", close: "", answer: tagged }),
  ...answersBy("vlmevalkit"),
  answerCue: "<answer>",
  pictures: {
    first: { factor: 32, minPixels: 4 * 32 ** 2, maxPixels: 16384 * 32 ** 2 },
    transparency: "white",
    source: "CoLT, Evaluation/VLMEvalKit, Qwen3VLChat without bounds (qwen_vl_utils, patches of 16)",
  },
  generation: { maxTokens: 256, sampling: "temperature 0.6, top_k 20, which its generate always sets" },
  compress: groupMeans,
  noOracle: "CoLT's latents are trained on the words of a reasoning through decoders that are dropped",
};
