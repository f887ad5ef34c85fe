/** The tensors of head and target space in a checkpoint. */
import type { Feedback } from "./types.ts";

type Shapes = Map<string, readonly number[]>;

/** What all of them begin with. */
export const PREFIX = "latent_head.";

const named = (entries: readonly (readonly [string, readonly number[]])[]): Shapes =>
  new Map(entries.map(([name, shape]) => [`${PREFIX}${name}`, shape]));

/**
 * Trained tensors of a head over states of `width` numbers, in blocks of `k` slots.
 *
 * @example
 * [...headShapes({ head: { kind: "linear" }, space: { kind: "raw" } }, 96, 1)][0]; // ["latent_head.proj.weight", [96, 96]]
 */
export function headShapes({ head }: Feedback, width: number, k: number): Shapes {
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
        ["gate.weight", [head.hidden, width]],
        ["gate.bias", [head.hidden]],
        ["up.weight", [head.hidden, width]],
        ["up.bias", [head.hidden]],
        ["down.weight", [width, head.hidden]],
        ["proj.weight", [width, width]],
        ["proj.bias", [width]],
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
 * [...bufferShapes({ head: { kind: "none" }, space: { kind: "standardised" } }, 96).keys()]; // mean, scale
 */
export function bufferShapes({ head, space }: Feedback, width: number): Shapes {
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
  ]);
}
