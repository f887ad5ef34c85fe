/** Where a model's tensors come from: a graph input while training, a file while decoding. */
import { type DType, type Graph, input, type Tensor } from "../graph/index.ts";

/** Gives the tensor of a parameter; called once per name. */
export interface ParameterSource {
  (name: string, shape: readonly number[]): Tensor;
  /**
   * x·Wᵀ + what `added` gives (a bias [outputs], a matrix, or nothing) of a matrix [outputs, inputs] that is not held as
   * one tensor of floats; null where it is.
   */
  product?: (name: string, x: Tensor, outputs: number, added: () => Tensor | undefined) => Tensor | null;
}

export interface ParameterInputs {
  source: ParameterSource;
  /** Every parameter that was asked for, in order: what the optimizer updates. */
  declared: Map<string, Tensor>;
}

/**
 * Parameters as inputs of the graph, fed with each run: the form in which they can be trained.
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
