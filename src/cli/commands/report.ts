import { existsSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../../util/index.ts";
import { type AddCommand, breakLock, examples, option } from "../command.ts";
import { type Outcome, perform } from "../perform.ts";

interface Options {
  breakLock?: boolean;
  data?: string;
  verify?: boolean;
}

/** `lintel report RUN` */
export const report: AddCommand = (program, context) => {
  program
    .command("report")
    .argument("<run>", "directory of a finished study, or of an audit")
    .summary("write the report of a study or an audit again")
    .description(
      "Writes RUN/report.html, one self-contained page, from the results of a finished study or audit again, for example " +
        "with a newer Lintel, and prints its findings or its summary.",
    )
    .addOption(
      option("--data <dir>", "for an audit: dataset whose images the page shows", { usual: "no images" }),
    )
    .option("--verify", "hash every file of the run again, not only those whose size or times changed")
    .addOption(breakLock())
    .addHelpText(
      "after",
      examples("lintel report runs/pocket", "lintel report audits/joint --data data/tetris"),
    )
    .action((run: string, { breakLock, data, verify = false }: Options, command) =>
      perform(context, command, async ({ signal, log }) => {
        const { alterationOf, RESTORE, unsealedNote, verifyRun } = await import("../../study/index.ts");
        const check = async (): Promise<void> => {
          const found = await verifyRun(run, { all: verify });
          const altered = alterationOf(run, found, RESTORE);
          if (altered) throw altered;
          const without = found.parts.filter(({ state }) => state === "without manifest");
          const note = unsealedNote(
            run,
            without.map(({ part }) => part),
          );
          if (note) log(`lintel: ${note}`);
        };
        if (existsSync(join(run, "audit.json"))) {
          await check();
          return auditReport(run, data, context.err.columns);
        }
        const { readResults, summaryText, writeReport } = await import("../../report/index.ts");
        const results = await readResults(run);
        await check();
        const path = await withLock(run, { breakLock, signal }, () => writeReport(run));
        return {
          text: `${summaryText(results, context.err.columns)}\n\nReport: ${path}`,
          json: { report: path, findings: results.findings },
        };
      }),
    );
};

/** The page and the summary of one audit. */
async function auditReport(directory: string, data: string | undefined, width: number): Promise<Outcome> {
  const { readAuditData, readAuditResult } = await import("../../audit/index.ts");
  const { writeAuditPage } = await import("../../report/index.ts");
  const { summaryText } = await import("../result-text.ts");
  const result = await readAuditResult(directory);
  const examples =
    data === undefined
      ? undefined
      : (await readAuditData({ directory: data, split: result.split }, 0)).examples;
  const page = await writeAuditPage(directory, { title: directory, ...(examples && { examples }) });
  return { text: summaryText(result, { directory, page, width }), json: { report: page, audit: result } };
}
