/** Reverse-mode differentiation: appends the backward pass of a scalar to its own graph. */
import { ensure } from "../util/index.ts";
import { add } from "./operators/add.ts";
import { expand } from "./operators/expand.ts";
import { gemm } from "./operators/gemm.ts";
import { type Node, scalar, type Tensor } from "./tensor.ts";

/** Tensors through which a change of `targets` can reach `loss`. */
function onThePath(loss: Tensor, targets: readonly Tensor[]): Set<Tensor> {
  const below = new Set<Tensor>(targets);
  for (const node of loss.graph.nodes) {
    if (node.operator.gradient && node.inputs.some((t) => below.has(t))) {
      for (const t of node.outputs) below.add(t);
    }
  }
  return below;
}

/** Sum of two gradients of one tensor. A product takes the other as its bias: one pass over memory less than Add. */
function sum(known: Tensor, g: Tensor): Tensor {
  const node = g.node;
  if (node?.operator.name !== "Gemm" || node.inputs.length !== 2) return add(known, g);
  const { transA, transB } = node.attributes;
  return gemm(node.inputs[0]!, node.inputs[1]!, { bias: known, transA: transA === 1, transB: transB === 1 });
}

/**
 * Gradients of the scalar `loss` with respect to `targets` (any tensors of its graph), in their order. A target on
 * which the loss does not depend gets zeros.
 *
 * Errors: a `loss` that is no scalar; a float path through an operator without gradient is simply not followed
 * (indices, shapes and masks carry none).
 *
 * @example
 * const g = createGraph("square");
 * const x = input(g, "x", "float32", [3]);
 * gradients(reduceSum(mul(x, x), [0]), [x])[0].shape; // [3]
 */
export function gradients(loss: Tensor, targets: readonly Tensor[]): Tensor[] {
  ensure(loss.shape.length === 0, "graph", () => ({
    where: `gradients in graph ${loss.graph.name}`,
    expected: "a scalar loss",
    got: `shape [${loss.shape}]`,
  }));
  const needed = onThePath(loss, targets);
  const collected = new Map<Tensor, Tensor>();
  const accumulate = (t: Tensor, g: Tensor): void => {
    const known = collected.get(t);
    collected.set(t, known ? sum(known, g) : g);
  };
  if (needed.has(loss)) accumulate(loss, scalar(loss, 1));

  // The tape is in topological order; only nodes of the forward pass are walked.
  const forward: Node[] = [...loss.graph.nodes];
  for (const node of forward.reverse()) {
    const rule = node.operator.gradient;
    const outputGradients = node.outputs.map((t) => collected.get(t) ?? null);
    const needs = node.inputs.map((t) => needed.has(t));
    if (!rule || !needs.includes(true) || outputGradients.every((g) => g === null)) continue;
    const { inputs, outputs, attributes } = node;
    const result = rule({ node, inputs, outputs, attributes, outputGradients, needs });
    ensure(result.length === inputs.length, "graph", () => ({
      where: `gradient of ${node.operator.name}`,
      expected: `${inputs.length} gradients, one per input`,
      got: `${result.length}`,
    }));
    result.forEach((g, i) => {
      if (!g || !needs[i]) return;
      const x = inputs[i]!;
      ensure(g.dtype === x.dtype && g.shape.join() === x.shape.join(), "graph", () => ({
        where: `gradient of ${node.operator.name}, input ${i}`,
        expected: `${x.dtype} [${x.shape}]`,
        got: `${g.dtype} [${g.shape}]`,
      }));
      accumulate(x, g);
    });
  }
  return targets.map((t) => collected.get(t) ?? expand(scalar(t, 0), t.shape));
}
