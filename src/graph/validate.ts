/** Checks a graph before it is encoded, for faults that ONNX Runtime reports late or unclearly. */
import { ensure, LintelError } from "../util/index.ts";
import type { Graph, Node, Tensor, TensorType } from "./tensor.ts";

const typeText = ({ dtype, shape }: TensorType): string => `${dtype} [${shape}]`;

/** The first dimension in which two shapes differ, in words. */
function difference(reported: TensorType, inferred: TensorType): string {
  if (reported.dtype !== inferred.dtype) return "dtype";
  if (reported.shape.length !== inferred.shape.length) return "rank";
  return `dimension ${reported.shape.findIndex((dim, i) => dim !== inferred.shape[i])}`;
}

/** The nodes of both branches, which may read outer tensors and earlier ones of their own branch. */
function checkBranches(graph: Graph, node: Node, where: string, outside: ReadonlySet<Tensor>): void {
  for (const [b, { nodes, outputs }] of (node.branches ?? []).entries()) {
    const defined = new Set(outside);
    const inside = new Set<Tensor>();
    for (const [i, inner] of nodes.entries()) {
      checkNode(graph, inner, `${where}, branch ${b}, node ${i} (${inner.operator.name})`, defined);
      for (const t of inner.outputs) {
        defined.add(t);
        inside.add(t);
      }
    }
    for (const [i, t] of outputs.entries()) {
      ensure(inside.has(t), "graph", () => ({
        where: `${where}, branch ${b}, result ${i}`,
        expected: "a tensor that the branch makes",
        got: `"${t.name}", which it does not`,
      }));
    }
  }
}

function checkNode(graph: Graph, node: Node, where: string, defined: ReadonlySet<Tensor>): void {
  for (const [i, t] of node.inputs.entries()) {
    ensure(defined.has(t), "graph", () => ({
      where: `${where}, input ${i}`,
      expected: "a tensor of this graph that is defined before the node",
      got: t.graph === graph ? `"${t.name}", which is not` : `"${t.name}" of graph ${t.graph.name}`,
    }));
  }
  let inferred: TensorType[];
  try {
    inferred = node.operator.infer(node.inputs, node.attributes);
  } catch (cause) {
    throw new LintelError("graph", {
      where,
      expected: "inputs that the operator takes",
      got: (cause as Error).message,
      cause,
    });
  }
  ensure(inferred.length === node.outputs.length, "graph", () => ({
    where,
    expected: `${inferred.length} outputs`,
    got: `${node.outputs.length}`,
  }));
  for (const [i, type] of inferred.entries()) {
    const reported = node.outputs[i]!;
    ensure(typeText(reported) === typeText(type), "graph", () => ({
      where: `${where}, output ${i} "${reported.name}", ${difference(reported, type)}`,
      expected: typeText(type),
      got: typeText(reported),
    }));
  }
}

/**
 * Checks a whole graph: every input of a node is defined before it, every operator infers again what its outputs say,
 * outputs exist, and names are unique. `createSession` runs it.
 *
 * Errors: code "graph", naming graph, node, tensor and dimension.
 */
export function validate(graph: Graph): void {
  const defined = new Set<Tensor>();
  const names = new Set<string>();
  const name = (text: string, what: string): void => {
    ensure(!names.has(text), "graph", () => ({
      where: `graph ${graph.name}`,
      expected: "names of inputs, outputs and internal tensors to be unique",
      got: `"${text}" again as ${what}`,
    }));
    names.add(text);
  };
  const define = (t: Tensor, what: string): void => {
    name(t.name, what);
    defined.add(t);
  };
  for (const t of graph.inputs) define(t, "input");
  for (const { tensor } of graph.constants) define(tensor, "constant");
  for (const { tensor } of graph.externals) define(tensor, "external tensor");
  for (const [i, node] of graph.nodes.entries()) {
    const where = `graph ${graph.name}, node ${i} (${node.operator.name})`;
    checkNode(graph, node, where, defined);
    checkBranches(graph, node, where, defined);
    for (const { outputs } of (node.branches ?? []).flatMap(({ nodes }) => nodes))
      for (const t of outputs) name(t.name, `result within node ${i} (${node.operator.name})`);
    for (const t of node.outputs) define(t, `output of node ${i} (${node.operator.name})`);
  }
  ensure(graph.outputs.size > 0, "graph", () => ({
    where: `graph ${graph.name}`,
    expected: "at least one output",
    got: "none",
  }));
  for (const [key, t] of graph.outputs) {
    name(key, "output");
    ensure(defined.has(t), "graph", () => ({
      where: `graph ${graph.name}, output "${key}"`,
      expected: "a tensor of this graph",
      got: `"${t.name}" of graph ${t.graph.name}, which no node makes`,
    }));
  }
}
