/** Where a model's tensors come from: a graph input while training, a file while decoding. */
import { type DType, external, type Graph, input, type Tensor } from "../graph/index.ts";

/** Gives the tensor of a parameter; called once per name. */
export type ParameterSource = (name: string, shape: readonly number[]) => Tensor;

export interface ParameterInputs {
  source: ParameterSource;
  /** Every parameter that was asked for, in order: what the optimizer updates. */
  declared: Map<string, Tensor>;
}

/**
 * Parameters as inputs of the graph, fed with each run: the form in which they can be trained.
 *
 * @example
 * const g = createGraph("model");
 * const { source, declared } = parameterInputs(g, "float32");
 * source("w", [4, 8]);
 * [...declared.keys()]; // ["w"]
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

export interface FilePlace {
  dtype: DType;
  path: string;
  /** Bytes from the start of the file. */
  offset: number;
  length: number;
}

/**
 * Parameters that ONNX Runtime maps from a file: no copy, no conversion. `place` says where each lies.
 *
 * @example
 * const place = { dtype: "float32", path: "model.safetensors", offset: 264, length: 48 };
 * parameterFiles(createGraph("model"), () => place)("w", [3, 4]).shape; // [3, 4]
 */
export function parameterFiles(graph: Graph, place: (name: string) => FilePlace): ParameterSource {
  const made = new Map<string, Tensor>();
  return (name, shape) => {
    const known = made.get(name);
    if (known) return known;
    const { dtype, ...file } = place(name);
    const tensor = external(graph, name, dtype, shape, file);
    made.set(name, tensor);
    return tensor;
  };
}
