/** AdamW (Loshchilov & Hutter 2019) as `torch.optim.AdamW` computes it, over one flat buffer. */
import { createStore, type ParameterStore } from "../nn/index.ts";

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
  readonly moment1: ParameterStore;
  readonly moment2: ParameterStore;
  readonly options: Required<AdamWOptions>;
}

const f = Math.fround;

/**
 * State of the optimizer for `parameters`: moments at zero.
 *
 * @example
 * createAdamW(createStore(new Map([["w", [2, 2]]]))).step; // 0
 */
export function createAdamW(parameters: ParameterStore, options: AdamWOptions = {}): AdamW {
  return {
    step: 0,
    moment1: createStore(parameters.shapes),
    moment2: createStore(parameters.shapes),
    options: { betas: [0.9, 0.98], epsilon: 1e-8, weightDecay: 0.01, clip: 1, ...options },
  };
}

/**
 * Euclidean norm of all gradients together.
 *
 * @example
 * const gradients = createStore(new Map([["w", [2]]]));
 * gradients.flat.set([3, 4]);
 * gradientNorm(gradients); // 5
 */
export function gradientNorm(gradients: ParameterStore): number {
  let sum = 0;
  for (const g of gradients.flat) sum += g * g;
  return Math.sqrt(sum);
}

/**
 * One update in place; returns the gradient norm before clipping. Rounded to float32 wherever PyTorch's kernels are,
 * so that the two stay together over many steps.
 *
 * @example
 * const shapes = new Map([["w", [2, 2]]]);
 * const [weights, gradients] = [createStore(shapes), createStore(shapes)];
 * gradients.flat.fill(0.1);
 * adamWStep(createAdamW(weights), weights, gradients, 1e-3);
 * weights.flat[0]; // ≈ −0.001
 */
export function adamWStep(
  optimizer: AdamW,
  parameters: ParameterStore,
  gradients: ParameterStore,
  learningRate: number,
): number {
  const { betas, epsilon, weightDecay, clip } = optimizer.options;
  const [b1, b2] = betas;
  const norm = gradientNorm(gradients);
  // clip_grad_norm_ adds 1e-6 to the norm it divides by.
  const scale = Math.min(1, clip / (norm + 1e-6));
  optimizer.step++;
  const size = learningRate / (1 - b1 ** optimizer.step);
  const correction2 = Math.sqrt(1 - b2 ** optimizer.step);
  for (const name of parameters.names) {
    const p = parameters.views.get(name)!;
    const g = gradients.views.get(name)!;
    const m = optimizer.moment1.views.get(name)!;
    const v = optimizer.moment2.views.get(name)!;
    const keep = parameters.shapes.get(name)!.length >= 2 ? 1 - learningRate * weightDecay : 1;
    for (let i = 0; i < p.length; i++) {
      const gradient = f(g[i]! * scale);
      const first = f(m[i]! + f(gradient - m[i]!) * (1 - b1));
      const second = f(f(v[i]! * b2) + gradient * gradient * (1 - b2));
      m[i] = first;
      v[i] = second;
      const root = f(f(f(Math.sqrt(second)) / correction2) + epsilon);
      p[i] = f(p[i]! * keep) - f(size * f(first / root));
    }
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
