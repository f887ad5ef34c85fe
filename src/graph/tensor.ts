/** Symbolic tensors, nodes and graphs: plain records. A graph is a tape: nodes are in the order of their creation. */
import { ensure } from "../util/index.ts";
import type { Device } from "./device-names.ts";
import type { Dim, Shape } from "./dims.ts";

export type FloatType = "float32" | "float64";
export type DType = FloatType | "float16" | "bfloat16" | "int64" | "int32" | "uint8" | "bool";

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

export interface Tensor extends TensorType {
  readonly graph: Graph;
  /** Unique within the graph; the ONNX value name. */
  readonly name: string;
  /** null for graph inputs, parameters and constants. */
  readonly node: Node | null;
}

export type AttributeValue = number | string | readonly number[] | { readonly float: number };
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface Node {
  readonly operator: Operator;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: Attributes;
  /** For an operator without a kernel (in this precision): the nodes that replace this one, and their results. */
  readonly body?: Part;
  /** Of `If`: what runs where its condition holds, and where not. */
  readonly branches?: readonly [Part, Part];
}

/** Nodes outside the tape, and their results. */
export interface Part {
  readonly nodes: readonly Node[];
  readonly outputs: readonly Tensor[];
}

export interface Constant {
  readonly tensor: Tensor;
  readonly data: Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array;
}

/** A tensor whose bytes are in a file (a safetensors checkpoint), mapped by ONNX Runtime. */
export interface ExternalTensor {
  readonly tensor: Tensor;
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

export interface Graph {
  readonly name: string;
  readonly nodes: Node[];
  readonly inputs: Tensor[];
  readonly constants: Constant[];
  readonly externals: ExternalTensor[];
  /** name → tensor */
  readonly outputs: Map<string, Tensor>;
  /** Where the size of a named dimension can be read: first input that has it as a whole axis. */
  readonly axes: Map<string, { input: Tensor; axis: number }>;
  /** Constants by content, so that each is in the graph once. */
  readonly shared: Map<string, Tensor>;
  /** Nodes write the graph's outputs themselves, so that the caller's buffers can be updated in place. */
  readonly direct: boolean;
  counter: number;
}

/** One node of the encoded graph, as ONNX has it. */
export interface OnnxNode {
  type: string;
  domain?: string;
  /** null: an optional input that is left out. */
  inputs: readonly (Tensor | null)[];
  outputs: readonly Tensor[];
  attributes: Attributes;
  /** Subgraphs by the attribute that holds them. */
  branches?: Readonly<Record<string, { nodes: readonly OnnxNode[]; outputs: readonly Tensor[] }>>;
}

/** What a gradient rule sees: symbols of the forward pass, and the gradient of every output (null: not needed). */
export interface GradientContext {
  readonly node: Node;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: Attributes;
  readonly outputGradients: readonly (Tensor | null)[];
  /** Whether input i needs a gradient; rules may skip the work where it does not. */
  readonly needs: readonly boolean[];
}

/** Shapes (and attributes) on which an operator's gradient is compared with central differences. */
export interface OperatorCase {
  readonly name: string;
  /** Float inputs that are perturbed. `range` keeps them where the function is smooth. */
  readonly inputs: readonly { shape: readonly number[]; range?: readonly [number, number] }[];
  /** Builds the outputs from the float inputs (integer inputs are made inside as constants). */
  readonly build: (...inputs: Tensor[]) => Tensor | readonly Tensor[];
}

/**
 * One operator: everything about it in one record. `gradient: null` says that nothing differentiable flows through
 * (integer or boolean results); such operators carry cases too, which then only check shapes.
 */
export interface Operator {
  /** The ONNX operator name where there is one. */
  readonly name: string;
  readonly infer: (inputs: readonly TensorType[], attributes: Attributes) => TensorType[];
  /** Default: one ONNX node of the operator's own name. */
  readonly onnx?: (node: Node) => OnnxNode;
  readonly gradient: ((context: GradientContext) => (Tensor | null)[]) | null;
  /**
   * Where ONNX Runtime's CPU provider has no float64 kernel: the same from operators that have one. In float64 it replaces
   * the kernel, so that gradient rules are checked in double like any other.
   */
  readonly compose?: (inputs: readonly Tensor[], attributes: Attributes) => readonly Tensor[];
  /**
   * Replacements for a device on which the kernel gives other numbers than on the CPU: one tensor per output (null: the
   * kernel's output is right). `read`: the tensors that are read at all. null: no replacement needed.
   */
  readonly deviceReplacement?: (
    node: Node,
    at: { device: Device; read: ReadonlySet<Tensor> },
  ) => readonly (Tensor | null)[] | null;
  /** There is no kernel in any precision: the composition always replaces it (but not its gradient rule). */
  readonly kernel?: false;
  readonly cases: readonly OperatorCase[];
}

/**
 * An empty graph. By default copies of its results become the outputs; with `direct` nodes write them themselves.
 *
 * @example
 * createGraph("example").nodes.length; // 0
 */
export function createGraph(name: string, { direct = false }: { direct?: boolean } = {}): Graph {
  return {
    name,
    nodes: [],
    inputs: [],
    constants: [],
    externals: [],
    outputs: new Map(),
    axes: new Map(),
    shared: new Map(),
    direct,
    counter: 0,
  };
}

/** A graph input. Named axes of inputs are what run-time sizes are read from. */
export function input(graph: Graph, name: string, dtype: DType, shape: readonly Dim[]): Tensor {
  ensure(!graph.inputs.some((t) => t.name === name), "graph", () => ({
    where: `graph ${graph.name}`,
    expected: "input names to be unique",
    got: `"${name}" twice`,
  }));
  const tensor: Tensor = { graph, name, dtype, shape, node: null };
  graph.inputs.push(tensor);
  shape.forEach((dim, axis) => {
    if (typeof dim === "string" && !graph.axes.has(dim)) graph.axes.set(dim, { input: tensor, axis });
  });
  return tensor;
}

/**
 * A constant held in the graph itself. Equal constants are made once.
 *
 * @example
 * constant(createGraph("example"), "int64", [2], [3, 4]).shape; // [2]
 */
export function constant(
  graph: Graph,
  dtype: DType,
  shape: readonly number[],
  values: readonly number[] | Float32Array | Float64Array,
): Tensor {
  const numbers = Array.from(values as ArrayLike<number>);
  const count = shape.reduce((a, b) => a * b, 1);
  ensure(numbers.length === count, "graph", () => ({
    where: `constant of shape [${shape}]`,
    expected: `${count} values`,
    got: `${numbers.length}`,
  }));
  const key = `${dtype}|${shape}|${numbers.join()}`;
  const known = numbers.length <= 64 ? graph.shared.get(key) : undefined;
  if (known) return known;
  const tensor: Tensor = { graph, name: `c${graph.counter++}`, dtype, shape, node: null };
  const data =
    dtype === "float64"
      ? Float64Array.from(numbers)
      : dtype === "float32"
        ? Float32Array.from(numbers)
        : dtype === "int64"
          ? BigInt64Array.from(numbers, BigInt)
          : dtype === "int32"
            ? Int32Array.from(numbers)
            : Uint8Array.from(numbers);
  graph.constants.push({ tensor, data });
  if (numbers.length <= 64) graph.shared.set(key, tensor);
  return tensor;
}

/** A scalar constant of the dtype of `like`. */
export const scalar = (like: Tensor, value: number): Tensor => constant(like.graph, like.dtype, [], [value]);

/** A tensor read from a file by ONNX Runtime (`offset`, `length` in bytes). */
export function external(
  graph: Graph,
  name: string,
  dtype: DType,
  shape: readonly number[],
  file: { path: string; offset: number; length: number },
): Tensor {
  const tensor: Tensor = { graph, name, dtype, shape, node: null };
  graph.externals.push({ tensor, ...file });
  return tensor;
}

/** Marks a tensor as a graph output under `name`. */
export function output(name: string, tensor: Tensor): void {
  ensure(!tensor.graph.outputs.has(name), "graph", () => ({
    where: `graph ${tensor.graph.name}`,
    expected: "output names to be unique",
    got: `"${name}" twice`,
  }));
  tensor.graph.outputs.set(name, tensor);
}

/** Appends one node and returns its outputs. Every operator function ends here. */
export function applyAll(
  operator: Operator,
  inputs: readonly Tensor[],
  attributes: Attributes = {},
  branches?: Node["branches"],
): readonly Tensor[] {
  const graph = inputs[0]?.graph;
  ensure(graph && inputs.every((t) => t.graph === graph), "graph", () => ({
    where: operator.name,
    expected: "at least one input, all of one graph",
    got: inputs.map((t) => `${t.graph.name}/${t.name}`).join(", ") || "none",
  }));
  const types = operator.infer(inputs, attributes);
  const outputs: Tensor[] = [];
  const composed = operator.compose && (operator.kernel === false || types[0]!.dtype === "float64");
  const node: Node = {
    operator,
    inputs: [...inputs],
    outputs,
    attributes,
    ...(composed && { body: recorded(graph, () => operator.compose!(inputs, attributes)) }),
    ...(branches && { branches }),
  };
  for (const type of types) {
    outputs.push({ graph, name: `t${graph.counter++}`, dtype: type.dtype, shape: type.shape, node });
  }
  graph.nodes.push(node);
  return outputs;
}

/** The nodes that `build` makes, taken off the tape again. */
export function recorded(graph: Graph, build: () => readonly Tensor[]): Part {
  const start = graph.nodes.length;
  const outputs = build();
  return { outputs, nodes: graph.nodes.splice(start) };
}

/** `applyAll` for operators with one output. */
export const apply = (operator: Operator, inputs: readonly Tensor[], attributes?: Attributes): Tensor =>
  applyAll(operator, inputs, attributes)[0]!;

/**
 * Throws unless all tensors share one dtype, which is returned.
 *
 * @example
 * sameDtype("Add", [{ dtype: "float32", shape: [] }]); // "float32"
 */
export function sameDtype(where: string, types: readonly TensorType[]): DType {
  const dtype = types[0]!.dtype;
  ensure(
    types.every((t) => t.dtype === dtype),
    "graph",
    () => ({ where, expected: "inputs of one dtype", got: types.map((t) => t.dtype).join(", ") }),
  );
  return dtype;
}
