import { withLock } from "../../util/index.ts";
import { BREAK_LOCK_HELP } from "../options.ts";
import { perform } from "../perform.ts";
import type { AddCommand } from "../program.ts";

/** `lintel report RUN` */
export const report: AddCommand = (program, context) => {
  program
    .command("report")
    .argument("<run>", "directory of a finished study")
    .summary("make the report of a study again")
    .description("Writes RUN/report.html, one page that needs no network, and prints the findings.")
    .option("--break-lock", BREAK_LOCK_HELP)
    .addHelpText("after", "\nExample:\n  $ lintel report runs/pocket")
    .action((run: string, { breakLock }: { breakLock?: boolean }, command) =>
      perform(context, command, async ({ signal }) => {
        const { readResults, summarizeStudy, writeReport } = await import("../../report/index.ts");
        const results = await readResults(run);
        const path = await withLock(run, { breakLock, signal }, () => writeReport(run));
        return {
          text: `${summarizeStudy(results)}\n\nReport: ${path}`,
          json: { report: path, findings: results.findings },
        };
      }),
    );
};
