import { expect, it } from "vitest";
import { createGraph, createSession, float32, input, int64, output, type Tensor } from "../graph/index.ts";
import { random } from "../util/index.ts";
import { sequenceAttention } from "./attention.ts";
import { pocketConfig } from "./pocket-config.ts";
import { stepAttention } from "./step-attention.ts";

const { text: config } = pocketConfig({ vocabSize: 24, hiddenSize: 32, layers: 2, heads: 4, kvHeads: 2 });
const [B, T] = [2, 300];
const [D, KV, half] = [32, 16, config.headDim / 2];
const r = random(0, "attention");
const normal = (n: number) => Float32Array.from({ length: n }, () => r.normal());
const [q, k, v] = [normal(B * T * D), normal(B * T * KV), normal(B * T * KV)] as const;
const angles = Float32Array.from({ length: B * T * half }, (_, i) => 0.01 * i);
const tables = { cos: angles.map(Math.cos), sin: angles.map(Math.sin) };
const mask = new Float32Array(T * T).fill(-1e9);
for (let i = 0; i < T; i++) mask.fill(0, i * T, i * T + i + 1);
const everyRow = Array.from({ length: B * T }, (_, i) => i);

/** Rows example by example as rows token by token. */
const tokenByToken = (rows: Float32Array, width: number): Float32Array => {
  const out = new Float32Array(rows.length);
  for (const i of everyRow) {
    const [t, b] = [Math.floor(i / B), i % B];
    out.set(rows.subarray((b * T + t) * width, (b * T + t + 1) * width), i * width);
  }
  return out;
};

async function run(
  layer: number,
  build: (
    g: ReturnType<typeof createGraph>,
    rotary: Record<"cos" | "sin" | "rows", Tensor>,
    mask: Tensor,
  ) => (layer: number, q: Tensor, k: Tensor, v: Tensor) => Tensor,
  {
    byToken,
    rowsShape,
    rows,
    maskShape,
    more = {},
  }: {
    byToken: boolean;
    rowsShape: number[];
    rows: number[];
    maskShape: number[];
    more?: Record<string, { data: number[] }>;
  },
): Promise<Float32Array> {
  const g = createGraph("attention");
  const order = byToken ? tokenByToken : (x: Float32Array) => x;
  const rotary = {
    cos: input(g, "cos", "float32", [B * T, half]),
    sin: input(g, "sin", "float32", [B * T, half]),
    rows: input(g, "rows", "int64", rowsShape),
  };
  const core = build(g, rotary, input(g, "mask", "float32", maskShape));
  const asked = more.asked?.data;
  const queries = asked && layer === config.layers - 1 ? asked.length : B * T;
  const parts = [
    input(g, "q", "float32", [queries, D]),
    input(g, "k", "float32", [B * T, KV]),
    input(g, "v", "float32", [B * T, KV]),
  ] as const;
  output("y", core(layer, ...parts));
  const session = await createSession(g, { threads: 1 });
  const everyQuery = order(q, D);
  const chosen = new Float32Array(queries * D);
  for (let i = 0; i < queries; i++) {
    const from = queries === B * T ? i : asked![i]!;
    chosen.set(everyQuery.subarray(from * D, (from + 1) * D), i * D);
  }
  const out = await session.run({
    cos: float32(order(tables.cos, half), [B * T, half]),
    sin: float32(order(tables.sin, half), [B * T, half]),
    rows: int64(rows, rowsShape),
    mask: float32(mask, maskShape),
    q: float32(chosen, [queries, D]),
    k: float32(order(k, KV), [B * T, KV]),
    v: float32(order(v, KV), [B * T, KV]),
    ...Object.fromEntries(Object.entries(more).map(([name, { data }]) => [name, int64(data, [data.length])])),
  });
  await session.release();
  return out.y!.data as Float32Array;
}

const whole = () =>
  run(0, (_g, rotary, m) => sequenceAttention({ batch: B, length: T, config }, rotary, m), {
    byToken: false,
    rowsShape: [B, T],
    rows: everyRow,
    maskShape: [1, 1, 1, T, T],
  });

/** Positions asked of either example. */
const positions = [0, 1, 130, 255, 299];
const asked = positions.flatMap((t) => [t * B, t * B + 1]);
const askedMask = Array.from({ length: B }, () => positions).flat();

const step = (layer: number, length: number) =>
  run(
    layer,
    (g, rotary, m) => {
      const rows = input(g, "asked", "int64", [asked.length]);
      const maskRows = input(g, "askedMask", "int64", [asked.length]);
      return stepAttention({ batch: B, length, config }, rotary, m, {
        count: positions.length,
        rows,
        maskRows,
      });
    },
    {
      byToken: true,
      rowsShape: [T, B],
      rows: everyRow,
      maskShape: [T, T],
      more: { asked: { data: asked }, askedMask: { data: askedMask } },
    },
  );

const worst = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);

it("is what attention over whole sequences is, in blocks of queries too", async () => {
  const want = tokenByToken(await whole(), D);
  const got = await step(0, T);
  expect(got.length).toBe(want.length);
  expect(worst(got, want)).toBeLessThan(1e-5);
});

it("gives the asked rows alone in the last layer, as they are among all", async () => {
  const all = tokenByToken(await whole(), D);
  const got = await step(config.layers - 1, T);
  const want = Float32Array.from(asked.flatMap((row) => [...all.subarray(row * D, (row + 1) * D)]));
  expect(got.length).toBe(want.length);
  expect(worst(got, want)).toBeLessThan(1e-5);
});
