/** Bytes of what an audit decodes, wherever it runs: here, or by an engine elsewhere. */
import type { NetworkConfig } from "../../reasoning/index.ts";
import { batchSize } from "../decode/decode-session.ts";
import { type EstimateInputs, REPLY } from "./seconds.ts";

/** Sizes of a decoder that only its configuration says, by the names of transformers; GPT-2's where others are not there. */
export function sizesOf({ text, raw }: NetworkConfig): {
  heads: number;
  intermediateSize: number;
  tied: boolean;
} {
  const all = { ...raw, ...(raw.text_config as object | undefined) } as Record<
    string,
    number | boolean | null
  >;
  const { kvHeads, hiddenSize } = text;
  return {
    heads: Number(all.num_attention_heads ?? all.n_head ?? kvHeads),
    intermediateSize: Number(all.intermediate_size ?? all.n_inner ?? 4 * hiddenSize),
    tied: Boolean(all.tie_word_embeddings ?? raw.tie_word_embeddings ?? true),
  };
}

/** Bytes of keys and values of a prompt's token. */
export const tokenBytes = ({ text }: Pick<NetworkConfig, "text">, bytes: number): number =>
  2 * text.layers * text.kvHeads * text.headDim * bytes;

interface DecodeSizes {
  /** Examples that are decoded together, and their continuations. */
  batch: number;
  rows: number;
  /** Bytes of keys and values of the prompts of a batch, of all prompts, and of the continuations of a batch. */
  prefix: number;
  prefixes: number;
  continuations: number;
  /** Numbers of a token at the widest: gate and up projection, and what stands beside them. */
  widest: number;
}

/**
 * Sizes where every prompt is as long as the first one and replies have 32 ids.
 *
 * @param bytes - Of a number.
 *
 * @example
 * const text = { layers: 2, kvHeads: 2, headDim: 48, hiddenSize: 96 };
 * const inputs = { config: { text, raw: {} }, interventions: [{}, { input: "blind" }], examples: 10, prompt: 60, slots: 1 };
 * decodeSizes(inputs, 4).prefix; // 921_600: of 10 × 60 tokens, 2 layers, keys and values of 96 numbers
 */
export function decodeSizes(
  {
    config,
    interventions,
    examples,
    prompt,
    slots,
  }: Omit<EstimateInputs, "maxTokens" | "interventions"> & {
    interventions: readonly Pick<EstimateInputs["interventions"][number], "input">[];
  },
  bytes: number,
): DecodeSizes {
  const { text } = config;
  const perToken = tokenBytes(config, bytes);
  const batch = Math.min(batchSize(text), examples);
  const rows = batch * interventions.filter(({ input }) => !input).length;
  return {
    batch,
    rows,
    prefix: batch * prompt * perToken,
    prefixes: examples * prompt * perToken,
    continuations: rows * (slots + 2 + REPLY) * perToken,
    widest: 2 * sizesOf(config).intermediateSize + 4 * text.hiddenSize,
  };
}
