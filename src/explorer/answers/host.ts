/** One model at a time, one computation at a time. */
import { LintelError } from "../../util/index.ts";
import type { Answered, Answerer, AuditedModel, Job } from "./types.ts";

/** Jobs that may wait for others. */
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
      waiting++;
      const before = last;
      const work = (async () => {
        await before.catch(() => undefined);
        signal.throwIfAborted();
        return (await answererOf(model)).ask(job, signal);
      })();
      last = work;
      try {
        return await work;
      } finally {
        waiting--;
      }
    },
    async close() {
      await running?.answerer.release();
      running = null;
    },
  };
}
