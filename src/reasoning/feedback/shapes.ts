/** The tensors of head and target space in a checkpoint. */
import { cellSize, type QwenConfig } from "../../qwen/index.ts";
import type { Feedback } from "./types.ts";

type Shapes = Map<string, readonly number[]>;

/** What all of them begin with. */
export const PREFIX = "latent_head.";

const named = (entries: readonly (readonly [string, readonly number[]])[]): Shapes =>
  new Map(entries.map(([name, shape]) => [`${PREFIX}${name}`, shape]));

/** What the tensors' shapes go by. */
export interface LatentSize {
  /** Numbers of a state and of a latent. */
  width: number;
  /** Slots of a block. */
  k: number;
  /** Numbers that the vision tower's merger makes one latent of. */
  cells: number;
}

/**
 * Sizes of the latents of a model, in blocks of `k`.
 *
 * @example
 * latentSize(pocketConfig({ vocabSize: 24, hiddenSize: 32, layers: 1, heads: 2 }), 4).width; // 32
 */
export const latentSize = ({ text, vision }: Pick<QwenConfig, "text" | "vision">, k: number): LatentSize => ({
  width: text.hiddenSize,
  k,
  cells: cellSize(vision),
});

const gated = (at: string, from: number, hidden: number): [string, readonly number[]][] =>
  ["gate", "up"].flatMap((part) => [
    [`${at}${part}.weight`, [hidden, from]] as [string, readonly number[]],
    [`${at}${part}.bias`, [hidden]] as [string, readonly number[]],
  ]);

/**
 * Trained tensors of a head.
 *
 * @example
 * const size = { width: 96, k: 1, cells: 256 };
 * [...headShapes({ head: { kind: "linear" }, space: { kind: "raw" } }, size)][0]; // ["latent_head.proj.weight", [96, 96]]
 */
export function headShapes({ head }: Feedback, { width, k, cells }: LatentSize): Shapes {
  switch (head.kind) {
    case "none":
      return named([]);
    case "linear":
      return named([
        ["proj.weight", [width, width]],
        ["proj.bias", [width]],
      ]);
    case "mlp":
      return named([
        ["up.weight", [head.hidden, width]],
        ["up.bias", [head.hidden]],
        ["proj.weight", [width, head.hidden]],
        ["proj.bias", [width]],
      ]);
    case "glu":
      return named([
        ...gated("", width, head.hidden),
        ["down.weight", [width, head.hidden]],
        ["proj.weight", [width, width]],
        ["proj.bias", [width]],
      ]);
    case "merger":
      return named([
        ...gated("first.", width, head.hidden),
        ["first.down.weight", [width, head.hidden]],
        ...gated("", width, head.hidden),
        ["down.weight", [cells, head.hidden]],
        ["proj.weight", [cells, width]],
        ["proj.bias", [cells]],
      ]);
    case "codebook":
      return named([
        ["proj.weight", [head.groups * head.codes, width]],
        ["proj.bias", [head.groups * head.codes]],
      ]);
    case "flow":
      return named([
        // Noisy latent, state, time.
        ["in.weight", [head.hidden, 2 * width + 1]],
        ["in.bias", [head.hidden]],
        ["mid.weight", [head.hidden, head.hidden]],
        ["mid.bias", [head.hidden]],
        ["proj.weight", [width, head.hidden]],
        ["proj.bias", [width]],
      ]);
    case "placeholder":
      return named([["vectors", [head.distinct ? k : 1, width]]]);
  }
}

/**
 * Tensors that are fitted once and not trained: statistics of training oracles, codes, the flow's start.
 *
 * @example
 * const size = { width: 96, k: 1, cells: 256 };
 * [...bufferShapes({ head: { kind: "none" }, space: { kind: "standardised" } }, size).keys()]; // ["latent_head.mean", "latent_head.scale"]
 */
export function bufferShapes({ head, space }: Feedback, { width, cells }: LatentSize): Shapes {
  const spaces: Record<typeof space.kind, readonly (readonly [string, readonly number[]])[]> = {
    raw: [],
    standardised: [
      ["mean", [width]],
      ["scale", [width]],
    ],
    whitened: [
      ["mean", [width]],
      ["whiten", [width, width]],
      ["colour", [width, width]],
    ],
  };
  return named([
    ...spaces[space.kind],
    ...(head.kind === "codebook" ? [["codes", [head.groups, head.codes, width / head.groups]] as const] : []),
    ...(head.kind === "flow" ? [["start", [width]] as const] : []),
    ...(head.kind === "merger" ? ["cells.mean", "cells.scale"].map((name) => [name, [cells]] as const) : []),
  ]);
}
