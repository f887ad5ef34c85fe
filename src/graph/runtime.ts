/** ONNX Runtime, loaded when the first graph is run: commands that run none work where it does not load. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type * as Ort from "onnxruntime-node";
import { notLoaded } from "../util/index.ts";

/**
 * Versions of what runs the graphs, for records of how numbers were made. Nothing is loaded for it.
 *
 * Errors: "installation" where the package is not there.
 *
 * @example
 * runtimeVersions().onnxruntime.split(".").length; // 3
 */
export function runtimeVersions(): { onnxruntime: string } {
  try {
    const path = createRequire(import.meta.url).resolve("onnxruntime-node/package.json");
    return { onnxruntime: (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version };
  } catch (cause) {
    throw notLoaded("onnxruntime-node", cause);
  }
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
