/** Which devices run graphs here, and how fast: tried, not looked up. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  complaintOf,
  createGraph,
  createSession,
  type Device,
  deviceNamed,
  float32,
  input,
  matMul,
  output,
  unavailableDevice,
} from "../graph/index.ts";
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

/** A driver that hangs counts as not available. */
const PATIENCE_MS = 30_000;

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
    const session = await createSession(graph, { device, threads, only: true });
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
    return { device, available: false, reason: complaintOf(error), gflops: null };
  }
}

/**
 * `tryDevice` in a process of its own, because drivers write to standard error past us and may take the process down.
 *
 * @example
 * (await probeDevice("cpu", { seconds: 0 })).available; // true
 */
export async function probeDevice(
  device: Device,
  { seconds, signal }: { seconds: number; signal?: AbortSignal },
): Promise<DeviceReport> {
  const program = fileURLToPath(new URL("../../bin/lintel.js", import.meta.url));
  const args = [program, "probe", "--device", device, "--seconds", String(seconds)];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: PATIENCE_MS, signal });
    return JSON.parse(stdout) as DeviceReport;
  } catch (error) {
    signal?.throwIfAborted();
    const { signal: killed, message } = error as Error & { signal?: string };
    const reason = killed ? `trying it ended the process with ${killed}` : message.split("\n")[0]!;
    return { device, available: false, reason, gflops: null };
  }
}

/**
 * The device of a name, for a command to work on: it goes on only where that device runs graphs. The CPU needs no trial.
 *
 * Errors: "usage" for an unknown name, "runtime" with ONNX Runtime's reason in one line for a device that does not work.
 *
 * @example
 * await usableDevice("cpu"); // "cpu"
 */
export async function usableDevice(name: string, signal?: AbortSignal): Promise<Device> {
  const device = deviceNamed(name);
  if (device === "cpu") return device;
  const { available, reason } = await probeDevice(device, { seconds: 0, ...(signal && { signal }) });
  if (!available) throw unavailableDevice(device, reason ?? "no reason");
  return device;
}
