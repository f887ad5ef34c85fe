import { describe, expect, it } from "vitest";
import { LintelError } from "../util/index.ts";
import { add, concat, createGraph, createSession, input, mul, output, transpose, validate } from "./index.ts";
import type { Graph, Node, Tensor } from "./tensor.ts";

/** y = (x + x)ᵀ with a second input of a named size. */
function sample(): { g: Graph; x: Tensor; y: Tensor } {
  const g = createGraph("sample");
  const x = input(g, "x", "float32", ["B", 4]);
  const y = transpose(add(x, x), [1, 0]);
  output("y", y);
  return { g, x, y };
}

/** The graph with node `i` replaced. */
const withNode = (g: Graph, i: number, change: Partial<Node>): Graph => ({
  ...g,
  nodes: g.nodes.map((node, j) => (j === i ? { ...node, ...change } : node)),
});

function messageOf(g: Graph): string {
  try {
    validate(g);
  } catch (error) {
    expect(error).toBeInstanceOf(LintelError);
    expect((error as LintelError).code).toBe("graph");
    return (error as Error).message;
  }
  return "valid";
}

describe("validate", () => {
  it("accepts what operators build", () => {
    expect(messageOf(sample().g)).toBe("valid");
  });

  it("names the node whose input is defined after it", () => {
    const { g } = sample();
    expect(messageOf({ ...g, nodes: [...g.nodes].reverse() })).toMatch(
      /graph sample, node 0 \(Transpose\), input 0: .*defined before/,
    );
  });

  it("names the node with an input of another graph", () => {
    const { g } = sample();
    const stranger = sample().x;
    expect(messageOf(withNode(g, 0, { inputs: [stranger, stranger] }))).toMatch(
      /node 0 \(Add\), input 0: .*"x" of graph sample/,
    );
  });

  it("names the dimension in which a reported shape is wrong", () => {
    const { g, y } = sample();
    const wrong: Tensor = { ...y, shape: [4, "C"] };
    expect(messageOf(withNode(g, 1, { outputs: [wrong] }))).toMatch(
      /node 1 \(Transpose\), output 0 "t\d+", dimension 1: expected float32 \[4,B\], got float32 \[4,C\]/,
    );
    expect(messageOf(withNode(g, 1, { outputs: [{ ...y, dtype: "float64" }] }))).toMatch(/, dtype: expected/);
    expect(messageOf(withNode(g, 1, { outputs: [{ ...y, shape: [4] }] }))).toMatch(/, rank: expected/);
    expect(messageOf(withNode(g, 1, { outputs: [] }))).toMatch(/expected 1 outputs, got 0/);
  });

  it("names the node whose inputs its operator refuses", () => {
    const { g, x } = sample();
    const z = input(g, "z", "float32", ["C", 3]);
    const joined = concat([x, x], 0);
    const at = g.nodes.length - 1;
    expect(joined.shape).toEqual(["2*B", 4]);
    expect(messageOf(withNode(g, at, { inputs: [x, z] }))).toMatch(/node 2 \(Concat\): .*\[C,3\]/);
  });

  it.each([
    ["an input", "x"],
    ["an internal tensor", "t0"],
  ])("refuses an output named like %s", (_, name) => {
    const { g, y } = sample();
    output(name, y);
    expect(messageOf(g)).toMatch(new RegExp(`"${name}" again as output`));
  });

  it("refuses a graph without outputs, and an output that no node makes", () => {
    const { g, y } = sample();
    expect(messageOf({ ...g, outputs: new Map() })).toMatch(/at least one output/);
    expect(messageOf({ ...g, outputs: new Map([["y", { ...y }]]) })).toMatch(/output "y": .*which no node/);
  });

  it("is run before a session is made", async () => {
    const { g } = sample();
    await expect(createSession({ ...g, nodes: [] })).rejects.toThrow(/which no node makes/);
    const h = createGraph("named");
    const t = input(h, "t0", "float32", [1]);
    output("y", mul(t, t));
    await expect(createSession(h)).rejects.toThrow(/"t0" again/);
  });
});
