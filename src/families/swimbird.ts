/** SwimBird (arXiv 2602.06040; docs/published-families.md §9): SkiLa's loop on Qwen3-VL, with tagged reasoning modes. */
import { answersBy } from "./answers.ts";
import { rowsOrGroupMeans } from "./compress.ts";
import { qwenUtilsWithin, visualTokenBounds } from "./images.ts";
import { imagesFirst, responseIn, tagged } from "./prompt.ts";
import { blockIds, blockRules, latentCount } from "./rules.ts";
import type { Family } from "./types.ts";

const SLOT = "<|latent|>";
const START = "<|latent_start|>";
const END = "<|latent_end|>";
const order = [SLOT, START, END];
const MARKERS = {
  start: ["latent_start_id", START],
  end: ["latent_end_id", END],
  pad: ["latent_id", SLOT],
} as const;

/** The system turn of its evaluation (`src/constants.py`). */
const SYSTEM = `You are a multimodal reasoning assistant capable of thinking in textual and visual modes.


Use the following tags to switch your thinking mode:

1.  **Textual Mode**: \`<reason>Your textual reasoning process</reason>\`
    *   For logical analysis, planning, and verbal thought.

2.  **Visual Mode**: \`<|latent_start|>Your visual reasoning process<|latent_end|>\`
    *   For mental visualization, imagination and simulation.


**Output Rules**:
*   Depending on the problem, you can use: textual reasoning only, visual reasoning only, or a mix of both (alternating multiple times as needed).
*   After all thinking is complete, place the final answer inside \`<answer>Your Final Answer</answer>\`.
`;

export const swimbird: Family = {
  name: "swimbird",
  dialect: "swimbird",
  tokens: order,
  configKeys: ({ startId, padId, endId, k }) => ({
    latent_id: padId,
    latent_start_id: startId,
    latent_end_id: endId,
    max_latent_token: Math.ceil(k / 2),
  }),
  detect: (config) => "max_latent_token" in config || ("latent_id" in config && "latent_start_id" in config),
  rules(config, idOf, warn) {
    // Qwen3 tokenizers have further tokens after those of Qwen2.5, so ids cannot be derived from the order of addition
    const sources = { config, idOf, warn, family: "SwimBird", order, first: null };
    return blockRules(
      { ...blockIds(sources, MARKERS), k: 2 * latentCount(config, "max_latent_token", 32) },
      { entry: "input", allowSampledEnd: true },
    );
  },
  system: SYSTEM,
  content: imagesFirst(),
  response: responseIn({ before: START, after: END, open: "<reason>", close: "</reason>", answer: tagged }),
  ...answersBy("swimbird"),
  answerCue: "<answer>",
  pictures: {
    first: qwenUtilsWithin(visualTokenBounds(1280, 16384)),
    transparency: "white",
    source: "SwimBird, VLMEvalKit/vlmeval/config.py:1731-1738 and vlm/swimbird/model.py:344-354, 481",
  },
  generation: { maxTokens: 8192, sampling: "generation_config.json's; a judge model reads the answer" },
  compress: rowsOrGroupMeans,
  keepsRows: true,
  helperTokens: ({ k }) => Math.ceil(k / 2),
};
