/** The findings and the verdicts as plain text for a terminal: no colors, lines of at most `width` characters. */

import { verdictLabel } from "../audit/index.ts";
import { largest } from "../numeric/index.ts";
import { wrapText } from "../util/index.ts";
import { groupCells, type LocatedAudit, locatedControl, measured } from "./groups.ts";
import { DASH, format, type LocatedNumber } from "./numbers.ts";
import { stateWords } from "./sections/findings.ts";
import { byTask } from "./sections/leaderboard.ts";
import type { Finding, Results } from "./study-types.ts";

/** Control characters of data could move the cursor or color the terminal; they are shown as U+FFFD. */
function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these act on a terminal
  return text.replace(/\s+/g, " ").replace(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}

const wrap = (text: string, width: number, first: string, indent = first): string =>
  wrapText(clean(text), width, first, indent);

/**
 * A finding as text for a terminal, with its evidence.
 *
 * @example
 * findingText({ id: "F1", claim: "Crops are bypassed", state: "not run", evidence: "The run has no cells." }, 80).split("\n").length; // 2
 */
export function findingText(finding: Finding, width = 100): string {
  const { sign, words } = stateWords(finding);
  const seeds = (finding.seeds ?? []).map((s) => `seed ${s.seed} ${stateWords(s).sign}`);
  const tail = seeds.length > 1 ? [`      ${seeds.join("  ")}`] : [];
  return [
    wrap(`${sign} ${clean(finding.id)} ${words}: ${finding.claim}`, width, "  ", "    "),
    wrap(finding.evidence, width, "      "),
    ...tail,
  ].join("\n");
}

function percent(placed: LocatedNumber | undefined): string {
  return typeof placed?.value === "number" ? format(placed.value, "percent").replace("\u202f", " ") : DASH;
}

function rows(results: Results): string[][] {
  const line = (seed: LocatedAudit): string[] => {
    const { cell } = seed.member;
    const task = seed.audit.task ?? cell.task;
    const control = locatedControl(seed);
    return [
      clean(cell.id),
      clean(task === cell.task ? seed.audit.split : `${task} ${seed.audit.split}`),
      verdictLabel(seed.audit),
      percent(measured(seed, "own")),
      percent(measured(seed, "own", "answered")),
      percent(measured(seed, "oracle")),
      control ? `${percent(control.at)} ${control.name}` : DASH,
    ];
  };
  return groupCells(results.cells).flatMap((group) =>
    group.evaluations.flatMap((evaluation) => evaluation.seeds.map(line)),
  );
}

/** The leaderboard as rows of text. */
function standings(results: Results): string[][] {
  const text = (value: number | null): string => percent({ value, source: "#/leaderboard" });
  return byTask(results).flatMap(({ task, rows }) =>
    rows.flatMap(({ row }) =>
      row.splits.map((standing) => [
        clean(`${task}/${row.recipe}`),
        clean(standing.split),
        [...new Set(standing.verdicts)].join(", "),
        text(standing.own.value),
        text(standing.answered?.own ?? null),
        text(standing.oracle.value),
        text(standing.gapClosed.value),
        format(row.seconds, "seconds").replaceAll("\u202f", " "),
      ]),
    ),
  );
}

/**
 * A summary of a study for the terminal: each finding with its evidence, then one line per audit with verdict and
 * accuracies. No color codes, no trailing newline.
 *
 * @experimental
 * @example
 * const results = { lintel: "0.1.0", preset: "none", status: "complete", seconds: 1, environment: {}, cells: [], findings: [] };
 * summaryText(results); // "Verdicts\n  no models"
 */
export function summaryText(results: Results, columns = 100): string {
  const width = Math.min(columns, 100);
  const findings = results.findings.map((finding) => findingText(finding, width));
  const compared = results.leaderboard !== undefined;
  const body = compared ? standings(results) : rows(results);
  const last = compared ? ["gap closed", "training"] : ["best control"];
  const whole = [["model", "tested on", "verdict", "own", "readable", "oracle", ...last], ...body];
  const right = new Set(["own", "readable", "oracle", "gap closed", "training"]);
  const linesOf = (table: string[][], gap = "  "): string[] => {
    const widths = table[0]!.map((_, column) => largest(table.map((row) => row[column]!.length)));
    const padded = (text: string, i: number): string =>
      right.has(table[0]![i]!) ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
    return table.map((row) => `  ${row.map(padded).join(gap)}`.trimEnd());
  };
  const fits = (lines: string[]): boolean => lines.every((line) => line.length <= width);
  // On a narrow terminal the table does without shares of readable answers, then without names of controls.
  const slim = whole.map((row) => row.filter((_, i) => i !== 4));
  const bare = compared
    ? slim
    : slim.map((row, i) => row.with(-1, i === 0 ? "control" : row.at(-1)!.replace(/(%) .*/, "$1")));
  const lines = [whole, slim, bare].map((table) => linesOf(table)).find(fits) ?? linesOf(bare, " ");
  // Studies without findings print their verdicts only.
  return [
    ...(findings.length > 0 ? ["Findings", ...findings, ""] : []),
    compared ? "Leaderboard" : "Verdicts",
    ...(body.length > 0 ? lines : ["  no models"]),
  ].join("\n");
}
