/** An audit as text: a paragraph and a table, in Markdown and in LaTeX. */
import { join } from "node:path";
import { writeFileAtomic } from "../../formats/index.ts";
import { verdictLabel } from "../judge/verdict.ts";
import type { AuditResult } from "../record/schema.ts";
import { latexText, markdownText } from "./escape.ts";
import { paragraph } from "./paragraph.ts";
import { latexTable, markdownTable } from "./table.ts";

export { latexText, markdownText } from "./escape.ts";
export { paragraph } from "./paragraph.ts";
export { latexTable, markdownTable } from "./table.ts";

/** What suites concluded, in words and with figures, a line each: a verdict asks less than they do. */
const suiteLines = ({ suites = {} }: AuditResult): string => {
  const lines = Object.entries(suites).flatMap(([name, { conclusion, meaning, conclusionReason: why }]) => {
    if (conclusion === undefined) return [];
    const words = [conclusion, ...(meaning ? [meaning] : []), ...(why ? [why] : [])].join(": ");
    return [`- ${markdownText(`suite ${name}: ${words}`)}\n`];
  });
  return lines.length > 0 ? `${lines.join("")}\n` : "";
};

/**
 * Writes `verdict.md` (paragraph and table), `table.md` and `table.tex` (with the paragraph above it) into a directory.
 *
 * Errors: "output" where writing fails.
 *
 * @example
 * import { mkdtempSync } from "node:fs";
 * const geometry = { own: {}, oracle: {}, ownOracle: {} };
 * const own = { accuracy: 0.5, interval: [0.4, 0.6], answered: 1, latentRate: 1, n: 100 };
 * const audit = { split: "eval", n: 100, chance: 0.25, interventions: { own }, comparisons: [], geometry, verdict: "inconclusive" };
 * await writeReadable(mkdtempSync("/tmp/lintel-"), audit);
 */
export async function writeReadable(directory: string, audit: AuditResult): Promise<void> {
  const table = markdownTable(audit);
  const text = paragraph(audit);
  await writeFileAtomic(
    join(directory, "verdict.md"),
    `# ${markdownText(verdictLabel(audit))}\n\n${markdownText(text)}\n\n${suiteLines(audit)}${table}\n`,
  );
  await writeFileAtomic(join(directory, "table.md"), `${table}\n`);
  await writeFileAtomic(join(directory, "table.tex"), `${latexText(text)}\n\n${latexTable(audit)}\n`);
}
