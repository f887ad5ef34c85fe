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
 * The module `onnxruntime-node`.
 *
 * Errors: "installation" where its native code does not load, with the cause and the cure.
 *
 * @example
 * typeof (await loadRuntime()).InferenceSession.create; // "function"
 */
export async function loadRuntime(): Promise<typeof Ort> {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    throw notLoaded("onnxruntime-node", cause);
  }
}
