/** CoVT (arXiv 2511.19418; docs/published-families.md §5): static tokens that the model generates; no hidden state is fed back. */
import { answersBy } from "./answers.ts";
import { groupMeans } from "./compress.ts";
import { qwenUtilsWithin, visualTokenBounds } from "./images.ts";
import { imagesFirst, responseIn, tagged } from "./prompt.ts";
import { blockRules, resolveId } from "./rules.ts";
import type { Family } from "./types.ts";

const START = "<|anchor_start|>";
const END = "<|anchor_end|>";
const kinds = ["sam", "dino", "depth", "sd", "intern", "pidinet", "siglip", "metaclip"];
const pads = kinds.map((kind) => `<|${kind}_pad|>`);
const order = [START, END, ...pads, "<think>", "</think>", "<answer>", "</answer>"];

/** In training segmentation has 8 anchors and other kinds 4; the loop does not enforce a number. */
const USUAL = 8;

export const covt: Family = {
  name: "covt",
  dialect: "covt",
  tokens: order,
  configKeys: () => ({}),
  detect: (_, idOf) => idOf(START) !== undefined,
  rules(config, idOf, warn) {
    const sources = { config, idOf, warn, family: "CoVT", order };
    const known = pads.filter((pad) => idOf(pad) !== undefined);
    const ids = (known.length > 0 ? known : pads).map((pad) => resolveId(sources, null, pad));
    return blockRules(
      {
        startId: resolveId(sources, null, START),
        endId: resolveId(sources, null, END),
        padId: ids[0]!,
        k: USUAL,
      },
      { bounded: false, allowSampledEnd: true, forceEnd: false, eosEnds: true, static: ids },
    );
  },
  content: imagesFirst(),
  response: responseIn({ before: START, after: END, open: "<think>", close: "</think>", answer: tagged }),
  ...answersBy("covt"),
  answerCue: "<answer>",
  pictures: {
    first: qwenUtilsWithin(visualTokenBounds(1280, 16384)),
    transparency: "white",
    source: "CoVT, VLMEvalKit/vlmeval/config.py:1932-1962 and vlm/covt_qwen/model.py:148-201",
  },
  generation: {
    maxTokens: 2048,
    sampling: "temperature 0.01, top_p 0.001, top_k 1; a judge model reads the answer",
  },
  compress: groupMeans,
  noOracle:
    "CoVT's tokens have no target vectors: vision experts (SAM, DepthAnything, DINOv2, PIDINet) decode them in training",
};
