/** Checks by a trial run whether a device runs graphs, before any work is done on it. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { LintelError, runtimeBinaries, unknownName } from "../util/index.ts";
import { createSession } from "./compile.ts";
import { type Device, devices } from "./device-names.ts";
import { matMul } from "./operators/index.ts";
import { createGraph, input, output } from "./tensor.ts";
import { float32 } from "./value.ts";

/**
 * The device of a name.
 *
 * Errors: code "usage" with the known names for an unknown one ("gpu" is not "cpu").
 *
 * @example
 * deviceNamed("webgpu"); // "webgpu"
 */
export function deviceNamed(name: string): Device {
  const device = devices.find((known) => known === name);
  if (!device) throw unknownName("device", name, devices, { suggest: false });
  return device;
}

/**
 * The error for a device that does not run graphs, for the `reason` that ONNX Runtime gave.
 *
 * @example
 * unavailableDevice("cuda", "no driver").code; // "runtime"
 */
export const unavailableDevice = (
  device: Device,
  reason: string,
  { attempt = `${deviceCure(device)}; or the device cpu`, cause }: { attempt?: string; cause?: unknown } = {},
): LintelError =>
  new LintelError("runtime", {
    where: `device ${device}`,
    id: "E_DEVICE",
    expected: "a device that ONNX Runtime can run graphs on",
    got: reason,
    attempt,
    cause,
  });

/** Installation advice for CUDA. */
function cudaCure(): string {
  const system = `${process.platform} ${process.arch}`;
  if (system !== "linux x64")
    return `a machine with linux x64: ONNX Runtime has CUDA for nothing else, this is ${system}`;
  const binaries = runtimeBinaries();
  const libraries =
    "CUDA 12 and cuDNN 9 where the loader finds them (LD_LIBRARY_PATH), and NVIDIA's driver (nvidia-smi)";
  if (binaries === null || existsSync(join(binaries, "libonnxruntime_providers_cuda.so"))) return libraries;
  const script = join(binaries, "..", "..", "..", "..", "script", "install.js");
  return `\`node ${relative(".", script)} --onnxruntime-node-install=cuda12\`, which fetches ONNX Runtime's CUDA library from nuget.org (npm does not install it); besides ${libraries}`;
}

/** Installation advice for WebGPU. */
function webgpuCure(): string {
  if (process.platform !== "linux") return "a driver of the graphics processor for Direct3D 12 or Metal";
  if (process.arch === "arm64") return "another machine: ONNX Runtime has no WebGPU for linux arm64";
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  const missing = named?.split(":").find((path) => path !== "" && !existsSync(path));
  if (missing !== undefined)
    return `another VK_DRIVER_FILES or VK_ICD_FILENAMES: ${missing}, which it names, is missing`;
  return (
    "a Vulkan driver: `apt-get install libvulkan1` and the graphics processor's (NVIDIA's own, or mesa-vulkan-drivers); " +
    "to try it without one, `apt-get install libvulkan1 chromium` and " +
    "VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json"
  );
}

/**
 * Installation advice for a device on this machine.
 *
 * @example
 * deviceCure("webgpu").length > 0; // true
 */
export function deviceCure(device: Device): string {
  if (device === "cuda") return cudaCure();
  return device === "webgpu" ? webgpuCure() : "reinstalling ONNX Runtime: `npm ci`";
}

/**
 * ONNX Runtime's reason in one line, without the place in its sources that it begins with.
 *
 * @example
 * complaintOf(new Error("no device\nat 0x00")); // "no device"
 */
export function complaintOf(error: unknown): string {
  const said = error instanceof LintelError ? error.parts.got : String((error as Error).message ?? error);
  const [line = ""] = said.split("\n");
  return line.replace(/^\/\S+:\d+ .* was false\. /, "").trim();
}

/**
 * Runs one small product on `device`, with nothing left to the CPU. The CPU itself needs no trial. Its
 * numbers may still be wrong: `proveDevice` of `training/` compares them.
 *
 * Errors: code "runtime" with ONNX Runtime's reason in one line and what to install; "installation" where it does not load.
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
    if (cause instanceof LintelError && cause.code === "installation") throw cause;
    throw unavailableDevice(device, complaintOf(cause), { cause });
  }
}
