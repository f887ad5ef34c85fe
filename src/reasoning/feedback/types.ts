/** What a latent slot is fed: the hidden state before it, or what a head makes of it. */

/** How a latent is read off the post-norm hidden state before its slot. */
export type LatentHead =
  /** The state itself (Coconut, LanteRn, Mirage, Monet). */
  | { kind: "none" }
  | { kind: "linear" }
  /** Two layers with GELU's place taken by SiLU; LVR's `simple` head has as many. */
  | { kind: "mlp"; hidden: number }
  /** A gated layer, down(silu(gate) ∘ up), beside a linear one: what one part of a state says picks what becomes of another. */
  | { kind: "glu"; hidden: number }
  /**
   * What the vision tower's merger would make the latent of, by two gated layers of so many units; the tower's own, frozen
   * merger makes the latent. The harder half of the way from image to latent has not to be learned again.
   */
  | { kind: "merger"; hidden: number }
  /**
   * One of `codes` vectors for each of `groups` equal parts of the latent, fitted to training oracles by k-means. Fed is
   * the likeliest code, or the mean of codes under the head's probabilities.
   */
  | { kind: "codebook"; codes: number; groups: number; fed: "straight-through" | "soft" }
  /** Rectified flow (arXiv 2209.03003) from a fixed draw of noise, integrated by Euler in so many steps. */
  | { kind: "flow"; hidden: number; steps: number }
  /** No state at all: learned vectors, one for all slots or one for each (pause tokens; LIVR). */
  | { kind: "placeholder"; distinct: boolean };

/** The space in which a head answers and the loss compares; what is fed is taken back into that of the features. */
export type TargetSpace = { kind: "raw" } | { kind: "standardised" } | { kind: "whitened" };

/** Head and space of a checkpoint: config.json, "lintel", "latent". */
export interface Feedback {
  head: LatentHead;
  space: TargetSpace;
}

/** What published models do. */
export const plainFeedback: Feedback = { head: { kind: "none" }, space: { kind: "raw" } };

/**
 * Whether the hidden state itself is fed.
 *
 * @example
 * isPlain({ head: { kind: "linear" }, space: { kind: "raw" } }); // false
 */
export const isPlain = ({ head, space }: Feedback): boolean => head.kind === "none" && space.kind === "raw";
