import type { OnProgress, WorkerEvent } from "../../util/index.ts";
import { LintelError, lockDirectory } from "../../util/index.ts";
import type { AddCommand } from "../command.ts";
import { createProgress } from "../progress.ts";

/** Minimum milliseconds between two progress events of one label. */
const EVENT_MS = 200;

/** Seconds that an orphaned worker may take to stop. */
const ORPHAN_SECONDS = 10;

/** Limits the rate of progress events; the last of a label is always sent. */
function thinned(send: OnProgress, now: () => number = () => performance.now()): OnProgress {
  const sent = new Map<string, number>();
  return (event) => {
    if (event.done < event.total && now() - (sent.get(event.label) ?? -Infinity) < EVENT_MS) return;
    sent.set(event.label, now());
    send(event);
  };
}

/** `lintel cell RUN ID`, for executors: one cell of a study. */
export const cell: AddCommand = (program, context) => {
  program
    .command("cell", { hidden: true })
    .argument("<run>", "run directory")
    .argument("<id>", "cell, such as tetris/joint/0")
    .description("Trains and audits one cell of a study (for its executors).")
    .option("--events", "write progress and errors as JSON lines to standard output")
    .action(async (run: string, id: string, { events }: { events?: boolean }) => {
      const say = (event: WorkerEvent): void => context.out(`${JSON.stringify(event)}\n`);
      const { signal } = context;
      const display = createProgress(context.err);
      const onProgress = events
        ? thinned((event) => say({ type: "progress", ...event }))
        : display.onProgress;
      try {
        const { runCell } = await import("../../study/index.ts");
        // The worker of a killed executor stops a moment later; two must not work on one cell.
        const file = `.cell-${id.replaceAll(/[^\w-]/g, "-")}.lock`;
        const lock = await lockDirectory(run, { file, wait: ORPHAN_SECONDS, signal });
        try {
          await runCell({ run, cell: id, onProgress, signal });
        } finally {
          lock.release();
        }
      } catch (error) {
        if (events && !signal.aborted) {
          const code = error instanceof LintelError ? error.code : "runtime";
          say({ type: "error", code, message: error instanceof Error ? error.message : String(error) });
        }
        throw error;
      } finally {
        display.close();
      }
    });
};
