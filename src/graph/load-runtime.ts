/** Loads ONNX Runtime with the first graph, so that commands that run no graph work without it. */
import type * as Ort from "onnxruntime-node";
import { notLoaded, packageVersion } from "../util/index.ts";

/**
 * Version of ONNX Runtime, for provenance records. Does not load it.
 *
 * Errors: "installation" where the package is not there.
 *
 * @example
 * runtimeVersions().onnxruntime.split(".").length; // 3
 */
export function runtimeVersions(): { onnxruntime: string } {
  const version = packageVersion("onnxruntime-node");
  if (version === null) throw notLoaded("onnxruntime-node", "nothing");
  return { onnxruntime: version };
}

/**
 * Keeps ONNX Runtime from reporting use: from 1.30 on, its Linux library otherwise writes a device id and a database below
 * the user's cache and looks up a server of its maker (core/platform/posix/telemetry.cc). It reads the variable of the process
 * when it is loaded; the environment of a worker thread is a copy, so this runs in the thread that starts it.
 */
export function disableTelemetry(): void {
  // A page has no process: its runtime is another one, which reports nothing.
  if (typeof process !== "undefined") process.env.ORT_DISABLE_TELEMETRY = "1";
}

/**
 * The module `onnxruntime-node`.
 *
 * Errors: "installation" where its native code does not load, with the cause and the cure.
 *
 * @example
 * typeof (await loadRuntime()).InferenceSession.create; // "function"
 */
export async function loadRuntime(): Promise<typeof Ort> {
  disableTelemetry();
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    throw notLoaded("onnxruntime-node", cause);
  }
}
