/** Prompts, key/value caches and results of decoding. */
import type { SessionOptions, Value } from "../../graph/index.ts";
import type { Grid } from "../decoder/position-ids.ts";

/** One prompt: ids with image tokens expanded, the vectors that replace them in order, and the images' grids. */
export interface Prompt {
  ids: readonly number[];
  /** [image tokens, width]. */
  visuals: Float32Array;
  /** DeepStack: what each of the first decoder layers receives at the image tokens, [image tokens, width] each. */
  deep?: readonly Float32Array[];
  grids: readonly Grid[];
}

/** What is cached of B examples up to some point, per layer [B, kvHeads, P, d]. */
export interface PrefixCache {
  batch: number;
  length: number;
  k: readonly Value[];
  v: readonly Value[];
  /** Additive, [B, 1, 1, P]: blocked where a row is padded. */
  mask: Float32Array;
  /** Position of the next token, the same on all three axes. */
  next: Int32Array;
}

/** What N continuations of each example have added since. */
export interface ContinuationCache {
  continuations: number;
  length: number;
  /** Per layer [B·kvHeads, N, S, d]; of a single continuation perhaps `InPlaceCache`. */
  k: readonly Value[];
  v: readonly Value[];
  inPlace?: { filled: number };
}

export interface DecodeOutput {
  /** [rows, V], rows = B or B·N. */
  logits: Float32Array;
  /** Post-norm hidden states [rows, D]: what a latent block feeds back. */
  feedback: Float32Array;
}

/** What the tokens of one step may not look at: added to the scores, 0 or `BLOCKED`. */
export interface StepMask {
  /** [B·N, P], on top of the prefix's own mask. */
  prefix: Float32Array;
  /** [B·N, S+1]. */
  suffix: Float32Array;
}

export interface ModelOptions extends SessionOptions {
  /** Return the hidden states of every layer from prefill ("last": only the last, after the norm), for parity checks and probes. */
  everyHidden?: boolean | "last";
  /** Return with image features the input of the tower's merger, for heads that predict it. */
  cells?: boolean;
}
