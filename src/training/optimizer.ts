/** AdamW (Loshchilov & Hutter 2019) as `torch.optim.AdamW` computes it, over one flat buffer. */
import { type Kernels, kernelsOn, type ParameterStore, siblingStore } from "../nn/index.ts";

export interface AdamWOptions {
  betas?: readonly [number, number];
  epsilon?: number;
  /** Applied to parameters of rank 2 and more only: gains and biases are not pulled to zero. */
  weightDecay?: number;
  /** Largest global gradient norm; larger gradients are scaled down as `clip_grad_norm_` does. */
  clip?: number;
}

export interface AdamW {
  /** Steps taken. */
  step: number;
  /** Where the gradients of a step are to be written. */
  readonly gradients: ParameterStore;
  /** Where those of a part of the batch are, before they are added to `gradients`. */
  readonly partial: ParameterStore;
  readonly moment1: ParameterStore;
  readonly moment2: ParameterStore;
  readonly kernels: Kernels;
  readonly options: Required<AdamWOptions>;
}

/**
 * State of the optimizer for `parameters`, beside them in memory: gradients and moments at zero.
 *
 * @example
 * createAdamW(createStore(new Map([["w", [2, 2]]]))).step; // 0
 */
export function createAdamW(parameters: ParameterStore, options: AdamWOptions = {}): AdamW {
  return {
    step: 0,
    gradients: siblingStore(parameters, 1),
    moment1: siblingStore(parameters, 2),
    moment2: siblingStore(parameters, 3),
    partial: siblingStore(parameters, 4),
    kernels: kernelsOn(parameters),
    options: { betas: [0.9, 0.98], epsilon: 1e-8, weightDecay: 0.01, clip: 1, ...options },
  };
}

/**
 * One update of `parameters` in place by `optimizer.gradients`; returns the gradient norm before clipping. Computed in
 * float32 as PyTorch's fused kernel does, so that the two stay together over many steps. Parameters that are not `trained`
 * stay as they are, and so do their moments.
 */
export function adamWStep(
  optimizer: AdamW,
  parameters: ParameterStore,
  learningRate: number,
  trained: (name: string) => boolean = () => true,
): number {
  const { gradients, moment1, moment2, kernels } = optimizer;
  const { betas, epsilon, weightDecay, clip } = optimizer.options;
  const [b1, b2] = betas;
  const norm = Math.sqrt(kernels.squares(gradients.flat.byteOffset, gradients.flat.length));
  // clip_grad_norm_ adds 1e-6 to the norm it divides by.
  const scale = Math.min(1, clip / (norm + 1e-6));
  optimizer.step++;
  const size = learningRate / (1 - b1 ** optimizer.step);
  const correction = Math.sqrt(1 - b2 ** optimizer.step);
  for (const [name, p] of parameters.views) {
    if (!trained(name)) continue;
    const [g, m, v] = [gradients, moment1, moment2].map((store) => store.views.get(name)!.byteOffset);
    const keep = parameters.shapes.get(name)!.length >= 2 ? 1 - learningRate * weightDecay : 1;
    const factors = [scale, keep, 1 - b1, b2, 1 - b2, size, correction, epsilon];
    kernels.adamw(p.byteOffset, g!, m!, v!, p.length, ...factors);
  }
  return norm;
}

export interface Schedule {
  /** Highest rate. */
  learningRate: number;
  /** Steps of linear warm-up. */
  warmup: number;
  /** Steps in all. */
  steps: number;
  /** Rate at the end, as a share of the highest. */
  floor: number;
}

/**
 * Learning rate of step `step` (from 0): linear warm-up, then cosine down to `floor`.
 *
 * @example
 * learningRateAt({ learningRate: 1, warmup: 10, steps: 110, floor: 0.05 }, 4); // 0.5
 */
export function learningRateAt({ learningRate, warmup, steps, floor }: Schedule, step: number): number {
  if (step < warmup) return (learningRate * (step + 1)) / warmup;
  const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return learningRate * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}
