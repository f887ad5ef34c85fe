/** Sessions in worker threads: micro-batches of one step in parallel, each with one core's cache. */
import { Worker } from "node:worker_threads";
import { LintelError } from "../util/index.ts";
import { disableTelemetry } from "./load-runtime.ts";
import { encodeModel } from "./onnx/encode.ts";
import { signatureOf } from "./onnx-session.ts";
import type { SessionOptions } from "./session.ts";
import type { Resident, RunOrder, SessionAnswer, SessionOrder } from "./session-messages.ts";
import type { Graph } from "./tensor.ts";
import { validate } from "./validate.ts";
import type { Value } from "./value.ts";

export type { Resident } from "./session-messages.ts";

/** A session in another thread. Runs are queued and answered in the order of the requests. */
export interface RemoteSession {
  /** Runs on `inputs` and the residents; resident outputs are written to `into`, the others come back. */
  run(inputs: Readonly<Record<string, Value>>, into: SharedArrayBuffer): Promise<Record<string, Value>>;
  release(): Promise<void>;
}

export interface RemoteOptions extends Pick<SessionOptions, "threads" | "arena"> {
  /** Float32 inputs that stay between runs, in their order in `shared`. */
  inputs: readonly Resident[];
  /** Float32 outputs that are written to shared memory. */
  outputs: readonly Resident[];
  /** Values of the resident inputs; read at the start of each run. */
  shared: SharedArrayBuffer;
}

/** The entry point of workers; it exists in the build only, so tests on sources have no workers. */
const entry = new URL(
  import.meta.url.endsWith(".ts") ? "about:blank" : "./session-worker.js",
  import.meta.url,
);

/**
 * Whether this copy of Lintel can start threads for sessions: it must have been built.
 *
 * @example
 * typeof canRunRemotely(); // "boolean"
 */
export const canRunRemotely = (): boolean => entry.protocol === "file:";

/**
 * Compiles a graph without external data for the CPU in a worker thread.
 *
 * Errors: "graph" as `validate`; "runtime" with the thread's message.
 */
export async function createRemoteSession(
  graph: Graph,
  { inputs, outputs, shared, ...options }: RemoteOptions,
): Promise<RemoteSession> {
  validate(graph);
  const signature = signatureOf(graph);
  const order: SessionOrder = { model: encodeModel(graph), signature, options, inputs, outputs, shared };
  disableTelemetry();
  const worker = new Worker(entry, { workerData: order });
  const waiting: { done: (values: Record<string, Value>) => void; fail: (error: Error) => void }[] = [];
  const failure = (got: string): LintelError =>
    new LintelError("runtime", { where: `graph ${graph.name} in a thread`, expected: "its outputs", got });
  worker.on("message", (answer: SessionAnswer) => {
    const { done, fail } = waiting.shift()!;
    if ("failed" in answer) fail(failure(answer.failed));
    else done(answer.values ?? {});
  });
  const end = (got: string): void => {
    for (const { fail } of waiting.splice(0)) fail(failure(got));
  };
  worker.on("error", (error) => end(error.message));
  const ended = new Promise<void>((done) => {
    worker.on("exit", (code) => {
      end(`the thread ended with code ${code}`);
      done();
    });
  });
  const answer = (): Promise<Record<string, Value>> =>
    new Promise((done, fail) => {
      waiting.push({ done, fail });
    });
  await answer();
  return {
    run(values, into) {
      const result = answer();
      worker.postMessage({ inputs: values, into } satisfies RunOrder);
      return result;
    },
    async release() {
      worker.postMessage("release");
      await ended;
    },
  };
}
