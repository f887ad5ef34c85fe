import { expect, it } from "vitest";
import { createGraph, createSession, float32, input, int64, output } from "../../graph/index.ts";
import { random } from "../../util/index.ts";
import { pocketConfig } from "../config/pocket-config.ts";
import { trainingAttention } from "./training-attention.ts";

const { text: config } = pocketConfig({ vocabSize: 24, hiddenSize: 32, layers: 2, heads: 4, kvHeads: 2 });
const { headDim: d, heads, kvHeads } = config;
/** Long enough for three blocks of queries, the last of them cut short. */
const [B, T] = [2, 300];
const half = d / 2;
const everyRow = Array.from({ length: B * T }, (_, i) => i);

const r = random(0, "attention");
const normal = (n: number) => Float32Array.from({ length: n }, () => r.normal());
/** Rows token by token: row = t·B + b. */
const q = normal(B * T * heads * d);
const k = normal(B * T * kvHeads * d);
const v = normal(B * T * kvHeads * d);
const angles = Float32Array.from({ length: B * T * half }, (_, i) => 0.01 * i);
const [cos, sin] = [angles.map(Math.cos), angles.map(Math.sin)];
const mask = new Float32Array(T * T).fill(-1e9);
for (let i = 0; i < T; i++) mask.fill(0, i * T, i * T + i + 1);

/** A head of a row, rotated by the row's angles. */
function rotated(x: Float32Array, count: number, row: number, head: number): number[] {
  const at = (row * count + head) * d;
  return Array.from({ length: d }, (_, i) => {
    const [c, s] = [cos[row * half + (i % half)]!, sin[row * half + (i % half)]!];
    return i < half ? x[at + i]! * c - x[at + i + half]! * s : x[at + i]! * c + x[at + i - half]! * s;
  });
}

/** The same by its definition, in double: what the queries of these rows find. */
function reference(rows: readonly number[]): number[] {
  return rows.flatMap((row) => {
    const before = Array.from({ length: Math.floor(row / B) + 1 }, (_, t) => t * B + (row % B));
    return Array.from({ length: heads }, (_, head) => {
      const shared = Math.floor(head / (heads / kvHeads));
      const query = rotated(q, heads, row, head);
      const scores = before.map((key) => {
        const other = rotated(k, kvHeads, key, shared);
        return Math.exp(query.reduce((sum, x, i) => sum + x * other[i]!, 0) / Math.sqrt(d));
      });
      const total = scores.reduce((a, b) => a + b);
      return Array.from({ length: d }, (_, i) =>
        before.reduce((sum, key, n) => sum + (scores[n]! / total) * v[(key * kvHeads + shared) * d + i]!, 0),
      );
    }).flat();
  });
}

/** Positions asked of either example. */
const positions = [0, 1, 130, 255, 299];
const asked = positions.flatMap((t) => [t * B, t * B + 1]);

async function run(layer: number): Promise<Float32Array> {
  const g = createGraph("attention");
  const rotary = {
    cos: input(g, "cos", "float32", [B * T, half]),
    sin: input(g, "sin", "float32", [B * T, half]),
    rows: input(g, "rows", "int64", [T, B]),
  };
  const core = trainingAttention(
    { batch: B, length: T, config },
    rotary,
    input(g, "mask", "float32", [T, T]),
    {
      count: positions.length,
      rows: input(g, "asked", "int64", [asked.length]),
      maskRows: input(g, "askedMask", "int64", [asked.length]),
    },
  );
  const queries = layer === config.layers - 1 ? asked : everyRow;
  const [D, KV] = [heads * d, kvHeads * d];
  const rows = (name: string, count: number, width: number) => input(g, name, "float32", [count, width]);
  output("y", core(layer, rows("q", queries.length, D), rows("k", B * T, KV), rows("v", B * T, KV)));
  const session = await createSession(g, { threads: 1 });
  const out = await session.run({
    cos: float32(cos, [B * T, half]),
    sin: float32(sin, [B * T, half]),
    rows: int64(everyRow, [T, B]),
    mask: float32(mask, [T, T]),
    asked: int64(asked, [asked.length]),
    askedMask: int64(Array.from({ length: B }, () => positions).flat(), [asked.length]),
    q: float32(Float32Array.from(queries.flatMap((row) => [...q.subarray(row * D, (row + 1) * D)])), [
      queries.length,
      D,
    ]),
    k: float32(k, [B * T, KV]),
    v: float32(v, [B * T, KV]),
  });
  await session.release();
  return out.y!.data as Float32Array;
}

const worst = (got: Float32Array, want: readonly number[]): number =>
  want.reduce((most, x, i) => Math.max(most, Math.abs(x - got[i]!)), 0);

it("is attention by its definition, in blocks of queries", async () => {
  const [got, want] = [await run(0), reference(everyRow)];
  expect(got.length).toBe(want.length);
  expect(worst(got, want)).toBeLessThan(1e-5);
});

it("gives the asked rows alone in the last layer", async () => {
  const [got, want] = [await run(config.layers - 1), reference(asked)];
  expect(got.length).toBe(want.length);
  expect(worst(got, want)).toBeLessThan(1e-5);
});
