/** Prompts, key/value caches and results of decoding. */
import type { SessionOptions, Value } from "../../graph/index.ts";
import type { Grid } from "../decoder/position-ids.ts";

/** A prompt: ids with expanded image tokens, the features that replace them in order, and the grids of the images. */
export interface Prompt {
  ids: readonly number[];
  /** [image tokens, width]. */
  visuals: Float32Array;
  /** DeepStack: input of each of the first decoder layers at the image tokens, [image tokens, width] each. */
  deep?: readonly Float32Array[];
  grids: readonly Grid[];
  /** Places in `ids` that no later token can attend to, here and in every later step. */
  hidden?: readonly number[];
}

/** Key/value cache of B examples, per layer [B, kvHeads, P, d]. */
export interface PrefixCache {
  batch: number;
  length: number;
  k: readonly Value[];
  v: readonly Value[];
  /** Additive, [B, 1, 1, P]: `MASK_VALUE` at padding. */
  mask: Float32Array;
  /** Position of the next token, equal on all three axes. */
  next: Int32Array;
  /** For a branch: what latents start from, by example. */
  starts?: readonly Float32Array[];
}

/** Key/value cache of the tokens that N continuations of each example have added. */
export interface ContinuationCache {
  continuations: number;
  length: number;
  /** Per layer [B·kvHeads, N, S, d]; an `InPlaceCache` for a single continuation of a large model. */
  k: readonly Value[];
  v: readonly Value[];
  inPlace?: { filled: number };
}

export interface DecodeOutput {
  /** [rows, V], rows = B or B·N. */
  logits: Float32Array;
  /** Post-norm hidden states [rows, D], the next input of latent slots. */
  feedback: Float32Array;
  /** Only with `innerLayer`: states [rows, D] after that layer. */
  inner?: Float32Array;
}

/** Rows whose next token is the first slot of a block that a branch makes. */
export interface BlockRows {
  /** By layer of the branch, [R, kvHeads, C, d]. */
  k: readonly Float32Array[];
  v: readonly Float32Array[];
  /** Additive, [R, C]. */
  mask: Float32Array;
  /** Of the first slots, [R]. */
  positions: Int32Array;
  /** What latents start from, [R, slots, D]; null: the same for all. */
  starts: Float32Array | null;
}

/** Makes all latents of a block at once from what the decoder has read. */
export interface BlockMaker {
  /** Layers of the decoder whose keys and values it reads. */
  layers: readonly number[];
  /** What the latents of a prompt start from, [slots, D]; null: the same for all. */
  start(prompt: Prompt): Float32Array | null;
  /** Latents [R, slots, D]. */
  make(rows: BlockRows): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Additional masks of one step, added to the scores: 0 or `MASK_VALUE`. */
export interface StepMask {
  /** [B·N, P], added to the mask of the prefix. */
  prefix: Float32Array;
  /** [B·N, S+1]. */
  suffix: Float32Array;
}

export interface ModelOptions extends SessionOptions {
  /** Return the hidden states of every layer from prefill ("last": only the last, after the norm), for parity checks and probes. */
  everyHidden?: boolean | "last";
  /** Return with image features the input of the tower's merger, for heads that predict it. */
  cells?: boolean;
  /** Steps also give the states after this layer (1: the first). */
  innerLayer?: number;
}
