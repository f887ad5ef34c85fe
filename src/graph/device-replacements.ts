/** Replaces nodes whose kernels give other numbers on a device than on the CPU (`Operator.deviceReplacement`). */

import type { Device } from "./device-names.ts";
import { type Graph, type Node, type Part, recorded, type Tensor } from "./tensor.ts";

/** Nodes that replace (some outputs of) one, and their results; null: the kernel's output is right. */
interface Replacement extends Omit<Part, "outputs"> {
  readonly outputs: readonly (Tensor | null)[];
}

export type Replacements = ReadonlyMap<Node, Replacement>;

/** Nodes of the tape with those of their bodies and branches. */
function everyNode(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node) => [
    node,
    ...[...(node.body ? [node.body] : []), ...(node.branches ?? [])].flatMap((part) => everyNode(part.nodes)),
  ]);
}

/** Every tensor that one of the nodes, or whoever runs the graph, reads. */
function readTensors(graph: Graph, nodes: readonly Node[]): Set<Tensor> {
  const parts = nodes.flatMap(({ body, branches = [] }) => (body ? [body, ...branches] : branches));
  return new Set([
    ...graph.outputs.values(),
    ...nodes.flatMap(({ inputs }) => inputs),
    ...parts.flatMap(({ outputs }) => outputs),
  ]);
}

/**
 * Calls `use` with the replacements of the graph's nodes on a device. The graph is left unchanged: names and constants that
 * the replacements add exist within `use` only.
 */
export function withReplacements<T>(
  graph: Graph,
  live: readonly Node[],
  device: Device,
  use: (replacements: Replacements) => T,
): T {
  const replacements = new Map<Node, Replacement>();
  if (device === "cpu") return use(replacements);
  const nodes = everyNode(live);
  const read = readTensors(graph, nodes);
  const { counter, constants } = graph;
  const [known, shared] = [constants.length, new Set(graph.shared.keys())];
  try {
    for (const node of nodes) {
      let outputs: readonly (Tensor | null)[] | null = null;
      const part = recorded(graph, () => {
        outputs = node.operator.deviceReplacement?.(node, { device, read }) ?? null;
        return [];
      });
      if (outputs) replacements.set(node, { nodes: part.nodes, outputs });
    }
    return use(replacements);
  } finally {
    graph.counter = counter;
    constants.length = known;
    for (const key of [...graph.shared.keys()]) if (!shared.has(key)) graph.shared.delete(key);
  }
}
