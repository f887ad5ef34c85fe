/** What `lintel audit` and `lintel judge` print: tables, suites and, last, a summary with the files. */
import { type AuditResult, bestControl, verdictLabel } from "../audit/index.ts";
import { share } from "../statistics/index.ts";
import { wrapText } from "../util/index.ts";
import { auditText } from "./audit-text.ts";
import { slicesText } from "./slices-text.ts";
import { suitesText } from "./suites-text.ts";

interface Where {
  /** Directory of the files, where any were written. */
  directory?: string | undefined;
  /** Path of report.html. */
  page?: string | undefined;
  /** Characters in a line. */
  width: number;
}

/** Widths of paragraphs: a narrower terminal wraps by itself, longer lines are hard to read. */
const [NARROW, WIDE] = [60, 120];
const textWidth = (columns: number): number => Math.min(WIDE, Math.max(NARROW, columns));

/** "own 93.0 % [88.1, 96.2]" for own, oracle and the best content-free control. */
function accuracies({ interventions, chance }: AuditResult): string {
  const shown = (name: string, label = name): string[] => {
    const row = interventions[name];
    if (!row || row.accuracy === null) return [];
    const [low, high] = row.interval ?? [null, null];
    return [
      `${label} ${share(row.accuracy)}${low === null || high === null ? "" : ` [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`}`,
    ];
  };
  const best = bestControl(interventions);
  return [
    ...shown("own"),
    ...shown("oracle"),
    ...(best ? shown(best, `best control (${best})`) : []),
    `chance ${share(chance)}`,
  ].join(", ");
}

/**
 * The last lines: verdict, accuracies, conclusions of suites, and where the files are.
 *
 * @example
 * const own = { accuracy: 0.5, interval: null };
 * summaryText({ verdict: "bypassed", n: 9, chance: 0.25, interventions: { own } }, { width: 80 }); // "Verdict  bypassed (9 examples)\n…"
 */
export function summaryText(result: AuditResult, { directory, page, width }: Where): string {
  const columns = textWidth(width);
  const line = (name: string, text: string): string => wrapText(text, columns, name.padEnd(9), " ".repeat(9));
  const suites = Object.entries(result.suites ?? {});
  return [
    line("Verdict", `${verdictLabel(result)} (${result.n} examples)`),
    line("Accuracy", accuracies(result)),
    ...suites.map(([name, { conclusion, meaning }], i) =>
      line(
        i === 0 ? "Suites" : "",
        `${name}: ${conclusion ?? "no conclusion"}${meaning ? ` (${meaning})` : ""}`,
      ),
    ),
    ...(directory === undefined
      ? []
      : [line("Files", `${directory}: verdict.md, table.md, audit.json, outcomes.jsonl, …`)]),
    ...(page === undefined ? [] : [line("Page", page)]),
  ].join("\n");
}

/** Everything that is known of a result, the summary last. */
export function resultText(result: AuditResult, where: Where): string {
  const width = textWidth(where.width);
  return [
    auditText(result, width),
    ...(result.namedSlices ? [slicesText(result.namedSlices)] : []),
    ...(result.suites ? [suitesText(result.suites, width)] : []),
    summaryText(result, where),
  ].join("\n\n");
}
