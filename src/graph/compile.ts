/** From a graph to a session that runs it. */
import { encodeGraph, openEncoded } from "./encoded-graph.ts";
import type { Session, SessionOptions } from "./session.ts";
import type { Graph } from "./tensor.ts";

/**
 * Validates a graph and compiles it for execution. Files of external tensors are mapped, not read.
 *
 * Errors: code "graph" as `validate`; "checkpoint" where the file of an external tensor is missing or too short;
 * "runtime" with ONNX Runtime's own message where it refuses the model or the device.
 *
 * @example
 * const g = createGraph("double");
 * const x = input(g, "x", "float32", ["N"]);
 * output("y", add(x, x));
 * const session = await createSession(g, { threads: 1 });
 * (await session.run({ x: float32(Float32Array.of(1, 2), [2]) })).y.data; // Float32Array [2, 4]
 */
export const createSession = async (graph: Graph, options: SessionOptions = {}): Promise<Session> =>
  openEncoded(await encodeGraph(graph, options.externalDirectory, options.device), options);
