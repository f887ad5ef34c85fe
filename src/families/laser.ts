/**
 * Laser (arXiv 2601.06803; docs/published-families.md §19.6): the first word is forced to be the start marker, and a block that
 * the model does not end is ended together with the opening of the answer. Facts from ybb6/laser at 204163e:
 * src/model/qwen_laser_model.py (loops), src/train/train_laser.py (tokens), evaluation/ (prompt, settings).
 */
import { answersBy } from "./answers.ts";
import { groupMeans } from "./compress.ts";
import { qwenUtils } from "./images.ts";
import { imagesFirst, responseIn, tagged } from "./prompt.ts";
import { blockIds, blockRules, latentCount } from "./rules.ts";
import type { BlockRules, Family, IdOf } from "./types.ts";

const START = "<|laser_start|>";
const SLOT = "<|laser|>";
const END = "<|laser_end|>";
const order = [START, SLOT, END];
const MARKERS = {
  start: ["laser_start_id", START],
  end: ["laser_end_id", END],
  pad: ["laser_id", SLOT],
} as const;

/** `MAX_LASER_STEPS` and `STEPS` of its evaluation script. */
const STEPS = 8;

/** The first token of "<answer>" (evaluation_local.py `answer_start_id`): "<", unless the tokenizer has the tag itself. */
function answerStart(idOf: IdOf): number[] {
  const id = idOf("<answer>") ?? idOf("<");
  return id === undefined ? [] : [id];
}

const withLoop = (dialect: string, loop: (idOf: IdOf) => Partial<BlockRules>): Family => ({
  name: "laser",
  dialect,
  tokens: order,
  configKeys: ({ startId, padId, endId, k }) => ({
    laser_start_id: startId,
    laser_id: padId,
    laser_end_id: endId,
    laser_steps: k,
  }),
  detect: (config, idOf) => "laser_start_id" in config || idOf(START) !== undefined,
  rules(config, idOf, warn) {
    const sources = { config, idOf, warn, family: "Laser", order };
    return blockRules(
      { ...blockIds(sources, MARKERS), k: latentCount(config, "laser_steps", STEPS) },
      { entry: "input", recordSampled: true, ...loop(idOf) },
    );
  },
  content: imagesFirst("\nAnswer with the option's letter from the given choices directly."),
  response: responseIn({ before: START, after: END, open: "", close: "", answer: tagged }),
  ...answersBy("laser"),
  answerCue: "<answer>",
  pictures: {
    first: qwenUtils,
    transparency: "white",
    source: "Laser, evaluation/evaluation_local.py run_inference (qwen_vl_utils)",
  },
  // 32 with the start marker, which is part of the prompt here
  generation: { maxTokens: 31, sampling: "as generation_config.json says" },
  compress: groupMeans,
  noOracle: "Laser's states are trained on windows of the words of a reasoning: no image is their target",
});

const dynamic: Family = {
  ...withLoop("laser-dynamic", (idOf) => ({ allowSampledEnd: true, afterLimit: answerStart(idOf) })),
  // the loop overwrites whatever the first word would be
  tail: () => START,
};
const steps = withLoop("laser-steps", () => ({ forceEnd: false }));

export const laser: Family = { ...dynamic, dialects: { "laser-dynamic": dynamic, "laser-steps": steps } };
