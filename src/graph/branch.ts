/** Two branches with the same kind of results, of which one runs: ONNX's If. */
import { ensure } from "../util/index.ts";
import type { Dim, Shape } from "./dims.ts";
import { detach } from "./operators/identity.ts";
import {
  applyAll,
  type Graph,
  type Node,
  type Operator,
  type Part,
  recorded,
  type Tensor,
} from "./tensor.ts";

/** The types of its results are an attribute; it has no gradient. */
const If: Operator = {
  name: "If",
  infer: (_inputs, { results }) => JSON.parse(results as string),
  gradient: null,
  cases: [],
};

/** Moves shape computations that only depend on outer tensors out of the branch, once for both branches. */
function withoutShapes(graph: Graph, { nodes, outputs }: Part): Part {
  const inside = new Set(nodes.flatMap((node) => node.outputs));
  const kept: Node[] = [];
  for (const node of nodes) {
    const outer = node.outputs.every((t) => t.dtype === "int64") && node.inputs.every((t) => !inside.has(t));
    if (outer) {
      graph.nodes.push(node);
      for (const t of node.outputs) inside.delete(t);
    } else kept.push(node);
  }
  return { nodes: kept, outputs };
}

/** Sizes in which two shapes of one rank differ are unknown, under a name that no other size has. */
const common = (graph: Graph, a: Shape, b: Shape): Dim[] =>
  a.map((dim, i) => (dim === b[i] ? dim : `either${graph.counter++}`));

/**
 * The results of `yes` where `condition` (bool, a scalar) holds, else those of `no`: as many, of the same types and
 * ranks. Only one of them runs. Inputs and outputs of the graph are declared outside; nothing differentiable flows
 * through.
 *
 * @example
 * const g = createGraph("either");
 * const x = input(g, "x", "float32", ["N"]);
 * const [y] = choose(input(g, "twice", "bool", []), () => [add(x, x)], () => [neg(x)]);
 * y.shape; // ["N"]
 */
export function choose(
  condition: Tensor,
  yes: () => readonly Tensor[],
  no: () => readonly Tensor[],
): readonly Tensor[] {
  const { graph } = condition;
  const [declared, named] = [graph.inputs.length, graph.outputs.size];
  const branches = [yes, no].map((build) => {
    const before = new Set(graph.nodes);
    const part = recorded(graph, () =>
      // A branch has to create its outputs itself.
      build().map((t) => (t.node === null || before.has(t.node) ? detach(t) : t)),
    );
    return withoutShapes(graph, part);
  }) as [Part, Part];
  const [a, b] = branches.map(({ outputs }) => outputs) as [readonly Tensor[], readonly Tensor[]];
  ensure(graph.inputs.length === declared && graph.outputs.size === named, "graph", () => ({
    where: `a branch in graph ${graph.name}`,
    expected: "inputs and outputs to be declared outside of it",
    got: "some within",
  }));
  ensure(
    a.length === b.length &&
      a.every((t, i) => t.dtype === b[i]!.dtype && t.shape.length === b[i]!.shape.length),
    "graph",
    () => ({
      where: `a branch in graph ${graph.name}`,
      expected: "results of the same types and ranks on both sides",
      got: [a, b].map((side) => side.map((t) => `${t.dtype} [${t.shape}]`).join(", ")).join(" and "),
    }),
  );
  const results = a.map((t, i) => ({ dtype: t.dtype, shape: common(graph, t.shape, b[i]!.shape) }));
  const made = new Set(branches.flatMap(({ nodes }) => nodes.flatMap((node) => node.outputs)));
  const read = new Set(branches.flatMap(({ nodes }) => nodes.flatMap((node) => node.inputs)));
  const outer = [...read].filter((t) => !made.has(t) && t !== condition);
  return applyAll(If, [condition, ...outer], { results: JSON.stringify(results) }, branches);
}
