/** LIVR (arXiv 2512.21218, after its reproduction; docs/published-families.md §11): learned tokens in the prompt. */
import { answersBy } from "../answers.ts";
import { groupMeans } from "../compress.ts";
import { inOrder, responseIn, tagged } from "../prompt.ts";
import { blockRules, latentCount, resolveId } from "../rules.ts";
import type { Family } from "../types.ts";

const COUNT = 16;
const slots = (k: number): string[] => Array.from({ length: k }, (_, i) => `<livr_${i}>`);

export const livr: Family = {
  name: "livr",
  dialect: "livr",
  tokens: slots(COUNT),
  configKeys: ({ k }) => ({ livr_tokens: k }),
  detect: (config, idOf) => "livr_tokens" in config || idOf("<livr_0>") !== undefined,
  rules(config, idOf, warn) {
    const k = latentCount(config, "livr_tokens", COUNT);
    const order = slots(k);
    const ids = order.map((slot) => resolveId({ config, idOf, warn, family: "LIVR", order }, null, slot));
    return blockRules(
      { startId: null, endId: null, padId: ids[0]!, k },
      { forceEnd: false, eosEnds: true, static: ids, placeholders: true },
    );
  },
  content: inOrder,
  // The reproduction puts them after the start of the assistant turn, on a separate line (`livr/data.py`
  // `_assistant_prefix_text`); the paper after the question.
  tail: ({ k }) => `${slots(k).join("")}\n`,
  response: responseIn({ before: "", after: "", open: "", close: "", answer: tagged }),
  ...answersBy("livr"),
  answerCue: "<answer>",
  pictures: {
    processor: { minPixels: 3136, maxPixels: 1048576 },
    transparency: "drop",
    source:
      "the reproduction of LIVR, configs/counting_qwen25vl_livr_stage1.yaml and livr/data.py:58, 154-157",
  },
  generation: { maxTokens: 64, sampling: "greedy" },
  compress: groupMeans,
  noOracle: "LIVR's tokens are trained on the answer only and have no target",
};
