import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LintelError } from "../util/index.ts";
import {
  createGraph,
  type Dim,
  type DType,
  type Graph,
  input,
  type Node,
  type Tensor,
  validate,
} from "./index.ts";
import { build, steps } from "./random-graphs.fixture.ts";

const messageOf = (g: Graph): string => {
  try {
    validate(g);
  } catch (error) {
    expect(error).toBeInstanceOf(LintelError);
    expect((error as LintelError).code).toBe("graph");
    return (error as Error).message;
  }
  return "valid";
};

/** A place in a graph: a node, and a number to choose among what it has. */
interface Place {
  g: Graph;
  at: number;
  node: Node;
  /** "node 3 (Add)" */
  where: string;
  pick: number;
}

/** The graph with its node at the place replaced: in place, so that its tensors stay tensors of this graph. */
function withNode({ g, at, node }: Place, change: Partial<Node>): Graph {
  g.nodes[at] = { ...node, ...change };
  return g;
}
const withOutput = (place: Place, change: (t: Tensor) => Partial<Tensor>): Graph =>
  withNode(place, { outputs: place.node.outputs.map((t, i) => (i === 0 ? { ...t, ...change(t) } : t)) });
const withInput = (place: Place, k: number, change: (t: Tensor) => Tensor): Graph =>
  withNode(place, { inputs: place.node.inputs.map((t, i) => (i === k ? change(t) : t)) });

const inputOf = ({ node, pick }: Place): number => pick % node.inputs.length;
const other: Partial<Record<DType, DType>> = { float32: "float64", int64: "int32" };
const wrong = (dim: Dim): Dim => (typeof dim === "number" ? dim + 1 : `${dim}*7`);

/** Ways to spoil a graph at a place, each with what the message must name; null where the place does not allow it. */
const spoilers: Record<string, (place: Place) => { g: Graph; names: string[] } | null> = {
  "a wrong dtype": (place) => ({
    g: withOutput(place, ({ dtype }) => ({ dtype: other[dtype] ?? "uint8" })),
    names: [`${place.where}, output 0 "${place.node.outputs[0]!.name}", dtype`],
  }),
  "a wrong rank": (place) => ({
    g: withOutput(place, ({ shape }) => ({ shape: [...shape, 1] })),
    names: [`${place.where}, output 0 "${place.node.outputs[0]!.name}", rank`],
  }),
  "a wrong dimension": (place) => {
    const { shape, name } = place.node.outputs[0]!;
    if (shape.length === 0) return null;
    const d = place.pick % shape.length;
    return {
      g: withOutput(place, () => ({ shape: shape.map((dim, i) => (i === d ? wrong(dim) : dim)) })),
      names: [`${place.where}, output 0 "${name}", dimension ${d}`, `[${shape}]`],
    };
  },
  "an input that nothing defines": (place) => ({
    g: withInput(place, inputOf(place), (t) => ({ ...t, name: "nowhere" })),
    names: [`${place.where}, input ${inputOf(place)}`, '"nowhere", which is not'],
  }),
  "an input that is defined later": (place) => {
    const { g, at, node } = place;
    const k = node.inputs.findIndex((t) => t.node === g.nodes[at - 1]);
    if (k < 0) return null;
    [g.nodes[at - 1], g.nodes[at]] = [node, g.nodes[at - 1]!];
    const where = `node ${at - 1} (${node.operator.name}), input ${k}`;
    return { g, names: [where, "defined before the node", `"${node.inputs[k]!.name}"`] };
  },
  "a name that is there already": (place) => ({
    g: withOutput(place, () => ({ name: "x" })),
    names: [`"x" again as output of ${place.where}`],
  }),
  "a tensor of another graph": (place) => {
    const k = inputOf(place);
    const stranger = (t: Tensor): Tensor => input(createGraph("stranger"), "far", t.dtype, t.shape);
    return {
      g: withInput(place, k, stranger),
      names: [`${place.where}, input ${k}`, '"far" of graph stranger'],
    };
  },
  "an output too few": (place) => ({
    g: withNode(place, { outputs: [] }),
    names: [place.where, `expected ${place.node.outputs.length} outputs, got 0`],
  }),
  "a node too few": ({ g, at, node }) => {
    const reader = g.nodes.findIndex((each) => each.inputs.some((t) => t.node === node));
    const [key] = [...g.outputs].find(([, t]) => t.node === node) ?? [];
    g.nodes.splice(at, 1);
    if (reader > at) {
      const { name } = g.nodes[reader - 1]!.operator;
      return { g, names: [`node ${reader - 1} (${name}), input`, "which is not"] };
    }
    return key === undefined ? null : { g, names: [`output "${key}"`, "which no node makes"] };
  },
  "no outputs": ({ g }) => {
    g.outputs.clear();
    return { g, names: ["at least one output"] };
  },
  "an output that no node makes": ({ g, pick }) => {
    const [key, t] = [...g.outputs][pick % g.outputs.size]!;
    g.outputs.set(key, { ...t });
    return { g, names: [`output "${key}"`, "which no node makes"] };
  },
};

describe("validate, on random graphs", () => {
  it("accepts them as they are", () => {
    fc.assert(
      fc.property(steps, (program) => {
        expect(messageOf(build(program, { M: 2, N: 3 }))).toBe("valid");
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  it.each(Object.keys(spoilers))("refuses %s, and says where", (kind) => {
    let spoiled = 0;
    fc.assert(
      fc.property(steps, fc.nat(1000), fc.nat(1000), (program, chosen, pick) => {
        const g = build(program, { M: 2, N: 3 });
        const at = chosen % g.nodes.length;
        const node = g.nodes[at]!;
        const place = { g, at, node, where: `node ${at} (${node.operator.name})`, pick };
        const result = spoilers[kind]!(place);
        if (!result) return;
        spoiled++;
        const message = messageOf(result.g);
        expect(message).toContain("graph random");
        for (const name of result.names) expect(message).toContain(name);
      }),
      { numRuns: 200, seed: 4 },
    );
    expect(spoiled).toBeGreaterThan(50);
  });
});
