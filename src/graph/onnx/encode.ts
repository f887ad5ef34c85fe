/** Graph → bytes of an ONNX `ModelProto` (field numbers: onnx/onnx.proto of ONNX 1.19). */

import type { Device } from "../device-names.ts";
import { type Replacements, withReplacements } from "../device-replacements.ts";
import type { AttributeValue, Constant, ExternalTensor, Graph, Node, OnnxNode, Tensor } from "../tensor.ts";
import { type ProtobufWriter, protobufWriter } from "./protobuf.ts";
import { onnxTypes } from "./types.ts";

const IR_VERSION = 10;
const OPSET = 21;
const MICROSOFT_OPSET = 1;

const ATTRIBUTE = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const;

function writeAttribute(w: ProtobufWriter, name: string, value: AttributeValue): void {
  w.string(1, name);
  if (typeof value === "number") {
    w.varint(3, value);
    w.varint(20, ATTRIBUTE.int);
  } else if (typeof value === "string") {
    w.string(4, value);
    w.varint(20, ATTRIBUTE.string);
  } else if ("float" in value) {
    w.float(2, value.float);
    w.varint(20, ATTRIBUTE.float);
  } else {
    for (const v of value) w.varint(8, v);
    w.varint(20, ATTRIBUTE.ints);
  }
}

/**
 * What a node becomes in ONNX: by default one node of the operator's name; where it has a body, or is replaced on the
 * device, that.
 */
function onnxNodes(node: Node, replacements: Replacements = new Map()): OnnxNode[] {
  const encoded = (nodes: readonly Node[]): OnnxNode[] =>
    nodes.flatMap((inner) => onnxNodes(inner, replacements));
  if (node.branches) {
    const [yes, no] = node.branches.map(({ nodes, outputs }) => ({ nodes: encoded(nodes), outputs }));
    return [
      {
        type: node.operator.name,
        // Branches read other outer tensors directly.
        inputs: node.inputs.slice(0, 1),
        outputs: node.outputs,
        attributes: {},
        branches: { then_branch: yes!, else_branch: no! },
      },
    ];
  }
  const copy = (from: Tensor, i: number): OnnxNode => ({
    type: "Identity",
    inputs: [from],
    outputs: [node.outputs[i]!],
    attributes: {},
  });
  if (node.body) return [...encoded(node.body.nodes), ...node.body.outputs.map(copy)];
  const instead = replacements.get(node);
  if (instead) {
    const kept = node.outputs.filter((_, i) => instead.outputs[i] === null);
    return [
      ...(kept.length > 0 ? [kernelNode({ ...node, outputs: kept })] : []),
      ...encoded(instead.nodes),
      ...instead.outputs.flatMap((from, i) => (from ? [copy(from, i)] : [])),
    ];
  }
  return [kernelNode(node)];
}

/** The one node that calls a kernel. */
function kernelNode(node: Node): OnnxNode {
  if (node.operator.onnx) return node.operator.onnx(node);
  const { operator, inputs, outputs, attributes } = node;
  return { type: operator.name, inputs, outputs, attributes };
}

/** The name of a tensor in the model. */
type NameOf = (t: Tensor) => string;

function writeNode(w: ProtobufWriter, node: OnnxNode, index: number | string, nameOf: NameOf): void {
  const { type, domain, inputs, outputs, attributes, branches = {} } = node;
  for (const t of inputs) w.string(1, t ? nameOf(t) : "");
  for (const t of outputs) w.string(2, nameOf(t));
  w.string(3, `${type}_${index}`);
  w.string(4, type);
  for (const [name, value] of Object.entries(attributes)) w.message(5, (a) => writeAttribute(a, name, value));
  for (const [name, branch] of Object.entries(branches)) {
    w.message(5, (a) => {
      a.string(1, name);
      a.message(6, (g) => {
        for (const [i, inner] of branch.nodes.entries())
          g.message(1, (n) => writeNode(n, inner, `${index}_${name}_${i}`, nameOf));
        g.string(2, `${name}_${index}`);
        for (const t of branch.outputs) g.message(12, (v) => writeValue(v, t.name, t));
      });
      a.varint(20, ATTRIBUTE.graph);
    });
  }
  if (domain) w.string(7, domain);
}

function writeConstant(w: ProtobufWriter, { tensor, data }: Constant): void {
  for (const dim of tensor.shape) w.varint(1, dim as number);
  w.varint(2, onnxTypes[tensor.dtype]);
  w.string(8, tensor.name);
  w.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeExternal(
  w: ProtobufWriter,
  { tensor, path, offset, length }: ExternalTensor,
  location: (path: string) => string,
): void {
  for (const dim of tensor.shape) w.varint(1, dim as number);
  w.varint(2, onnxTypes[tensor.dtype]);
  w.string(8, tensor.name);
  for (const [key, value] of [
    ["location", location(path)],
    ["offset", `${offset}`],
    ["length", `${length}`],
  ] as const) {
    w.message(13, (entry) => {
      entry.string(1, key);
      entry.string(2, value);
    });
  }
  w.varint(14, 1); // data_location = EXTERNAL
}

function writeValue(w: ProtobufWriter, name: string, tensor: Tensor): void {
  w.string(1, name);
  w.message(2, (type) =>
    type.message(1, (tensorType) => {
      tensorType.varint(1, onnxTypes[tensor.dtype]);
      tensorType.message(2, (shape) => {
        for (const dim of tensor.shape) {
          shape.message(1, (d) => (typeof dim === "number" ? d.varint(1, dim) : d.string(2, dim)));
        }
      });
    }),
  );
}

/** Every tensor that nodes read, those of their branches included. */
function readBy(nodes: readonly OnnxNode[], into = new Set<Tensor>()): Set<Tensor> {
  for (const { inputs, branches = {} } of nodes) {
    for (const t of inputs) if (t) into.add(t);
    for (const branch of Object.values(branches)) readBy(branch.nodes, into);
  }
  return into;
}

/** Names of outputs that nodes of a direct graph write themselves: each tensor under its first one. */
function directNames({ direct, outputs }: Graph): Map<Tensor, string> {
  const names = new Map<Tensor, string>();
  if (direct) for (const [name, t] of outputs) if (t.node && !names.has(t)) names.set(t, name);
  return names;
}

/** Nodes that the outputs depend on, in tape order. */
function liveNodes(graph: Graph): Node[] {
  const live = new Set<Node>();
  const stack = [...graph.outputs.values()];
  for (let t = stack.pop(); t; t = stack.pop()) {
    if (!t.node || live.has(t.node)) continue;
    live.add(t.node);
    stack.push(...t.node.inputs);
  }
  return graph.nodes.filter((node) => live.has(node));
}

/**
 * Encodes what the outputs depend on, for a device. The same graph always gives the same bytes. `location` is how the
 * model names the files of external tensors.
 */
export function encodeModel(
  graph: Graph,
  location: (path: string) => string = (path) => path,
  device: Device = "cpu",
): Uint8Array {
  const live = liveNodes(graph);
  return withReplacements(graph, live, device, (replacements) =>
    writeModel(
      graph,
      live.flatMap((node) => onnxNodes(node, replacements)),
      location,
    ),
  );
}

function writeModel(
  graph: Graph,
  nodes: readonly OnnxNode[],
  location: (path: string) => string,
): Uint8Array {
  const used = readBy(nodes);
  for (const t of graph.outputs.values()) used.add(t);
  const direct = directNames(graph);
  const nameOf: NameOf = (t) => direct.get(t) ?? t.name;
  const model = protobufWriter();
  model.varint(1, IR_VERSION);
  model.string(2, "lintel");
  model.message(7, (g) => {
    for (const [i, node] of nodes.entries()) g.message(1, (w) => writeNode(w, node, i, nameOf));
    // Outputs carry their public names: an Identity each keeps internal names free.
    for (const [name, tensor] of graph.outputs) {
      if (direct.get(tensor) === name) continue;
      g.message(1, (w) => {
        w.string(1, nameOf(tensor));
        w.string(2, name);
        w.string(3, `output_${name}`);
        w.string(4, "Identity");
      });
    }
    g.string(2, graph.name);
    for (const c of graph.constants) if (used.has(c.tensor)) g.message(5, (w) => writeConstant(w, c));
    for (const e of graph.externals)
      if (used.has(e.tensor)) g.message(5, (w) => writeExternal(w, e, location));
    for (const t of graph.inputs) g.message(11, (w) => writeValue(w, t.name, t));
    for (const [name, t] of graph.outputs) g.message(12, (w) => writeValue(w, name, t));
  });
  for (const [domain, version] of [
    ["", OPSET],
    ["com.microsoft", MICROSOFT_OPSET],
  ] as const) {
    model.message(8, (w) => {
      w.string(1, domain);
      w.varint(2, version);
    });
  }
  return model.finish();
}
