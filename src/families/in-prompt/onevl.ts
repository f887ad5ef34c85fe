/**
 * OneVL (arXiv 2604.18486; docs/published-families.md §19.6): latents spelled in ordinary tokens at the start of the reply. Facts
 * from xiaomi-research/onevl at f4e6f05: infer_onevl.py (prefix, places of latents, settings).
 */
import { ensure } from "../../util/index.ts";
import { answersBy } from "../answers.ts";
import { groupMeans } from "../compress.ts";
import { inOrder, responseIn, tagged } from "../prompt.ts";
import { blockRules } from "../rules.ts";
import type { Family, IdOf } from "../types.ts";

const [VISUAL, WORDS] = [4, 2];
const SPELLED = `<|start-latent-vis|>${"<|latent-vis|>".repeat(VISUAL)}<|end-latent-vis|><|start-latent|>${"<|latent|>".repeat(WORDS)}<|end-latent|>`;

/** The same in tokens of Qwen's vocabulary; the last is the first of "<answer>" too, and counts as a latent's as in its code. */
const PIECES = [
  ...["<", "|", "start", "-lat", "ent", "-vis", "|"],
  ...Array<string[]>(VISUAL).fill(["><", "|", "latent", "-vis", "|"]).flat(),
  ...["><", "|", "end", "-lat", "ent", "-vis", "|"],
  ...["><", "|", "start", "-lat", "ent", "|"],
  ...Array<string[]>(WORDS).fill(["><", "|", "latent", "|"]).flat(),
  ...["><", "|", "end", "-lat", "ent", "|", "><"],
];

function pieces(idOf: IdOf): number[] {
  return PIECES.map((piece) => {
    const id = idOf(piece);
    ensure(id !== undefined, "checkpoint", () => ({
      where: "tokenizer.json",
      expected: `a token ${JSON.stringify(piece)}, as in Qwen3-VL's, in which OneVL spells its latents`,
      got: "none",
    }));
    return id;
  });
}

export const onevl: Family = {
  name: "onevl",
  dialect: "onevl",
  tokens: [],
  configKeys: () => ({}),
  // its config.json and tokenizer are Qwen3-VL's: selected by name only
  detect: () => false,
  rules(_, idOf) {
    const spelled = pieces(idOf);
    return blockRules(
      { startId: null, endId: null, padId: spelled[0]!, k: spelled.length },
      { forceEnd: false, eosEnds: true, static: [...new Set(spelled)], placeholders: true, spelled },
    );
  },
  content: inOrder,
  tail: () => `${SPELLED}<answer>`,
  response: responseIn({ before: "", after: "", open: "", close: "", answer: tagged }),
  ...answersBy("careful"),
  answerCue: "<answer>",
  pictures: {
    transparency: "drop",
    source: "OneVL, infer_onevl.py (the checkpoint's processor; it also sets at most 1792² pixels)",
  },
  generation: { maxTokens: 1024, sampling: "greedy; its evaluation compares trajectories" },
  compress: groupMeans,
  noOracle: "OneVL's latents are read by two decoders that are dropped: no features are their target",
};
