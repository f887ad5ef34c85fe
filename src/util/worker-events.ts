/** Messages of a worker process to its parent: one JSON object per line on standard output. */
import type { ErrorCode } from "./errors.ts";
import type { ProgressEvent } from "./progress.ts";

export type WorkerEvent =
  | ({ type: "progress" } & ProgressEvent)
  /** The reason of a failure, sent before the worker ends. */
  | { type: "error"; code: ErrorCode; message: string };

/** Exit code of a worker that stopped at a checkpoint because its time was up, and should be started again. */
export const TRY_AGAIN = 75;

/**
 * The event in a line; null for any other line, such as a message of a library.
 *
 * @example
 * parseWorkerEvent('{"type":"error","code":"input","message":"no such file"}'); // { type: "error", … }
 */
export function parseWorkerEvent(line: string): WorkerEvent | null {
  if (!line.startsWith('{"type":')) return null;
  let event: Partial<Record<string, unknown>>;
  try {
    event = JSON.parse(line) as Partial<Record<string, unknown>>;
  } catch {
    return null; // truncated when the worker died
  }
  const { type, label, done, total, unit, code, message } = event;
  const progress =
    type === "progress" &&
    typeof label === "string" &&
    typeof unit === "string" &&
    typeof done === "number" &&
    typeof total === "number";
  const error = type === "error" && typeof code === "string" && typeof message === "string";
  return progress || error ? (event as unknown as WorkerEvent) : null;
}
