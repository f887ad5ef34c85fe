/** Whether a device runs graphs: tried, not looked up, and told before any work rather than in the middle of it. */
import { LintelError, unknownName } from "../util/index.ts";
import { matMul } from "./operators/index.ts";
import { createSession, type Device, devices, float32 } from "./session.ts";
import { createGraph, input, output } from "./tensor.ts";

/**
 * The device of a name.
 *
 * Errors: code "usage" with the nearest names for an unknown one.
 *
 * @example
 * deviceNamed("webgpu"); // "webgpu"
 */
export function deviceNamed(name: string): Device {
  const device = devices.find((known) => known === name);
  if (!device) throw unknownName("device", name, devices);
  return device;
}

/**
 * The error for a device that does not run graphs, for the `reason` that ONNX Runtime gave.
 *
 * @example
 * unavailableDevice("cuda", "no driver").code; // "runtime"
 */
export const unavailableDevice = (device: Device, reason: string, cause?: unknown): LintelError =>
  new LintelError("runtime", {
    where: `device ${device}`,
    expected: "a device that ONNX Runtime can run graphs on",
    got: reason,
    attempt: '"lintel doctor", which tries every device, or the device cpu',
    cause,
  });

/**
 * ONNX Runtime's reason in one line, without the place in its sources that it begins with.
 *
 * @example
 * complaintOf(new Error("no device\nat 0x00")); // "no device"
 */
export function complaintOf(error: unknown): string {
  const [line = ""] = String((error as Error).message ?? error).split("\n");
  return line
    .replace(/^.*?expected ONNX Runtime to (?:accept the model|finish), got /, "")
    .replace(/^\/\S+:\d+ .* was false\. /, "")
    .trim();
}

/**
 * Runs one small product on `device`, with nothing left to the CPU. The CPU itself needs no trial.
 *
 * Errors: code "runtime" with ONNX Runtime's reason in one line.
 *
 * @example
 * await requireDevice("cpu");
 */
export async function requireDevice(device: Device): Promise<void> {
  if (device === "cpu") return;
  const graph = createGraph("trial");
  const x = input(graph, "x", "float32", [2, 2]);
  output("y", matMul(x, x));
  try {
    const session = await createSession(graph, { device, only: true });
    try {
      await session.run({ x: float32(Float32Array.of(1, 2, 3, 4), [2, 2]) });
    } finally {
      await session.release();
    }
  } catch (cause) {
    throw unavailableDevice(device, complaintOf(cause), cause);
  }
}
