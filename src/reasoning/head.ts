/** A learned head between hidden states and latents, and the vector that ends a block (LVR). */
import type { LatentHeadRules, StopRules } from "../families/index.ts";
import type { WeightValues } from "../qwen/index.ts";
import { ensure } from "../util/index.ts";

/** What a checkpoint has beyond the network itself. */
export interface StateHead {
  /** Latent [D] of a hidden state [D]. */
  apply(hidden: Float32Array): Float32Array;
  /** Logits [V] of a hidden state [D]. */
  logits(hidden: Float32Array): Float32Array;
}

/** By its series, and by its continued fraction where that converges: double precision, as torch's exact GELU wants. */
function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 2.5) {
    let [term, sum] = [a, a];
    for (let n = 1; n < 60; n++) {
      term *= (-a * a) / n;
      sum += term / (2 * n + 1);
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
}

const gelu = (x: number): number => 0.5 * x * (1 + erf(x / Math.SQRT2));
const silu = (x: number): number => x / (1 + Math.exp(-x));

/** weight [out, in] · x + bias. */
function linear(x: Float32Array, weight: Float32Array, bias: Float32Array | null): Float32Array {
  const width = x.length;
  const out = new Float32Array(weight.length / width);
  for (let i = 0; i < out.length; i++) {
    let sum = bias ? bias[i]! : 0;
    const at = i * width;
    for (let j = 0; j < width; j++) sum += weight[at + j]! * x[j]!;
    out[i] = sum;
  }
  return out;
}

/** torch's LayerNorm, eps 1e-6. */
function layerNorm(x: Float32Array, weight: Float32Array, bias: Float32Array): Float32Array {
  let mean = 0;
  for (const v of x) mean += v / x.length;
  let variance = 0;
  for (const v of x) variance += (v - mean) ** 2 / x.length;
  const scale = 1 / Math.sqrt(variance + 1e-6);
  return x.map((v, i) => (v - mean) * scale * weight[i]! + bias[i]!);
}

/** A tensor of these rows and columns (null: any), as float32 numbers. */
function tensorOf(weights: WeightValues, name: string, columns: number | null): Float32Array {
  const found = weights[name];
  const fits =
    found && found.data instanceof Float32Array && (columns === null || found.shape.at(-1) === columns);
  ensure(fits, "checkpoint", () => ({
    where: `tensor ${name}`,
    expected: columns === null ? "a float32 tensor" : `a float32 tensor with ${columns} columns`,
    got: found ? `shape [${found.shape.join(", ")}], ${found.dtype}` : "none in the checkpoint",
    attempt: "a complete checkpoint, or another dialect with --family",
  }));
  return found.data as Float32Array;
}

/**
 * The head of a checkpoint (LVR, `src/model/lvr_heads.py`): "simple" is LayerNorm, linear, GELU, linear; "glu" a gated
 * unit with SiLU. Logits are read with the checkpoint's output matrix.
 *
 * Errors: "checkpoint" naming a tensor that is missing or of another shape.
 *
 * @example
 * const matrix = (x) => ({ dtype: "float32", shape: [1, 1], data: Float32Array.of(x) });
 * const names = ["gate_proj", "up_proj", "down_proj"].map((name) => `head.${name}.weight`);
 * const weights = Object.fromEntries([...names, "lm_head.weight"].map((name) => [name, matrix(1)]));
 * const head = createHead({ kind: "glu", prefix: "head", from: 1 }, weights, 1);
 * head.apply(Float32Array.of(2)); // Float32Array [3.52…]: silu(2) · 2
 */
export function createHead(
  { kind, prefix }: LatentHeadRules,
  weights: WeightValues,
  width: number,
): StateHead {
  const tensor = (name: string, columns: number | null = width): Float32Array =>
    tensorOf(weights, `${prefix}.${name}`, columns);
  const biasOf = (name: string): Float32Array | null =>
    weights[`${prefix}.${name}`] ? tensor(name, null) : null;
  const read = (): Float32Array =>
    tensorOf(weights, weights["lm_head.weight"] ? "lm_head.weight" : "model.embed_tokens.weight", width);
  const logits = (hidden: Float32Array): Float32Array => linear(hidden, read(), null);
  if (kind === "simple") {
    const [scale, shift] = [tensor("ln_q.weight"), tensor("ln_q.bias")];
    const [first, second] = [tensor("mlp.0.weight"), tensor("mlp.2.weight")];
    const [firstBias, secondBias] = [biasOf("mlp.0.bias"), biasOf("mlp.2.bias")];
    return {
      apply: (hidden) =>
        linear(linear(layerNorm(hidden, scale, shift), first, firstBias).map(gelu), second, secondBias),
      logits,
    };
  }
  const [gate, up, down] = [
    tensor("gate_proj.weight"),
    tensor("up_proj.weight"),
    tensor("down_proj.weight", null),
  ];
  const [gateBias, upBias, downBias] = [
    biasOf("gate_proj.bias"),
    biasOf("up_proj.bias"),
    biasOf("down_proj.bias"),
  ];
  return {
    apply(hidden) {
      const opened = linear(hidden, gate, gateBias).map(silu);
      const raised = linear(hidden, up, upBias);
      return linear(
        opened.map((v, i) => v * raised[i]!),
        down,
        downBias,
      );
    },
    logits,
  };
}

/**
 * The vector near which blocks end.
 *
 * Errors: "checkpoint" where it is missing.
 *
 * @example
 * const rules = { tensor: "end", distance: "mse", below: 0.02 };
 * const end = { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) };
 * stopVectorOf(rules, { end }, 2); // Float32Array [1, 2]
 */
export const stopVectorOf = ({ tensor }: StopRules, weights: WeightValues, width: number): Float32Array =>
  tensorOf(weights, tensor, width);

/**
 * Whether a vector is near the one that ends blocks.
 *
 * @example
 * const rules = { tensor: "lvr_latent_end_emb", distance: "mse", below: 0.02 };
 * isNear(rules, Float32Array.of(1, 1), Float32Array.of(1, 1.1)); // true: 0.005
 */
export function isNear({ distance, below }: StopRules, vector: Float32Array, end: Float32Array): boolean {
  let [sum, dot, a, b] = [0, 0, 0, 0];
  for (let i = 0; i < vector.length; i++) {
    const [x, y] = [vector[i]!, end[i]!];
    sum += distance === "mae" ? Math.abs(x - y) : (x - y) ** 2;
    dot += x * y;
    a += x * x;
    b += y * y;
  }
  if (distance !== "cosine") return sum / vector.length < below;
  return 1 - dot / Math.max(Math.sqrt(a * b), 1e-8) < below;
}
