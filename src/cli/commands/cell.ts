import { lockDirectory } from "../../util/index.ts";
import type { AddCommand } from "../command.ts";
import { asWorker } from "../worker.ts";

/** Seconds that an orphaned worker may take to stop. */
const ORPHAN_SECONDS = 10;

/** `lintel cell RUN ID`, for executors: one cell of a study. */
export const cell: AddCommand = (program, context) => {
  program
    .command("cell", { hidden: true })
    .argument("<run>", "run directory")
    .argument("<id>", "cell, such as tetris/joint/0")
    .description("Trains and audits one cell of a study (for its executors).")
    .option("--events", "write progress and errors as JSON lines to standard output")
    .action((run: string, id: string, { events = false }: { events?: boolean }) =>
      asWorker(context, events, async (onProgress) => {
        const { signal } = context;
        const { runCell } = await import("../../study/index.ts");
        // The worker of a killed executor stops a moment later; two must not work on one cell.
        const file = `.cell-${id.replaceAll(/[^\w-]/g, "-")}.lock`;
        const lock = await lockDirectory(run, { file, wait: ORPHAN_SECONDS, signal });
        try {
          await runCell({ run, cell: id, onProgress, signal });
        } finally {
          lock.release();
        }
      }),
    );
};
