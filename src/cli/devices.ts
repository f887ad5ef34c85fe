/** Which devices run graphs here, and how fast: tried, not looked up. */
import { createGraph, createSession, type Device, float32, input, matMul, output } from "../graph/index.ts";
import { random } from "../util/index.ts";

export interface DeviceReport {
  device: Device;
  available: boolean;
  /** Why it is not available. */
  reason?: string;
  /** Rate of float32 matrix products of SIZE × SIZE; null where it was not measured. */
  gflops: number | null;
}

/** Large enough to keep every core busy, small enough for caches: about the products of a pocket model's batch. */
const SIZE = 512;
/** Products chained in one run, so that copying values in and out does not count. */
const CHAIN = 8;

/** The first line of a device's complaint without the place in ONNX Runtime's sources that it begins with. */
function complaint(error: unknown): string {
  const [line = ""] = String((error as Error).message ?? error).split("\n");
  return line
    .replace(/^.*?expected ONNX Runtime to accept the model, got /, "")
    .replace(/^\/\S+:\d+ .* was false\. /, "");
}

/**
 * Runs a chain of matrix products on `device`; with `seconds` above 0, again and again for so long to measure the rate.
 *
 * @example
 * (await tryDevice("cpu")).available; // true
 */
export async function tryDevice(device: Device, seconds = 0, threads = 0): Promise<DeviceReport> {
  try {
    const graph = createGraph("products");
    const x = input(graph, "x", "float32", [SIZE, SIZE]);
    const w = input(graph, "w", "float32", [SIZE, SIZE]);
    let y = x;
    for (let i = 0; i < CHAIN; i++) y = matMul(y, w);
    output("y", y);
    const session = await createSession(graph, { device, threads });
    try {
      const stream = random(0, "products");
      const square = float32(
        Float32Array.from({ length: SIZE * SIZE }, () => stream.normal() / 32),
        [SIZE, SIZE],
      );
      await session.run({ x: square, w: square });
      let runs = 0;
      const started = performance.now();
      const elapsed = (): number => (performance.now() - started) / 1000;
      for (; elapsed() < seconds; runs++) await session.run({ x: square, w: square });
      const gflops = runs > 0 ? (2 * SIZE ** 3 * CHAIN * runs) / elapsed() / 1e9 : null;
      return { device, available: true, gflops };
    } finally {
      await session.release();
    }
  } catch (error) {
    return { device, available: false, reason: complaint(error), gflops: null };
  }
}
