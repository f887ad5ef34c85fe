/** What an audit by an engine will take, from configuration and rates that were measured, before any weight is read. */
import type { EngineMachine } from "../../engine/index.ts";
import type { NetworkConfig, ResolvedIntervention, StoredCheckpoint } from "../../reasoning/index.ts";
import { batchSize } from "../decode/decode-session.ts";

/** Ids of a reply that an estimate assumes. */
export const REPLY = 32;
/** Tokens that the engine reads at once, and keys and values that it keeps between passes. */
const READ_AT_ONCE = 16384;
const KEPT_BYTES = 8 * 2 ** 30;
const SIZES: Readonly<Record<string, number>> = { float32: 4, bfloat16: 2, float16: 2 };

export interface EngineEstimate {
  machine: EngineMachine;
  dtype: string;
  /** Bytes, and those that are free on the device. */
  memory: {
    weights: number;
    prefixes: number;
    continuations: number;
    activations: number;
    total: number;
    free: number;
  };
  /** Seconds with replies of `REPLY` ids, and with the longest that are allowed. */
  seconds: { usual: number; longest: number } | null;
  /** What these figures rest on, and what is not known before the model runs. */
  assumptions: string[];
}

export interface EstimateInputs {
  config: NetworkConfig;
  interventions: readonly Pick<ResolvedIntervention, "input" | "path" | "base">[];
  examples: number;
  /** Tokens of a prompt, slots of a block, and the most ids of a reply. */
  prompt: number;
  slots: number;
  maxTokens: number;
}

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

/** Parameters of the decoder's layers, and of its embedding table and head. */
function parametersOf(config: NetworkConfig): { layers: number; table: number } {
  const { hiddenSize: D, headDim: d, kvHeads, layers, vocabSize } = config.text;
  const { heads, intermediateSize, tied } = sizesOf(config);
  const attention = D * d * (2 * heads + 2 * kvHeads);
  return { layers: layers * (attention + 3 * D * intermediateSize), table: vocabSize * D * (tied ? 1 : 2) };
}

/** Memory and time of an audit by the engine that was asked about its machine. */
export function estimateEngine(
  { machine, dtype, storedDtype, storedBytes }: StoredCheckpoint,
  { config, interventions, examples, prompt, slots, maxTokens }: EstimateInputs,
): EngineEstimate {
  const { text, raw } = config;
  const bytes = SIZES[dtype] ?? 4;
  const parameters = storedBytes / (SIZES[storedDtype] ?? 4);
  const weights = parameters * bytes;
  const decoder = parametersOf(config);
  const perToken = 2 * text.layers * text.kvHeads * text.headDim * bytes;
  const batch = Math.min(batchSize(text), examples);
  const batches = Math.ceil(examples / batch);
  const onBlock = interventions.filter(({ input }) => !input);
  const rows = batch * onBlock.length;
  const column = slots + 2 + REPLY;
  const prefix = batch * prompt * perToken;
  const prefixes = Math.max(prefix, Math.min(KEPT_BYTES, examples * prompt * perToken));
  const continuations = rows * column * perToken;
  // At the widest: gate and up projection of the tokens that are read at once, and logits of the rows in float32.
  const reading = Math.min(READ_AT_ONCE, batch * prompt);
  const activations =
    reading * (2 * sizesOf(config).intermediateSize + 4 * text.hiddenSize) * bytes +
    rows * text.vocabSize * 4;
  const total = weights + prefixes + continuations + activations;
  const device = machine.rates?.device ?? "cpu";
  const free = machine.devices.find((each) => each.device === device)?.memory.free ?? 0;

  // A prompt is read once for the block, once more for each changed input, and once for each path of the image.
  const routes = new Set(onBlock.map(({ path, base }) => path ?? (base === "knockout" ? "masked" : "")));
  const again = [...routes].filter((path) => ["dropped", "unseen", "blank"].includes(path)).length;
  const inputs = interventions.length - onBlock.length;
  const vision = Math.max(0, parameters - decoder.layers - decoder.table);
  const tokens = examples * prompt * (1 + again + inputs);
  const reads = 2 * tokens * (decoder.layers + vision);
  const secondsWith = (reply: number): number => {
    const { flops, bytes: rate } = machine.rates!;
    const steps = slots + 2 + reply;
    const step = (n: number): number => {
      const read =
        (decoder.layers + decoder.table) * bytes +
        n * prompt * perToken * (n > batch ? 1 / onBlock.length : 1);
      return Math.max(read / rate, (2 * n * (decoder.layers + decoder.table)) / flops);
    };
    // Its own latents, all interventions on the block at once or a route at a time, and every changed input.
    const runs = [batch, ...[...routes].map(() => rows / routes.size), ...Array<number>(inputs).fill(batch)];
    return reads / flops + batches * steps * runs.reduce((sum, n) => sum + step(n), 0);
  };
  const experts = ["num_experts", "num_local_experts", "n_routed_experts"].some((key) =>
    [raw, raw.text_config].some((part) => part && typeof part === "object" && key in part),
  );
  return {
    machine,
    dtype,
    memory: { weights, prefixes, continuations, activations, total, free },
    seconds:
      machine.rates && !experts
        ? { usual: secondsWith(Math.min(REPLY, maxTokens)), longest: secondsWith(maxTokens) }
        : null,
    assumptions: [
      `every prompt has the ${prompt} tokens of the first`,
      ...(experts ? ["how many experts a token passes, and so the time, is not known from config.json"] : []),
      `replies are as long as said: how long they are, and whether blocks are opened, is seen when the model runs`,
      "loading, images that are resized here and gradients of suites are not counted, and kernels reach the measured rates: the time is the least",
    ],
  };
}
