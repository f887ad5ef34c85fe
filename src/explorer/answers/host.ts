/** One model at a time, one computation at a time. */
import { LintelError } from "../../util/index.ts";
import type { Answered, Answerer, AuditedModel, Job } from "./types.ts";

/** Jobs that may wait for others, besides the one that runs. */
const WAITING = 8;

/** Does jobs of the models of audits. */
export interface ModelHost {
  /**
   * Waits for the jobs before it; an aborted one does not begin, or ends before its next step.
   *
   * Errors: those of the model; "usage" where too many jobs wait.
   */
  ask(model: AuditedModel, job: Job, signal: AbortSignal): Promise<Answered>;
  close(): Promise<void>;
}

/** A host over processes that `start` starts: another model ends that of the model before. */
export function createModelHost(
  start: (model: AuditedModel) => Answerer & { readonly alive: boolean },
): ModelHost {
  let running: { key: string; answerer: ReturnType<typeof start> } | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const answererOf = async (model: AuditedModel): Promise<Answerer> => {
    const key = JSON.stringify(model);
    if (running?.key === key && running.answerer.alive) return running.answerer;
    await running?.answerer.release();
    running = { key, answerer: start(model) };
    return running.answerer;
  };
  return {
    async ask(model, job, signal) {
      if (waiting >= WAITING)
        throw new LintelError("usage", {
          where: "the model",
          expected: `at most ${WAITING} questions that wait for others`,
          got: "one more",
          attempt: "asking again when it has answered",
        });
      signal.throwIfAborted();
      const before = last;
      waiting++;
      let waits = true;
      const leave = (): void => {
        if (waits) waiting--;
        waits = false;
      };
      const work = (async () => {
        await before;
        signal.throwIfAborted();
        leave();
        return (await answererOf(model)).ask(job, signal);
      })();
      last = work.catch(() => undefined);
      // One that is aborted while it waits leaves its place at once.
      let onAbort = (): void => undefined;
      const aborted = new Promise<never>((_, reject) => {
        onAbort = () => {
          if (!waits) return;
          leave();
          reject(signal.reason);
        };
        signal.addEventListener("abort", onAbort, { once: true });
      });
      try {
        return await Promise.race([work, aborted]);
      } finally {
        signal.removeEventListener("abort", onAbort);
      }
    },
    async close() {
      await running?.answerer.release();
      running = null;
    },
  };
}
