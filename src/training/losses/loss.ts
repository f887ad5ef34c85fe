/** Latent losses: how the states before slots, and what the head makes of them, are drawn to the oracle latents. */
export type LatentLoss =
  /** Mean squared error per number (LanteRn, LVR). */
  | { kind: "mse" }
  /** 1 − cosine (Mirage). */
  | { kind: "cosine" }
  /** Half of the square up to `beta`, then linear (Huber / beta, as PyTorch's SmoothL1Loss). */
  | { kind: "smooth-l1"; beta: number }
  /**
   * Contrast of a block with the other blocks of its part of the batch, in both directions (LanteRn's `infonce_loss`, τ
   * 0.07). `hardNegatives`: the helpers that would make a wrong option right count as well, each twice.
   */
  | { kind: "infonce"; temperature: number; hardNegatives: boolean }
  /**
   * For a merger head: mean squared error of what enters the merger (each number in units of its deviation over the
   * training oracles), plus that of what leaves it.
   */
  | { kind: "cells" }
  /** Cross-entropy over the codes of a codebook head. */
  | { kind: "codes" }
  /** Rectified flow's regression of velocities, for a flow head. */
  | { kind: "flow" }
  /**
   * No oracle is compared: states before supervised text, with own latents in the slots, are drawn to those with oracle
   * latents there (1 − cosine; after Monet's alignment of observation tokens), with gradient through what was fed alone.
   * Asks for own slots with gradient.
   */
  | { kind: "distillation" };
