/** The shapes that `npm run bench:decode` measures. Weights are random: only the cost is asked about. */
import type { PocketShape } from "../../src/qwen/config/pocket-config.ts";
import type { WeightFormat } from "../../src/qwen/index.ts";

/** Words of the prompt, and tokens written behind it. */
export const PROMPT = 128;
export const TOKENS = 24;

/**
 * `image`: patches along each side of an image before the prompt's words, of which four become a token; first tokens are
 * measured without and with it. `bar`: how many times the peer's tokens/s are wanted at least. `memory`: GiB that our
 * process may take at its peak, images included.
 */
interface DecodeCase {
  title: string;
  shape: PocketShape;
  stored: "F32" | "BF16";
  image: number | null;
  weights: WeightFormat;
  bar: number;
  memory: number | null;
}

export type CaseName = "0.5B" | "3B";

export const cases: Record<CaseName, DecodeCase> = {
  "0.5B": {
    title: "decoder of Qwen2.5-0.5B's shape (24 layers, 896 wide, 151,936 words), float32",
    shape: { vocabSize: 151936, hiddenSize: 896, layers: 24, heads: 14, kvHeads: 2, intermediateSize: 4864 },
    stored: "F32",
    image: null,
    weights: "float32",
    bar: 1.1,
    memory: null,
  },
  "3B": {
    title:
      "Qwen2.5-VL-3B's shape, vision tower and all (36 layers, 2048 wide, 151,936 words; 32 blocks, 1280 wide), int4",
    shape: {
      vocabSize: 151936,
      hiddenSize: 2048,
      layers: 36,
      heads: 16,
      kvHeads: 2,
      intermediateSize: 11008,
      vision: {
        depth: 32,
        hiddenSize: 1280,
        heads: 16,
        intermediateSize: 3420,
        patchSize: 14,
        windowSize: 112,
        fullAttentionBlocks: [7, 15, 23, 31],
      },
    },
    stored: "BF16",
    image: 32,
    weights: "int4",
    bar: 3,
    memory: 4,
  },
};
