/** Tests by running them which devices compute graphs on this machine, and how fast. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { decodeImage, loadSharp } from "../formats/index.ts";
import {
  complaintOf,
  createGraph,
  createSession,
  type Device,
  deviceNamed,
  float32,
  input,
  loadRuntime,
  matMul,
  output,
  requireDevice,
  unavailableDevice,
} from "../graph/index.ts";
import { LintelError, random } from "../util/index.ts";

export interface DeviceReport {
  device: Device;
  /** It runs graphs and, if compared, gives the CPU's numbers. */
  available: boolean;
  /** The reason why it is not available. */
  reason?: string;
  /** What to install or type. */
  attempt?: string;
  /** Rate of float32 matrix products of SIZE × SIZE; null if not measured. */
  gflops: number | null;
  /** Comparison with the CPU: operator cases, largest relative difference, seconds. */
  compared?: { cases: number; worst: number; seconds: number };
}

interface TrialOptions {
  /** Duration of the measurement of matrix products; 0: none. */
  seconds?: number;
  threads?: number;
  /** Compare the device's numbers with the CPU's. */
  prove?: boolean;
}

/** Keeps every core busy and fits into caches: about the products of a pocket model's batch. */
const SIZE = 512;
/** Products chained in one run, so that copying inputs and outputs hardly counts. */
const CHAIN = 8;

/** A driver that hangs counts as not available. Comparing takes longer where shaders are compiled. */
const PATIENCE_MS = { try: 60_000, prove: 600_000 };

/**
 * Runs a chain of matrix products on `device`, repeatedly for `seconds` to measure the rate. With `prove`, compares the
 * device with the CPU first.
 */
export async function tryDevice(
  device: Device,
  { seconds = 0, threads = 0, prove = false }: TrialOptions = {},
): Promise<DeviceReport> {
  try {
    await requireDevice(device);
    const compared = prove && device !== "cpu" ? await compareDevice(device) : null;
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
      return { device, available: true, gflops, ...(compared && { compared }) };
    } finally {
      await session.release();
    }
  } catch (error) {
    const { parts } = error instanceof LintelError ? error : { parts: null };
    return {
      device,
      available: false,
      reason: complaintOf(error),
      ...(parts?.attempt && { attempt: parts.attempt }),
      gflops: null,
    };
  }
}

async function compareDevice(device: Device): Promise<DeviceReport["compared"]> {
  const { proveDevice } = await import("../training/index.ts");
  const { cases, worst, seconds } = await proveDevice(device);
  return { cases, worst, seconds };
}

/** The JSON answer in the output of a process, to which drivers write as well. */
function answerIn(output: string): Record<string, unknown> | null {
  for (const line of output.split("\n").reverse()) {
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === "object" && value !== null && "available" in value) {
        return value as Record<string, unknown>;
      }
    } catch {
      // a line of a driver
    }
  }
  return null;
}

/** How a process without an answer ended, with the end of its standard error. */
function endOf(error: unknown, stderr: string, patience: number): string {
  const { signal, code, killed } = (error ?? {}) as { signal?: string; code?: unknown; killed?: boolean };
  const how = killed
    ? `trying it took more than ${patience / 1000} s`
    : signal
      ? `trying it ended the process with ${signal}`
      : `trying it ended without an answer, with exit code ${code ?? 0}`;
  const words = stderr.trim().split("\n").slice(-2).join(" / ").slice(-300);
  return words ? `${how}; last output: ${words}` : how;
}

/** The answer of a hidden `lintel probe`: a separate process, because native code may crash it. */
async function probe(
  args: readonly string[],
  { signal, patience }: { signal?: AbortSignal | undefined; patience: number },
): Promise<Record<string, unknown> | string> {
  const program = fileURLToPath(new URL("../../bin/lintel.js", import.meta.url));
  const options = { timeout: patience, maxBuffer: 16 << 20, signal };
  const { error, stdout, stderr } = await new Promise<{
    error: unknown;
    stdout: string;
    stderr: string;
  }>((done) => {
    execFile(process.execPath, [program, "probe", ...args], options, (error, stdout, stderr) =>
      done({ error, stdout, stderr }),
    );
  });
  signal?.throwIfAborted();
  return (!error && answerIn(stdout)) || endOf(error, stderr, patience);
}

/**
 * `tryDevice` in a separate process, because drivers write to standard error and may crash the process.
 */
export async function probeDevice(
  device: Device,
  { seconds = 0, prove = false, signal }: TrialOptions & { signal?: AbortSignal } = {},
): Promise<DeviceReport> {
  const args = ["--device", device, "--seconds", String(seconds), ...(prove ? ["--prove"] : [])];
  const answer = await probe(args, { signal, patience: PATIENCE_MS[prove ? "prove" : "try"] });
  if (typeof answer !== "string") return answer as unknown as DeviceReport;
  return {
    device,
    available: false,
    reason: answer,
    attempt: "another driver, or the device cpu",
    gflops: null,
  };
}

/** Whether images other than PNG can be read. */
interface DecoderReport {
  available: boolean;
  reason?: string;
  attempt?: string;
}

/** Encodes and decodes an image with the image library. */
export async function tryDecoder(): Promise<DecoderReport> {
  try {
    const sharp = await loadSharp();
    const pixels = { width: 8, height: 8, channels: 3, background: "#ff0000" } as const;
    const { width, height } = await decodeImage(await sharp({ create: pixels }).jpeg().toBuffer());
    return width === 8 && height === 8
      ? { available: true }
      : { available: false, reason: `it decodes 8 × 8 pixels to ${width} × ${height}` };
  } catch (error) {
    const { attempt } = error instanceof LintelError ? error.parts : { attempt: undefined };
    return { available: false, reason: complaintOf(error), ...(attempt && { attempt }) };
  }
}

/** `tryDecoder` in a separate process. */
export async function probeDecoder(signal?: AbortSignal): Promise<DecoderReport> {
  const answer = await probe(["--images"], { signal, patience: PATIENCE_MS.try });
  return typeof answer === "string"
    ? { available: false, reason: answer }
    : (answer as unknown as DecoderReport);
}

/**
 * The named device, after a test that it runs graphs and, with `prove`, gives the CPU's numbers (training and audit
 * compare them in their own process). The CPU is not tested.
 *
 * Errors: "usage" for an unknown name, "installation" if ONNX Runtime does not load, "runtime" for a device that fails.
 */
export async function usableDevice(
  name: string,
  { signal, prove = false }: { signal?: AbortSignal; prove?: boolean } = {},
): Promise<Device> {
  const device = deviceNamed(name);
  if (device === "cpu") {
    await loadRuntime();
    return device;
  }
  const { available, reason, attempt } = await probeDevice(device, { prove, signal });
  if (!available) throw unavailableDevice(device, reason ?? "no reason", attempt ? { attempt } : {});
  return device;
}
