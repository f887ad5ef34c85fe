/** One token for every continuation of shared prefixes: the inputs of a step and what comes out. */
import { float32, int64, type Session, type Value } from "../graph/index.ts";
import type { QwenConfig } from "./config.ts";
import type { DecodeMode } from "./decode-graph.ts";
import { aloneInputs, type Inputs, nothingAfter, sharedInputs } from "./decode-inputs.ts";
import { deepInputs } from "./deepstack.ts";
import type { Decoded, Prefix, QwenModel, Suffix } from "./model.ts";
import { decoderRotary } from "./rope.ts";
import { wholeCaches } from "./whole-cache.ts";

/** What the tokens of one step may not look at: added to the scores, 0 or `BLOCKED`. */
export interface Blocked {
  /** [B·N, P], on top of the prefix's own mask. */
  prefix: Float32Array;
  /** [B·N, S+1]. */
  suffix: Float32Array;
}

/** A compiled graph with the parameters that it takes. */
export interface Compiled {
  session: Session;
  parameters: Readonly<Record<string, Value>>;
}

/** A graph that decodes, compiled when it is first needed. */
export interface Decoding {
  mode: DecodeMode;
  get(): Promise<Compiled>;
}

/** 0 … n − 1. */
export const countUp = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Copies of the positions of one sequence for all three axes: text tokens after a prefix. */
export function threeAxes(positions: Int32Array): Int32Array {
  const out = new Int32Array(3 * positions.length);
  for (let axis = 0; axis < 3; axis++) out.set(positions, axis * positions.length);
  return out;
}

/** Splits the outputs of a decode graph into results and caches. */
export const decodedOutputs = (out: Record<string, Value>, layers: number) => ({
  logits: out.logits!.data as Float32Array,
  feedback: out.feedback!.data as Float32Array,
  k: countUp(layers).map((i) => out[`k.${i}`]!),
  v: countUp(layers).map((i) => out[`v.${i}`]!),
});

export interface StepParts {
  config: QwenConfig;
  /** For single continuations; null where they take the path of several. */
  alone: Decoding | null;
  plain: Decoding;
  /** The graph whose prefix mask differs between continuations; compiled only where something is blocked. */
  masked: Decoding;
}

/** `QwenModel.step`. */
export function stepper({ config, alone, plain, masked }: StepParts): QwenModel["step"] {
  const { text, vision } = config;
  const { hiddenSize: width, headDim, layers } = text;
  const rotary = decoderRotary(text);

  /** What every graph takes. */
  const common = (
    { mode }: Decoding,
    batch: number,
    embeddings: Float32Array,
    positions: Int32Array,
  ): Inputs => {
    const rows = embeddings.length / width;
    const { cos, sin } = rotary(threeAxes(positions));
    return {
      ...(mode !== "step" && {
        last: int64(countUp(rows), [rows]),
        ...deepInputs(vision.deepstackBlocks.length, width, [], [], rows),
      }),
      embeddings: float32(embeddings, [rows, width]),
      cos: float32(cos, [rows, headDim / 2]),
      sin: float32(sin, [rows, headDim / 2]),
      rows: int64(countUp(rows), [batch, rows / batch]),
    };
  };

  const stepAlone = async (
    decoding: Decoding,
    prefix: Prefix,
    suffix: Suffix | null,
    inputs: Inputs,
    blocked?: Blocked,
  ): Promise<Decoded & { suffix: Suffix }> => {
    const { batch, length: past } = prefix;
    const before = suffix?.length ?? 0;
    const total = past + before + 1;
    const bias = new Float32Array(batch * total);
    for (let b = 0; b < batch; b++) {
      for (let p = 0; p < past; p++) {
        bias[b * total + p] = prefix.mask[b * past + p]! + (blocked?.prefix[b * past + p] ?? 0);
      }
      if (blocked)
        bias.set(blocked.suffix.subarray(b * (before + 1), (b + 1) * (before + 1)), b * total + past);
    }
    const caches = wholeCaches(prefix, suffix);
    const { session, parameters } = await decoding.get();
    const into: Inputs = {};
    for (let i = 0; i < layers; i++) {
      into[`k.${i}`] = caches.k[i]!;
      into[`v.${i}`] = caches.v[i]!;
    }
    const out = await session.run(
      {
        ...parameters,
        ...inputs,
        ...aloneInputs(text, { batch, total, bias, past: caches }),
      },
      into,
    );
    caches.whole.filled = before + 1;
    const { logits, feedback } = decodedOutputs(out, layers);
    return { logits, feedback, suffix: { continuations: 1, length: before + 1, ...caches } };
  };

  const stepShared = async (
    decoding: Decoding,
    prefix: Prefix,
    suffix: Suffix | null,
    inputs: Inputs,
    rows: number,
    blocked?: Blocked,
  ): Promise<Decoded & { suffix: Suffix }> => {
    const { batch, length: past } = prefix;
    const continuations = rows / batch;
    const before = suffix?.length ?? 0;
    const { session, parameters } = await decoding.get();
    const ownMasks = blocked !== undefined || decoding.mode !== "step";
    const ofPrefix = ownMasks
      ? bothMasks(prefix, blocked?.prefix ?? new Float32Array(rows * past), continuations)
      : prefix.mask;
    const own = [batch, 1, continuations, 1, ...(decoding.mode === "any" ? [1] : []), before + 1];
    const masks: Inputs = {
      mask: float32(blocked?.suffix ?? new Float32Array(rows * (before + 1)), own),
      prefixMask: float32(ofPrefix, [batch, 1, ownMasks ? continuations : 1, 1, past]),
    };
    const out = await session.run({
      ...parameters,
      ...inputs,
      ...sharedInputs(text, decoding.mode, {
        batch,
        prefix,
        suffix: suffix ?? nothingAfter(text, batch, continuations),
        masks,
      }),
    });
    const { logits, feedback, k, v } = decodedOutputs(out, layers);
    return { logits, feedback, suffix: { continuations, length: before + 1, k, v } };
  };

  return async (prefix, suffix, embeddings, positions, blocked) => {
    const rows = embeddings.length / width;
    const single = rows === prefix.batch ? alone : null;
    const decoding = single ?? (blocked ? masked : plain);
    const inputs = common(decoding, prefix.batch, embeddings, positions);
    return single
      ? stepAlone(single, prefix, suffix, inputs, blocked)
      : stepShared(decoding, prefix, suffix, inputs, rows, blocked);
  };
}

/** The prefix's mask and each continuation's own, [B·N, P]. The sum stays finite: −2e9 is as blocked as −1e9. */
function bothMasks({ batch, length, mask }: Prefix, own: Float32Array, continuations: number): Float32Array {
  const out = own.slice();
  for (let r = 0; r < batch * continuations; r++) {
    const b = Math.floor(r / continuations);
    for (let p = 0; p < length; p++) out[r * length + p]! += mask[b * length + p]!;
  }
  return out;
}
