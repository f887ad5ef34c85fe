import { Worker } from "node:worker_threads";
import { type ErrorCode, LintelError } from "../util/index.ts";
import type { Example, Parameters } from "./types.ts";

/** What is to be painted: the arguments of a task's `generate`. */
interface PaintRequest {
  task: string;
  split: string;
  count: number;
  seed: number;
  parameters: Parameters;
}

/** What a worker receives at its start: the request, and which share of it is its own. */
export interface WorkerOrder extends PaintRequest {
  index: number;
  of: number;
}

/** What a worker says: some of its examples, in order; that there are no more; or what went wrong. */
export type WorkerMessage =
  | { examples: Example[] }
  | { done: true }
  | { failed: { code: ErrorCode | null; message: string } };

/** So many batches may be on their way from a worker; it waits after that. */
const ahead = 3;

/** The entry of workers. Node runs it as it was built; from sources, as in tests, there are no workers. */
const entry = new URL(import.meta.url.endsWith(".ts") ? "about:blank" : "./paint-worker.js", import.meta.url);

/**
 * Whether this copy of Lintel can start workers: it must have been built.
 *
 * @example
 * typeof canPaintInParallel(); // "boolean"
 */
export const canPaintInParallel = (): boolean => entry.protocol === "file:";

/** One worker's examples, in order. */
async function* examplesFrom(worker: Worker): AsyncGenerator<Example> {
  const queue: WorkerMessage[] = [];
  let wake: (() => void) | null = null;
  const put = (message: WorkerMessage): void => {
    queue.push(message);
    wake?.();
  };
  worker.on("message", put);
  worker.on("error", (error) => put({ failed: { code: null, message: error.message } }));
  for (let i = 0; i < ahead; i++) worker.postMessage("more");
  for (;;) {
    while (queue.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const message = queue.shift()!;
    if ("done" in message) return;
    if ("failed" in message) {
      const { code, message: text } = message.failed;
      const error = code
        ? new LintelError(code, { where: "painting", expected: "examples", got: "an error" })
        : new Error(text);
      // The words are those of the worker, where the error was made.
      error.message = text;
      throw error;
    }
    worker.postMessage("more");
    yield* message.examples;
  }
}

/**
 * The examples that `generate` would yield, in the same order, painted and encoded by workers, each of which draws
 * all of them and paints its share. Only a few examples of each are in memory at a time. Errors are those of
 * `generate`.
 */
export async function* paintInParallel(request: PaintRequest, workers: number): AsyncGenerator<Example> {
  const started = Array.from({ length: workers }, (_, index) => {
    const workerData: WorkerOrder = { ...request, index, of: workers };
    return new Worker(entry, { workerData });
  });
  try {
    const streams = started.map(examplesFrom);
    for (let number = 0; number < request.count; number++) {
      const { value, done } = await streams[number % workers]!.next();
      if (done) return;
      yield value;
    }
  } finally {
    await Promise.all(started.map((worker) => worker.terminate()));
  }
}
