/** What a latent block is in a published family (FAMILIES.md §14: one state machine for all loops). */
import type { Example } from "../tasks/index.ts";

/** The parameters of the state machine. Ids are token ids. */
export interface BlockRules {
  startId: number;
  endId: number;
  /** Recorded in the ids where a latent stands. */
  padId: number;
  /** Latents per block. */
  k: number;
}

/** A turn of the conversation as chat templates take it. */
export interface ContentPart {
  type: "text" | "image";
  text?: string;
}

/** A piece of the text that a model is trained to write. */
export type ResponsePart = { text: string } | { latents: number };

export interface Family {
  name: string;
  /** Tokens to add to a tokenizer that lacks them, in the family's order. */
  tokens: readonly string[];
  /** Keys that `config.json` of this family carries for `rules`. */
  configKeys(rules: BlockRules): Record<string, unknown>;
  /** Whether a checkpoint with this config.json is of the family. */
  detect(config: Readonly<Record<string, unknown>>): boolean;
  /** The block's parameters, from config.json and, where it is silent, the tokenizer. */
  rules(config: Readonly<Record<string, unknown>>, idOf: (token: string) => number | undefined): BlockRules;
  /** The user's turn: text and images in order. */
  content(example: Example): ContentPart[];
  /** What the assistant should write: text, with a latent block of `k` slots per helper where `latents` is set. */
  response(example: Example, latents: boolean): ResponsePart[];
  /** The option that a decoded text names, or null. */
  readAnswer(text: string, options: readonly string[]): number | null;
  /** Text that stands right before the option in a response: where option probabilities are read. */
  answerCue: string;
  /** Oracle latents [k, width] of a helper image's merged features [n, width]. */
  compress(features: Float32Array, width: number, k: number): Float32Array;
}
