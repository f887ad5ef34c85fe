/** Layers over rows: activations are matrices [rows, width], rows = batch × tokens. */
import { add, gemm, mul, reduceMean, rmsNormalization, silu, sub, type Tensor } from "../graph/index.ts";
import type { ParameterSource } from "./parameters.ts";

export interface LinearOptions {
  bias?: boolean;
  /** A matrix [rows, width] to add to the result; without a bias the product itself starts from it. */
  residual?: Tensor;
}

/**
 * x·Wᵀ (+ `added`) of the parameter `name` [width, inputs], in whatever form it is held.
 */
export function product(
  parameter: ParameterSource,
  name: string,
  x: Tensor,
  width: number,
  added: () => Tensor | undefined = () => undefined,
): Tensor {
  const held = parameter.product?.(name, x, width, added);
  if (held) return held;
  const weight = parameter(name, [width, x.shape.at(-1) as number]);
  // Asked for after the matrix: parameters are declared in the order in which they are met.
  const more = added();
  return gemm(x, weight, { transB: true, ...(more && { bias: more }) });
}

/**
 * x·Wᵀ (+ b), `W` stored [out, in] as PyTorch does, under `NAME.weight` and `NAME.bias`.
 */
export function linear(
  parameter: ParameterSource,
  name: string,
  x: Tensor,
  width: number,
  { bias = false, residual }: LinearOptions = {},
): Tensor {
  const added = () => (bias ? parameter(`${name}.bias`, [width]) : residual);
  const made = product(parameter, `${name}.weight`, x, width, added);
  return bias && residual ? add(residual, made) : made;
}

/**
 * Qwen2RMSNorm under `NAME.weight`.
 */
export const rmsNorm = (parameter: ParameterSource, name: string, x: Tensor, epsilon: number): Tensor =>
  rmsNormalization(x, parameter(`${name}.weight`, [x.shape.at(-1) as number]), epsilon);

/**
 * PyTorch's LayerNorm under `NAME.weight` and `NAME.bias`: the RMSNorm of what is left of x without its mean.
 */
export function layerNorm(parameter: ParameterSource, name: string, x: Tensor, epsilon: number): Tensor {
  const centred = sub(x, reduceMean(x, [-1], true));
  return add(
    rmsNorm(parameter, name, centred, epsilon),
    parameter(`${name}.bias`, [x.shape.at(-1) as number]),
  );
}

/**
 * down(silu(gate(x)) ∘ up(x)): Qwen2MLP without bias, Qwen2_5_VLMLP of the vision tower with.
 */
export function swiGlu(
  parameter: ParameterSource,
  name: string,
  x: Tensor,
  intermediate: number,
  { bias = false, residual }: LinearOptions = {},
): Tensor {
  const gate = linear(parameter, `${name}.gate_proj`, x, intermediate, { bias });
  const up = linear(parameter, `${name}.up_proj`, x, intermediate, { bias });
  const width = x.shape.at(-1) as number;
  return linear(parameter, `${name}.down_proj`, mul(silu(gate), up), width, {
    bias,
    ...(residual && { residual }),
  });
}
