/** Which devices run graphs here, and how fast: tried, not looked up. */
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
  /** It runs graphs and, where that was asked for, gives the CPU's numbers. */
  available: boolean;
  /** Why it is not available. */
  reason?: string;
  /** What to install, and what to type. */
  attempt?: string;
  /** Rate of float32 matrix products of SIZE × SIZE; null where it was not measured. */
  gflops: number | null;
  /** The comparison with the CPU: cases of operators, largest difference as a share of the largest number, seconds. */
  compared?: { cases: number; worst: number; seconds: number };
}

export interface TrialOptions {
  /** Matrix products are measured for so long; 0: not at all. */
  seconds?: number;
  threads?: number;
  /** Compare the device's numbers with the CPU's. */
  prove?: boolean;
}

/** Large enough to keep every core busy, small enough for caches: about the products of a pocket model's batch. */
const SIZE = 512;
/** Products chained in one run, so that copying values in and out does not count. */
const CHAIN = 8;

/** A driver that hangs counts as not available; comparing takes longer, where shaders are compiled for a processor. */
const PATIENCE_MS = { try: 60_000, prove: 600_000 };

/**
 * Runs a chain of matrix products on `device`; with `seconds` above 0, again and again for so long to measure the rate. With
 * `prove`, the device is compared with the CPU first.
 *
 * @example
 * (await tryDevice("cpu")).available; // true
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

/** The answer among what a process wrote: drivers write to its standard output, too. */
function answerIn(output: string): Record<string, unknown> | null {
  for (const line of output.split("\n").reverse()) {
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === "object" && value !== null && "available" in value) {
        return value as Record<string, unknown>;
      }
    } catch {
      // Not a line of ours.
    }
  }
  return null;
}

/** How a process ended that gave no answer, with the end of what it wrote to standard error. */
function endOf(error: unknown, stderr: string, patience: number): string {
  const { signal, code, killed } = (error ?? {}) as { signal?: string; code?: unknown; killed?: boolean };
  const how = killed
    ? `trying it took more than ${patience / 1000} s`
    : signal
      ? `trying it ended the process with ${signal}`
      : `trying it ended without an answer, with exit code ${code ?? 0}`;
  const words = stderr.trim().split("\n").slice(-2).join(" / ").slice(-300);
  return words ? `${how}; its last words: ${words}` : how;
}

/** What a hidden `lintel probe` answers; in a process of its own, because native code may take the process down. */
async function probe(
  args: readonly string[],
  { signal, patience }: { signal?: AbortSignal | undefined; patience: number },
): Promise<Record<string, unknown> | string> {
  const program = fileURLToPath(new URL("../../bin/lintel.js", import.meta.url));
  const options = { timeout: patience, maxBuffer: 16 << 20, ...(signal && { signal }) };
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
 * `tryDevice` in a process of its own, because drivers write to standard error past us and may take the process down.
 *
 * @example
 * (await probeDevice("cpu", { seconds: 0 })).available; // true
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
export interface DecoderReport {
  available: boolean;
  reason?: string;
  attempt?: string;
}

/**
 * Makes a picture with the image library.
 *
 * @example
 * (await tryDecoder()).available; // true
 */
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

/**
 * `tryDecoder` in a process of its own.
 *
 * @example
 * (await probeDecoder()).available; // true
 */
export async function probeDecoder(signal?: AbortSignal): Promise<DecoderReport> {
  const answer = await probe(["--images"], { signal, patience: PATIENCE_MS.try });
  return typeof answer === "string"
    ? { available: false, reason: answer }
    : (answer as unknown as DecoderReport);
}

/**
 * The device of a name, for a command to work on: it goes on only where that device runs graphs and, with `prove`, gives
 * the CPU's numbers (training and audit compare them in their own process). The CPU needs no trial.
 *
 * Errors: "usage" for an unknown name, "installation" where ONNX Runtime does not load, "runtime" with the reason in one line for a device that does not work.
 *
 * @example
 * await usableDevice("cpu"); // "cpu"
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
  const { available, reason, attempt } = await probeDevice(device, { prove, ...(signal && { signal }) });
  if (!available) throw unavailableDevice(device, reason ?? "no reason", attempt ? { attempt } : {});
  return device;
}
