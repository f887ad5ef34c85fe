/** Layers over rows: activations are matrices [rows, width], rows = batch × tokens. */
import { add, gemm, mul, reduceMean, rmsNormalization, silu, sub, type Tensor } from "../graph/index.ts";
import type { ParameterSource } from "./parameters.ts";

interface LinearOptions {
  bias?: boolean;
  /** A matrix [rows, width] added to the result; without a bias it is the initial value of the product. */
  residual?: Tensor;
}

/**
 * x·Wᵀ (+ `added`) for the parameter `name` [width, inputs], which may be stored quantized or in parts.
 */
export function product(
  parameter: ParameterSource,
  name: string,
  x: Tensor,
  width: number,
  added: () => Tensor | undefined = () => undefined,
): Tensor {
  const special = parameter.product?.(name, x, width, added);
  if (special) return special;
  const weight = parameter(name, [width, x.shape.at(-1) as number]);
  // after the matrix: the order of declaration is part of the graph
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
 * PyTorch's LayerNorm under `NAME.weight` and `NAME.bias`: the RMSNorm of x minus its mean.
 */
export function layerNorm(parameter: ParameterSource, name: string, x: Tensor, epsilon: number): Tensor {
  const centered = sub(x, reduceMean(x, [-1], true));
  return add(
    rmsNorm(parameter, name, centered, epsilon),
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
