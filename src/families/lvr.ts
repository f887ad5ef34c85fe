/** LVR (arXiv 2509.24251; docs/published-families.md §2): three ways to end a block, and an optional latent head; the end marker is not forced. */
import { ensure } from "../util/index.ts";
import { answersBy } from "./answers.ts";
import { rowsOrGroupMeans } from "./compress.ts";
import { qwenUtils } from "./images.ts";
import { imagesFirst, responseIn, tagged } from "./prompt.ts";
import { blockIds, blockRules, latentCount } from "./rules.ts";
import type { BlockRules, Family, LatentHeadRules } from "./types.ts";

const START = "<|lvr_start|>";
const SLOT = "<|lvr|>";
const LATENT_END = "<|lvr_latent_end|>";
const END = "<|lvr_end|>";
const order = [START, SLOT, LATENT_END, END];
const MARKERS = { start: ["lvr_start_id", START], end: ["lvr_end_id", END], pad: ["lvr_id", SLOT] } as const;

/** Its evaluation uses 4, 8 and 16 steps, second-stage training 8. */
const STEPS = 8;

function headOf(config: Readonly<Record<string, unknown>>): LatentHeadRules | null {
  if (config.lvr_head !== true) return null;
  const kind = config.lvr_head_type ?? "simple";
  ensure(kind === "simple" || kind === "glu", "checkpoint", () => ({
    where: "config.json, lvr_head_type",
    expected: '"simple" or "glu"',
    got: JSON.stringify(kind),
  }));
  // the head is applied in forward passes with a latent as input, so the first latent is a plain hidden state
  return { kind, prefix: "lvr_head", from: 1 };
}

const withLoop = (dialect: string, loop: Partial<BlockRules>): Family => ({
  name: "lvr",
  dialect,
  tokens: order,
  configKeys: ({ startId, padId, endId, k }) => ({
    lvr_start_id: startId,
    lvr_id: padId,
    lvr_end_id: endId,
    lvr_head: false,
    latent_end_token: false,
    lvr_steps: k,
  }),
  // ReaLVR's training writes `lvr_id`, too, and none of the others; its tokenizer has no end marker of latents
  detect: (config, idOf) =>
    "lvr_head" in config ||
    "lvr_latent_end_id" in config ||
    ("lvr_id" in config && idOf(LATENT_END) !== undefined),
  rules(config, idOf, warn) {
    const sources = { config, idOf, warn, family: "LVR", order };
    return blockRules(
      { ...blockIds(sources, MARKERS), k: latentCount(config, "lvr_steps", STEPS) },
      {
        entry: "input",
        forceEnd: false,
        recordSampled: true,
        perSampleState: false,
        head: headOf(config),
        ...loop,
      },
    );
  },
  content: imagesFirst("\nAnswer with the option's letter from the given choices directly."),
  response: responseIn({
    before: START,
    after: LATENT_END + END,
    open: "<think>",
    close: "</think>",
    answer: tagged,
  }),
  ...answersBy("lvr"),
  answerCue: "<answer>",
  pictures: {
    first: qwenUtils,
    transparency: "white",
    source:
      "LVR, evaluation/evaluation.py:112-137; training saves 128 … 5120 · 28² in preprocessor_config.json",
  },
  generation: { maxTokens: 512, sampling: "greedy" },
  compress: rowsOrGroupMeans,
  keepsRows: true,
  boxes: true,
  oracleNote:
    "the input image's features within the box, as in training; all features of the helper image if the example has no box",
});

const steps = withLoop("lvr-steps", {});
const untilEnd = withLoop("lvr-none", { bounded: false, allowSampledEnd: true });
/** Its budget is always 16 steps. */
const untilNear = withLoop("lvr-latent", {
  k: 16,
  stop: { tensor: "lvr_latent_end_emb", distance: "mse", below: 0.02 },
});

export const lvr: Family = {
  ...steps,
  dialects: { "lvr-steps": steps, "lvr-none": untilEnd, "lvr-latent": untilNear },
};
