/** The shapes that `npm run bench:audit` measures. Weights are random: only the cost is asked about. */
import { defaultInterventions } from "../../src/reasoning/index.ts";

/** Tokens of a block, and of the text behind it that every continuation writes at least. */
export const SLOTS = 8;
export const TEXT = 20;
/** What an audit runs by default, without `counterfactual`, which needs a dataset that has some: 12. */
export const interventions = defaultInterventions.filter((name) => name !== "counterfactual");
/** More than this many times the cost of `own` alone is too much. */
export const BAR = 2;

/**
 * Prompts are an image and words, together at least 400 tokens. `files`: the weights lie in files, as `lintel audit` reads
 * them; the pocket model's are in memory, as where a study trains it.
 */
export const cases = {
  "0.5B": {
    title: "decoder of Qwen2.5-0.5B's shape (24 layers, 896 wide, 151,936 words), float32",
    shape: { vocabSize: 151936, hiddenSize: 896, layers: 24, heads: 14, kvHeads: 2, intermediateSize: 4864 },
    files: true,
    examples: 2,
    rounds: 2,
  },
  "0.1B": {
    title: "decoder of 0.1 B parameters (12 layers, 768 wide, 32,000 words), float32",
    shape: { vocabSize: 32000, hiddenSize: 768, layers: 12, heads: 12, kvHeads: 4, intermediateSize: 2304 },
    files: true,
    examples: 12,
    rounds: 2,
  },
  pocket: {
    title: "pocket model (3 layers, 96 wide, 64 words), float32",
    shape: { vocabSize: 64, hiddenSize: 96, layers: 3, heads: 4 },
    files: false,
    examples: 50,
    rounds: 3,
  },
};

export type CaseName = keyof typeof cases;
