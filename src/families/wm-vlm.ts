/**
 * WM-VLM (arXiv 2609.34826; docs/published-families.md §19): all latents of a block come at once from a branch of some layers.
 * Facts from yuh-zha/WM-VLM at 7c61619: wm_vlm/generation.py (loop), data.py (prompt), inference.py (oracle, end of text).
 */
import { ensure } from "../util/index.ts";
import { answersBy } from "./answers.ts";
import { groupMeans } from "./compress.ts";
import { imagesFirst, responseIn } from "./prompt.ts";
import { blockIds, blockRules, latentCount } from "./rules.ts";
import type { Family, RawConfig } from "./types.ts";

const START = "<|latent_start|>";
const SLOT = "<|latent_pad|>";
const END = "<|latent_end|>";
const order = [SLOT, START, END];
const MARKERS = {
  start: ["wm_vlm_latent_start_id", START],
  end: ["wm_vlm_latent_end_id", END],
  pad: ["wm_vlm_latent_token_id", SLOT],
} as const;

/** What Lintel's prompt, images and oracles assume of config.json, as both released checkpoints and their training script have it. */
const EXPECTED: readonly (readonly [key: string, value: unknown])[] = [
  ["wm_vlm_prompt_style", "wm_vlm"],
  ["wm_vlm_target_mode", "full_vision_tokens"],
  ["wm_vlm_flow_source_mode", "gaussian_noise"],
  ["wm_vlm_vl_utils_preprocess", false],
  ["wm_vlm_problem_qwen_vl_utils_preprocess", false],
  ["wm_vlm_helper_qwen_vl_utils_preprocess", false],
];

function checkConfig(config: RawConfig): void {
  for (const [key, expected] of EXPECTED) {
    const found = config[key] ?? expected;
    ensure(found === expected, "checkpoint", () => ({
      where: `config.json, ${key}`,
      expected: `${JSON.stringify(expected)}, as the released WM-VLM checkpoints`,
      got: JSON.stringify(found),
      attempt: "the family's own evaluation, and its outcomes in lintel judge",
    }));
  }
}

const answer = (option: string): string => `<answer>${option}</answer>`;

export const wmVlm: Family = {
  name: "wm-vlm",
  dialect: "wm-vlm",
  tokens: order,
  configKeys: ({ startId, padId, endId, k }) => ({
    wm_vlm_latent_start_id: startId,
    wm_vlm_latent_token_id: padId,
    wm_vlm_latent_end_id: endId,
    wm_vlm_latent_size: k,
  }),
  detect: (config) => "wm_vlm_latent_size" in config,
  rules(config, idOf, warn) {
    checkConfig(config);
    const sources = { config, idOf, warn, family: "WM-VLM", order };
    return blockRules(
      { ...blockIds(sources, MARKERS), k: latentCount(config, "wm_vlm_latent_size") },
      {
        made: "branch",
        maxBlocks: latentCount(config, "wm_vlm_max_latent_blocks", 1),
        eosEnds: false,
      },
    );
  },
  system:
    "You are a visual reasoning assistant. Think step by step to answer the question. " +
    "Put textual reasoning inside <think> and </think>. Use a latent visual state when " +
    "spatial imagination is needed, then put the final option letter inside <answer> and </answer>.",
  content: imagesFirst(),
  response: responseIn({ before: START, after: END, open: "<think>", close: "</think>", answer }),
  ...answersBy("wm-vlm"),
  answerCue: "<answer>",
  pictures: {
    transparency: "drop",
    source: "WM-VLM, wm_vlm/inference.py and scripts/reproduce/train_wm_vlm.sh (no qwen_vl_utils)",
  },
  generation: { maxTokens: 256, sampling: "greedy" },
  compress: groupMeans,
  exactRows: true,
  helperPixels({ wm_vlm_helper_min_pixels: least, wm_vlm_helper_max_pixels: most }) {
    if (typeof least !== "number" || typeof most !== "number") return undefined;
    return { minPixels: least, maxPixels: most };
  },
  oracleNote:
    "all features of the helper image, as many as the block has latents; where an example has fewer helper images than the model opens blocks, the last fills them again (the family's evaluation ends the text there)",
};
