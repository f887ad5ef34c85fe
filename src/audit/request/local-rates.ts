/** What the device of this process computes and reads per second. */
import {
  createGraph,
  createSession,
  float32,
  input,
  matMul,
  output,
  type SessionOptions,
} from "../../graph/index.ts";
import { fastest } from "./fastest.ts";

const SIDE = 1024;
/** Rows of a matrix that caches of processors do not hold. */
const LONG = 8192;
const SECONDS = 0.3;

async function secondsOfProduct(
  rows: number,
  inner: number,
  columns: number,
  options: SessionOptions,
): Promise<number> {
  const g = createGraph("rates");
  const a = input(g, "a", "float32", [rows, inner]);
  const b = input(g, "b", "float32", [inner, columns]);
  output("c", matMul(a, b));
  const session = await createSession(g, options);
  const ones = (n: number, m: number) => float32(new Float32Array(n * m).fill(1), [n, m]);
  const feeds = { a: ones(rows, inner), b: ones(inner, columns) };
  try {
    return await fastest(() => session.run(feeds), SECONDS);
  } finally {
    await session.release();
  }
}

/**
 * Floating-point operations per second of a matrix product, and bytes per second that a product with a vector reads, by ONNX
 * Runtime as the audit will use it; of several timings the best. Takes about a second.
 */
export async function localRates(options: SessionOptions): Promise<{ flops: number; bytes: number }> {
  return {
    flops: (2 * SIDE ** 3) / (await secondsOfProduct(SIDE, SIDE, SIDE, options)),
    bytes: (4 * LONG * SIDE) / (await secondsOfProduct(1, LONG, SIDE, options)),
  };
}
