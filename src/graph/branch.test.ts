import { describe, expect, it } from "vitest";
import { LintelError } from "../util/index.ts";
import {
  add,
  bool,
  choose,
  concat,
  createGraph,
  createSession,
  float32,
  type Graph,
  groupQueryAttention,
  input,
  int32,
  mul,
  neg,
  output,
  reshape,
  type Tensor,
  validate,
} from "./index.ts";
import { encodeModel } from "./onnx/encode.ts";

const flag = (on: boolean) => bool(Uint8Array.of(Number(on)), []);

/** y = x + x where `twice` holds, else −x; and what both have in common. */
function sample(): { g: Graph; x: Tensor; twice: Tensor } {
  const g = createGraph("either", { direct: true });
  const x = input(g, "x", "float32", ["B", 2]);
  return { g, x, twice: input(g, "twice", "bool", []) };
}

async function both(g: Graph, x: readonly number[]): Promise<number[][]> {
  const session = await createSession(g, { threads: 1 });
  const values = float32(Float32Array.from(x), [x.length / 2, 2]);
  const out: number[][] = [];
  for (const on of [true, false]) {
    const { y } = await session.run({ x: values, twice: flag(on) });
    out.push([...(y!.data as Float32Array)]);
  }
  await session.release();
  return out;
}

describe("choose", () => {
  it("runs the branch that the condition says, which sees what is outside", async () => {
    const { g, x, twice } = sample();
    const square = mul(x, x);
    const [y] = choose(
      twice,
      () => [add(x, square)],
      () => [neg(square)],
    );
    output("y", add(y!, x));
    expect(await both(g, [1, 2, 3, -4])).toEqual([
      [3, 8, 15, 8],
      [0, -2, -6, -20],
    ]);
  });

  it("gives results whose sizes differ, under a size that nobody else has", async () => {
    const { g, x, twice } = sample();
    const [y] = choose(
      twice,
      () => [concat([x, x], 0)],
      () => [neg(x)],
    );
    expect(y!.shape).toEqual([expect.stringMatching(/^either\d+$/), 2]);
    output("y", y!);
    expect(await both(g, [1, 2])).toEqual([
      [1, 2, 1, 2],
      [-1, -2],
    ]);
  });

  it("hands on what a branch did not make, and makes shapes outside", async () => {
    const { g, twice } = sample();
    const z = input(g, "z", "float32", ["B", "C"]);
    const [y] = choose(
      twice,
      () => [z],
      () => [reshape(reshape(mul(z, z), ["C", "B"]), ["B", "C"])],
    );
    output("y", y!);
    const node = g.nodes.find(({ operator }) => operator.name === "If")!;
    expect(node.branches!.map(({ nodes }) => nodes.map((inner) => inner.operator.name))).toEqual([
      ["Identity"],
      ["Mul", "Reshape", "Reshape"],
    ]);
    expect(g.nodes.filter(({ operator }) => operator.name === "Concat")).toHaveLength(2);
    const session = await createSession(g, { threads: 1 });
    const { y: found } = await session.run({
      x: float32(new Float32Array(2), [1, 2]),
      z: float32(Float32Array.of(3, 4), [1, 2]),
      twice: flag(false),
    });
    expect([...(found!.data as Float32Array)]).toEqual([9, 16]);
    await session.release();
  });

  it("encodes the same graph to the same bytes, branches included", () => {
    const bytes = (second: (t: Tensor) => Tensor) => {
      const { g, x, twice } = sample();
      const [y] = choose(
        twice,
        () => [neg(x)],
        () => [second(x)],
      );
      output("y", y!);
      return Buffer.from(encodeModel(g)).toString("hex");
    };
    expect(bytes((t) => add(t, t))).toBe(bytes((t) => add(t, t)));
    expect(bytes((t) => add(t, t))).not.toBe(bytes((t) => mul(t, t)));
  });

  it.each([
    [
      "inputs of the graph within",
      (x: Tensor) => [input(x.graph, "late", "float32", [2])],
      "declared outside",
    ],
    ["results of another rank", (x: Tensor) => [reshape(x, ["2*B"])], "same types and ranks"],
    ["more results", (x: Tensor) => [neg(x), neg(x)], "same types and ranks"],
  ])("refuses %s", (_, build, message) => {
    const { x, twice } = sample();
    expect(() =>
      choose(
        twice,
        () => [neg(x)],
        () => build(x),
      ),
    ).toThrow(LintelError);
    expect(() =>
      choose(
        sample().twice,
        () => [neg(x)],
        () => build(x),
      ),
    ).toThrow();
    expect(() => {
      const again = sample();
      choose(
        again.twice,
        () => [neg(again.x)],
        () => build(again.x),
      );
    }).toThrow(message);
  });

  it("is validated inside: order, types, and what a branch gives", () => {
    const { g, x, twice } = sample();
    const [y] = choose(
      twice,
      () => [neg(mul(x, x))],
      () => [neg(x)],
    );
    output("y", y!);
    validate(g);
    const at = g.nodes.findIndex(({ branches }) => branches);
    const node = g.nodes[at]!;
    const [yes, no] = node.branches!;
    const changed = (branch: typeof yes): Graph => ({
      ...g,
      nodes: g.nodes.with(at, { ...node, branches: [branch, no] }),
    });
    expect(() => validate(changed({ ...yes, nodes: [...yes.nodes].reverse() }))).toThrow(
      /node 0 \(If\), branch 0, node 0 \(Neg\), input 0: .*defined before/,
    );
    expect(() => validate(changed({ ...yes, outputs: no.outputs }))).toThrow(
      /branch 0, result 0: expected a tensor that the branch makes/,
    );
  });
});

describe("a direct graph", () => {
  it("updates a cache of the caller's in place, also from within a branch", async () => {
    const g = createGraph("cache", { direct: true });
    const row = (name: string) => input(g, name, "float32", [1, 1, 8]);
    const past = (name: string) => input(g, name, "float32", [1, 1, "C", 8]);
    const [q, k, v, pastK, pastV] = [row("q"), row("k"), row("v"), past("pastK"), past("pastV")];
    const counts = { lengths: input(g, "lengths", "int32", [1]), total: input(g, "total", "int32", []) };
    const bias = input(g, "bias", "float32", [1, 1, 1, "L"]);
    const [context, keys, values] = choose(
      input(g, "run", "bool", []),
      () => {
        const made = groupQueryAttention({ q, k, v, pastK, pastV, bias, ...counts }, 1, 1);
        return [made.context, made.k, made.v];
      },
      () => [q, pastK, pastV],
    );
    output("context", context!);
    output("keys", keys!);
    output("values", values!);
    const session = await createSession(g, { threads: 1 });
    const cache = () => float32(new Float32Array(4 * 8), [1, 1, 4, 8]);
    const [cacheK, cacheV] = [cache(), cache()];
    const value = (x: number) => float32(new Float32Array(8).fill(x), [1, 1, 8]);
    for (const [i, x] of [1, 2, 3].entries()) {
      const { context: found } = await session.run(
        {
          ...{ q: value(0), k: value(x), v: value(10 * x), pastK: cacheK, pastV: cacheV, run: flag(true) },
          lengths: int32([i], [1]),
          total: int32([i + 1], []),
          bias: float32(new Float32Array(i + 1), [1, 1, 1, i + 1]),
        },
        { keys: cacheK, values: cacheV },
      );
      // Queries of zeros see all tokens alike.
      expect((found!.data as Float32Array)[0]).toBeCloseTo((10 * (x + 1)) / 2, 5);
    }
    const written = (value: typeof cacheK) => [0, 1, 2, 3].map((t) => (value.data as Float32Array)[8 * t]);
    expect(written(cacheK)).toEqual([1, 2, 3, 0]);
    expect(written(cacheV)).toEqual([10, 20, 30, 0]);
    await session.release();
  });

  it("names a result twice where it is asked for twice, and copies inputs", async () => {
    const { g, x, twice } = sample();
    const y = add(x, x);
    for (const name of ["y", "z"]) output(name, y);
    output("same", x);
    const session = await createSession(g, { threads: 1 });
    const out = await session.run({ x: float32(Float32Array.of(1, 2), [1, 2]), twice: flag(true) });
    expect(twice.graph).toBe(g);
    expect(["y", "z", "same"].map((name) => [...(out[name]!.data as Float32Array)])).toEqual([
      [2, 4],
      [2, 4],
      [1, 2],
    ]);
    await session.release();
  });
});
