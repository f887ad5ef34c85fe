/** Head and target space of a model, and their tensors in a checkpoint. */
import {
  type HeadMethods,
  type LatentSize,
  type OptionsOf,
  optionsSchema,
  type TensorShapes,
} from "./define.ts";
import { latentHeads } from "./registry.ts";
import { type TargetSpace, targetSpaces } from "./target-spaces.ts";

/** Prefix of their names. */
export const PREFIX = "latent_head.";

/** How a latent is read off the post-norm hidden state before its slot. */
export type LatentHead = OptionsOf<typeof latentHeads>;

export const latentHeadSchema = optionsSchema(latentHeads);

/** Head and space of a checkpoint: config.json, "lintel", "latent". */
export interface LatentConfig {
  head: LatentHead;
  space: TargetSpace;
}

/** Published models feed the hidden state itself. */
export const plainLatentConfig: LatentConfig = { head: { kind: "none" }, space: { kind: "raw" } };

/**
 * Whether the hidden state itself is fed.
 *
 * @example
 * feedsHiddenState({ head: { kind: "linear" }, space: { kind: "raw" } }); // false
 */
export const feedsHiddenState = ({ head, space }: LatentConfig): boolean =>
  head.kind === "none" && space.kind === "raw";

/**
 * The record of a head.
 *
 * @example
 * headRecord({ kind: "merger", hidden: 8 }).usesMerger; // true
 */
export const headRecord = ({ kind }: LatentHead): HeadMethods<LatentHead> =>
  latentHeads[kind] as HeadMethods<LatentHead>;

const named = (entries: TensorShapes): Map<string, readonly number[]> =>
  new Map(entries.map(([name, shape]) => [`${PREFIX}${name}`, shape]));

/** Trained tensors of a head. */
export const headShapes = ({ head }: LatentConfig, size: LatentSize): Map<string, readonly number[]> =>
  named(headRecord(head).tensors(head, size));

/** Tensors that are fitted once and not trained: statistics of training oracles, codes, the flow's start. */
export const bufferShapes = (
  { head, space }: LatentConfig,
  size: LatentSize,
): Map<string, readonly number[]> =>
  named([...targetSpaces[space.kind].buffers(size.width), ...(headRecord(head).buffers?.(head, size) ?? [])]);
