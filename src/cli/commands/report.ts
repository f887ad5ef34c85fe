import { perform } from "../perform.ts";
import type { AddCommand } from "../program.ts";

/** `lintel report RUN` */
export const report: AddCommand = (program, context) => {
  program
    .command("report")
    .argument("<run>", "directory of a finished study")
    .summary("make the report of a study again")
    .description("Writes RUN/report.html, one page that needs no network, and prints the findings.")
    .addHelpText("after", "\nExample:\n  $ lintel report runs/pocket")
    .action((run: string, _options: unknown, command) =>
      perform(context, command, async () => {
        const { readResults, summarise, writeReport } = await import("../../report/index.ts");
        const results = await readResults(run);
        const path = await writeReport(run);
        return {
          text: `${summarise(results)}\n\nReport: ${path}`,
          json: { report: path, findings: results.findings },
        };
      }),
    );
};
