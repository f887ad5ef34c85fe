/** Sources of a model's parameters: graph inputs in training, files in decoding. */
import { type DType, type Graph, input, type Tensor } from "../graph/index.ts";

/** Returns the tensor of a parameter. */
export interface ParameterSource {
  (name: string, shape: readonly number[]): Tensor;
  /**
   * x·Wᵀ + `added()` (a bias [outputs], a matrix, or nothing) for a matrix [outputs, inputs] that is quantized or split;
   * null for a matrix in a single float tensor.
   */
  product?: (name: string, x: Tensor, outputs: number, added: () => Tensor | undefined) => Tensor | null;
}

/**
 * A source of the parameters whose names begin with `prefix`, by their names without it.
 *
 * @example
 * const source = (name, shape) => `${name} [${shape}]`;
 * withPrefix(source, "head.")("weight", [2]); // "head.weight [2]"
 */
export function withPrefix(source: ParameterSource, prefix: string): ParameterSource {
  const prefixed: ParameterSource = (name, shape) => source(`${prefix}${name}`, shape);
  const { product } = source;
  if (product) prefixed.product = (name, ...rest) => product(`${prefix}${name}`, ...rest);
  return prefixed;
}

interface ParameterInputs {
  source: ParameterSource;
  /** All declared parameters in order, which the optimizer updates. */
  declared: Map<string, Tensor>;
}

/**
 * Trainable parameters: inputs of the graph, fed with each run.
 */
export function parameterInputs(graph: Graph, dtype: DType): ParameterInputs {
  const declared = new Map<string, Tensor>();
  const source: ParameterSource = (name, shape) => {
    const known = declared.get(name);
    if (known) return known;
    const tensor = input(graph, name, dtype, shape);
    declared.set(name, tensor);
    return tensor;
  };
  return { source, declared };
}
