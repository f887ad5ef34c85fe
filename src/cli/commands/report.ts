import { withLock } from "../../util/index.ts";
import { type AddCommand, breakLock, examples } from "../command.ts";
import { perform } from "../perform.ts";

/** `lintel report RUN` */
export const report: AddCommand = (program, context) => {
  program
    .command("report")
    .argument("<run>", "directory of a finished study")
    .summary("write the report of a study again")
    .description(
      "Writes RUN/report.html, one self-contained page, from the results of a finished study, and prints its findings.",
    )
    .addOption(breakLock())
    .addHelpText("after", examples("lintel report runs/pocket"))
    .action((run: string, { breakLock }: { breakLock?: boolean }, command) =>
      perform(context, command, async ({ signal }) => {
        const { readResults, summaryText, writeReport } = await import("../../report/index.ts");
        const results = await readResults(run);
        const path = await withLock(run, { breakLock, signal }, () => writeReport(run));
        return {
          text: `${summaryText(results)}\n\nReport: ${path}`,
          json: { report: path, findings: results.findings },
        };
      }),
    );
};
