/** What an audit by an engine will take, from configuration and rates that were measured, before any weight is read. */
import type { EngineMachine } from "../../engine/index.ts";
import type { NetworkConfig, StoredCheckpoint } from "../../reasoning/index.ts";
import { decodeSizes, sizesOf, tokenBytes } from "./decode-sizes.ts";
import { type EstimateInputs, REPLY, type Speed, secondsOf } from "./seconds.ts";

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

/** Parameters of the decoder's layers, and of its embedding table and head. */
export function parametersOf(config: NetworkConfig): { layers: number; table: number } {
  const { hiddenSize: D, headDim: d, kvHeads, layers, vocabSize } = config.text;
  const { heads, intermediateSize, tied } = sizesOf(config);
  const attention = D * d * (2 * heads + 2 * kvHeads);
  return { layers: layers * (attention + 3 * D * intermediateSize), table: vocabSize * D * (tied ? 1 : 2) };
}

/** Whether a token passes only some of the parameters. */
const ofExperts = ({ raw }: NetworkConfig): boolean =>
  ["num_experts", "num_local_experts", "n_routed_experts"].some((key) =>
    [raw, raw.text_config].some((part) => part && typeof part === "object" && key in part),
  );

/** What an engine computes in a second; null where that was not measured, or is not known of its network. */
export function speedOf(
  {
    machine: { rates },
    dtype,
    storedDtype,
    storedBytes,
  }: Pick<StoredCheckpoint, "machine" | "dtype" | "storedDtype" | "storedBytes">,
  config: NetworkConfig,
): Speed | null {
  if (!rates || ofExperts(config)) return null;
  const weight = SIZES[dtype] ?? 4;
  const { layers, table } = parametersOf(config);
  const vision = Math.max(0, storedBytes / (SIZES[storedDtype] ?? 4) - layers - table);
  return { rates, weight, perToken: tokenBytes(config, weight), layers, table, vision };
}

/** Memory and time of an audit by the engine that was asked about its machine. */
export function estimateEngine(
  { machine, dtype, storedDtype, storedBytes }: StoredCheckpoint,
  { config, interventions, examples, prompt, slots, maxTokens }: EstimateInputs,
): EngineEstimate {
  const bytes = SIZES[dtype] ?? 4;
  const parameters = storedBytes / (SIZES[storedDtype] ?? 4);
  const weights = parameters * bytes;
  const sizes = decodeSizes({ config, interventions, examples, prompt, slots }, bytes);
  const { batch, rows, continuations } = sizes;
  const prefixes = Math.max(sizes.prefix, Math.min(KEPT_BYTES, sizes.prefixes));
  // At the widest: gate and up projection of the tokens that are read at once, and logits of the rows in float32.
  const reading = Math.min(READ_AT_ONCE, batch * prompt);
  const activations = reading * sizes.widest * bytes + rows * config.text.vocabSize * 4;
  const total = weights + prefixes + continuations + activations;
  const device = machine.rates?.device ?? "cpu";
  const free = machine.devices.find((each) => each.device === device)?.memory.free ?? 0;

  const speed = speedOf({ machine, dtype, storedDtype, storedBytes }, config);
  const inputs = { config, interventions, examples, prompt, slots };
  return {
    machine,
    dtype,
    memory: { weights, prefixes, continuations, activations, total, free },
    seconds: speed && {
      usual: secondsOf(speed, inputs, Math.min(REPLY, maxTokens)),
      longest: secondsOf(speed, inputs, maxTokens),
    },
    assumptions: [
      `every prompt has the ${prompt} tokens of the first`,
      ...(ofExperts(config)
        ? ["how many experts a token passes, and so the time, is not known from config.json"]
        : []),
      `replies are as long as said: how long they are, and whether blocks are opened, is seen when the model runs`,
      "loading, images that are resized here and gradients of suites are not counted, and kernels reach the measured rates: the time is the least",
    ],
  };
}
