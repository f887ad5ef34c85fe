/** One token for every continuation of shared prefixes: the inputs of a step and what comes out. */
import { float32, int64, type Session, type Value } from "../graph/index.ts";
import type { QwenConfig, TextConfig } from "./config.ts";
import { deepInputs } from "./deepstack.ts";
import type { Decoded, Prefix, QwenModel, Suffix } from "./model.ts";
import { decoderRotary } from "./rope.ts";

/** Added to the score of what must not be seen. */
export const BLOCKED = -1e9;

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
  plain: () => Promise<Compiled>;
  /** The graph whose prefix mask differs between continuations; compiled only where something is blocked. */
  masked: () => Promise<Compiled>;
  /** There is one graph for all, "any": it always takes the masks of every continuation, and DeepStack features. */
  oneGraph: boolean;
}

/** Inputs of the graph "any" for prompts before which nothing is cached. */
export function nothingCached(
  { kvHeads, headDim, layers }: TextConfig,
  batch: number,
): Record<string, Value> {
  const none = (shape: readonly number[]): Value => float32(new Float32Array(0), shape);
  const inputs: Record<string, Value> = { prefixMask: none([batch, 1, 1, 1, 0]) };
  for (let i = 0; i < layers; i++) {
    for (const kind of ["k", "v"]) {
      inputs[`prefix.${kind}.${i}`] = none([batch, kvHeads, 0, headDim]);
      inputs[`suffix.${kind}.${i}`] = none([batch, kvHeads, 1, 0, headDim]);
    }
  }
  return inputs;
}

/** `QwenModel.step`. */
export function stepper({ config, plain, masked, oneGraph }: StepParts): QwenModel["step"] {
  const { hiddenSize: width, kvHeads, headDim, layers } = config.text;
  const rotary = decoderRotary(config.text);
  return async (
    prefix: Prefix,
    suffix,
    embeddings,
    positions,
    blocked,
  ): Promise<Decoded & { suffix: Suffix }> => {
    const { batch, length: past } = prefix;
    const rows = embeddings.length / width;
    const continuations = rows / batch;
    const before = suffix?.length ?? 0;
    const { cos, sin } = rotary(threeAxes(positions));
    const half = headDim / 2;
    const { session, parameters } = await (blocked ? masked() : plain());
    const inputs: Record<string, Value> = {
      ...parameters,
      ...(oneGraph && deepInputs(config.vision.deepstackBlocks.length, width, [], [], rows)),
      embeddings: float32(embeddings, [rows, width]),
      mask: float32(blocked?.suffix ?? new Float32Array(rows * (before + 1)), [
        batch,
        1,
        continuations,
        1,
        1,
        before + 1,
      ]),
      prefixMask:
        blocked || oneGraph
          ? float32(bothMasks(prefix, blocked?.prefix ?? new Float32Array(rows * past), continuations), [
              batch,
              1,
              continuations,
              1,
              past,
            ])
          : float32(prefix.mask, [batch, 1, 1, past]),
      cos: float32(cos, [rows, half]),
      sin: float32(sin, [rows, half]),
      rows: int64(countUp(rows), [rows, 1]),
      last: int64(countUp(rows), [rows]),
    };
    const empty = float32(new Float32Array(0), [batch, kvHeads, continuations, 0, headDim]);
    for (let i = 0; i < layers; i++) {
      inputs[`prefix.k.${i}`] = prefix.k[i]!;
      inputs[`prefix.v.${i}`] = prefix.v[i]!;
      inputs[`suffix.k.${i}`] = suffix?.k[i] ?? empty;
      inputs[`suffix.v.${i}`] = suffix?.v[i] ?? empty;
    }
    const { logits, feedback, k, v } = decodedOutputs(await session.run(inputs), layers);
    return { logits, feedback, suffix: { continuations, length: before + 1, k, v } };
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
