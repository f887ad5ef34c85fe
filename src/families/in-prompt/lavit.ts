/**
 * LaViT (arXiv 2601.10129; docs/published-families.md §19.6): learned tokens at the start of the reply, which Lintel writes there.
 * Facts from Svardfox/LaViT at 26bf182: training/src/dataset.py (tokens, reply), evaluation/utils/evaluator.py and adapters.py.
 */
import { answersBy } from "../answers.ts";
import { groupMeans } from "../compress.ts";
import { imagesFirst, responseIn, tagged } from "../prompt.ts";
import { blockRules, resolveId } from "../rules.ts";
import type { Family, IdOf } from "../types.ts";

const COUNT = 4;
const tokens = (k: number): string[] => Array.from({ length: k }, (_, i) => `<lvr${i + 1}>`);

/** Tokens without a gap from the first on: its training adds four, and may use fewer or more of its own. */
function known(idOf: IdOf): number {
  let count = 0;
  while (idOf(`<lvr${count + 1}>`) !== undefined) count++;
  return count;
}

export const lavit: Family = {
  name: "lavit",
  dialect: "lavit",
  tokens: tokens(COUNT),
  configKeys: () => ({ v_top_dim: 5120 }),
  detect: (config, idOf) => "v_top_dim" in config || idOf("<lvr1>") !== undefined,
  rules(config, idOf, warn) {
    const k = known(idOf) || COUNT;
    const order = tokens(k);
    const ids = order.map((each) => resolveId({ config, idOf, warn, family: "LaViT", order }, null, each));
    return blockRules(
      { startId: null, endId: null, padId: ids[0]!, k },
      { forceEnd: false, eosEnds: true, static: ids, placeholders: true },
    );
  },
  content: imagesFirst("\nAnswer with the option letter from the given choices directly."),
  tail: ({ k }) => tokens(k).join(""),
  response: responseIn({ before: "", after: "", open: "", close: "", answer: tagged }),
  ...answersBy("lavit"),
  answerCue: "<answer>",
  pictures: {
    transparency: "drop",
    source: "LaViT, evaluation/utils/evaluator.py (the checkpoint's processor alone)",
  },
  generation: { maxTokens: 512, sampling: "as generation_config.json says" },
  compress: groupMeans,
  noOracle:
    "LaViT's tokens are rows of the embedding table; a head that is dropped compares their states with features of a teacher",
};
