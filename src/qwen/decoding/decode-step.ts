/** One token for every continuation of shared prefixes: the inputs of a decode step and what comes out. */
import { float32, int64 } from "../../graph/index.ts";
import type { QwenConfig } from "../config/types.ts";
import { decoderRotary } from "../decoder/rotary-embedding.ts";
import { deepInputs } from "../vision/deepstack.ts";
import {
  countUp,
  emptyContinuation,
  type Inputs,
  sharedInputs,
  singleInputs,
  threeAxes,
} from "./decode-inputs.ts";
import { type DecoderSession, type DecoderSessions, decodedOutputs } from "./decoder-sessions.ts";
import { inPlaceCache } from "./in-place-cache.ts";
import type { ContinuationCache, DecodeOutput, PrefixCache, StepMask } from "./types.ts";

/** `QwenModel.step`: one token for each continuation. */
export function createStep(config: QwenConfig, { single, shared, masked }: DecoderSessions) {
  const { text, vision } = config;
  const { hiddenSize: width, headDim, layers } = text;
  const rotary = decoderRotary(text);

  /** The inputs of every graph. */
  const common = (
    { mode }: DecoderSession,
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

  const stepSingle = async (
    decoding: DecoderSession,
    prefix: PrefixCache,
    suffix: ContinuationCache | null,
    inputs: Inputs,
    blocked?: StepMask,
  ): Promise<DecodeOutput & { suffix: ContinuationCache }> => {
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
    const caches = inPlaceCache(prefix, suffix);
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
        ...singleInputs(text, { batch, total, bias, past: caches }),
      },
      into,
    );
    caches.inPlace.filled = before + 1;
    const { logits, feedback, inner } = decodedOutputs(out, layers);
    return {
      logits,
      feedback,
      ...(inner && { inner }),
      suffix: { continuations: 1, length: before + 1, ...caches },
    };
  };

  const stepShared = async (
    decoding: DecoderSession,
    prefix: PrefixCache,
    suffix: ContinuationCache | null,
    inputs: Inputs,
    rows: number,
    blocked?: StepMask,
  ): Promise<DecodeOutput & { suffix: ContinuationCache }> => {
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
        suffix: suffix ?? emptyContinuation(text, batch, continuations),
        masks,
      }),
    });
    const { k, v, ...read } = decodedOutputs(out, layers);
    return { ...read, suffix: { continuations, length: before + 1, k, v } };
  };

  return async (
    prefix: PrefixCache,
    suffix: ContinuationCache | null,
    embeddings: Float32Array,
    positions: Int32Array,
    blocked?: StepMask,
  ): Promise<DecodeOutput & { suffix: ContinuationCache }> => {
    const rows = embeddings.length / width;
    const inPlace = rows === prefix.batch ? single : null;
    const session = inPlace ?? (blocked ? masked : shared);
    const inputs = common(session, prefix.batch, embeddings, positions);
    return inPlace
      ? stepSingle(inPlace, prefix, suffix, inputs, blocked)
      : stepShared(session, prefix, suffix, inputs, rows, blocked);
  };
}

/** The mask of the prefix plus one per continuation, [B·N, P]. The sum stays finite: −2e9 masks as well as −1e9. */
function bothMasks(
  { batch, length, mask }: PrefixCache,
  own: Float32Array,
  continuations: number,
): Float32Array {
  const out = own.slice();
  for (let r = 0; r < batch * continuations; r++) {
    const b = Math.floor(r / continuations);
    for (let p = 0; p < length; p++) out[r * length + p]! += mask[b * length + p]!;
  }
  return out;
}
