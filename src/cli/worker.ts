/** Commands that an executor starts: what happens goes to it as JSON lines on standard output. */
import { LintelError, type OnProgress, type WorkerEvent } from "../util/index.ts";
import type { Context } from "./context.ts";
import { createProgress } from "./progress.ts";

/** Minimum milliseconds between two progress events of one label. */
const EVENT_MS = 200;

/** Limits the rate of progress events; the last of a label is always sent. */
function thinned(send: OnProgress, now: () => number = () => performance.now()): OnProgress {
  const sent = new Map<string, number>();
  return (event) => {
    if (event.done < event.total && now() - (sent.get(event.label) ?? -Infinity) < EVENT_MS) return;
    sent.set(event.label, now());
    send(event);
  };
}

/** Does work whose progress and errors are told to an executor (`events`), or shown. */
export async function asWorker(
  { out, err, signal }: Pick<Context, "out" | "err" | "signal">,
  events: boolean,
  work: (onProgress: OnProgress) => Promise<void>,
): Promise<void> {
  const say = (event: WorkerEvent): void => out(`${JSON.stringify(event)}\n`);
  const display = createProgress(err);
  try {
    await work(events ? thinned((event) => say({ type: "progress", ...event })) : display.onProgress);
  } catch (error) {
    if (events && !signal.aborted) {
      const code = error instanceof LintelError ? error.code : "runtime";
      say({ type: "error", code, message: error instanceof Error ? error.message : String(error) });
    }
    throw error;
  } finally {
    display.close();
  }
}
