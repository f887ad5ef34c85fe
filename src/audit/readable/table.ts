/** The table of an audit: one row per intervention, compared with own latents. */

import { pEquals, points } from "../../statistics/index.ts";
import { differenceP } from "../judge/comparison.ts";
import { verdictLabel } from "../judge/verdict.ts";
import type { AuditResult } from "../record/schema.ts";
import { latexText, markdownText } from "./escape.ts";

const UNKNOWN = "–";

interface Table {
  head: string[];
  rows: string[][];
  notes: string[];
}

const percent = (value: number): string => (100 * value).toFixed(1).replace("-", "−");
const within = (ends: readonly [number, number]): string => `[${percent(ends[0])}, ${percent(ends[1])}]`;
const pValue = (p: number | null | undefined): string =>
  p === null || p === undefined ? UNKNOWN : pEquals(p).replace(/^p (= )?/, "");

/** "; the options alone give 33.3 % (what they give away by themselves)", where that is more than chance. */
const aloneText = ({ chance, optionsOnly }: AuditResult): string =>
  optionsOnly && optionsOnly.rate > chance + 1e-9
    ? ` (a reader of the options alone gets ${percent(optionsOnly.rate)} %: ${optionsOnly.reader})`
    : "";

/** The cells, as plain text; what could not be computed is a dash, with its reason among the notes. */
function tableOf(audit: AuditResult): Table {
  const notes = new Set<string>();
  const margins = [...new Set(audit.comparisons.map(({ margin }) => 100 * margin))].map(String);
  const rows = Object.entries(audit.interventions).map(([name, result]) => {
    const comparison = audit.comparisons.find((c) => c.intervention === name && c.reference === "own");
    for (const [key, reason] of Object.entries({ ...result.reasons, ...comparison?.reasons }))
      if (!["kl", "totalVariation"].includes(key)) notes.add(`${name}: ${reason}`);
    const accuracy =
      result.accuracy === null
        ? UNKNOWN
        : `${percent(result.accuracy)}${result.interval ? ` ${within(result.interval)}` : ""}`;
    const readable = result.answered === null ? UNKNOWN : percent(result.answered);
    if (comparison === undefined) return [name, accuracy, readable, "", "", "", "", String(result.n)];
    const { difference, interval, equivalent, equivalenceP, holmP } = comparison;
    const moved =
      difference === null
        ? UNKNOWN
        : `${points(difference).replace(" points", "")}${interval ? ` ${within(interval)}` : ""}`;
    const same =
      equivalent === null ? UNKNOWN : `${equivalent ? "yes" : "not shown"} (${pValue(equivalenceP)})`;
    return [
      name,
      accuracy,
      readable,
      moved,
      pValue(differenceP(comparison)),
      pValue(holmP),
      same,
      String(comparison.n),
    ];
  });
  const clustered = audit.comparisons.find(({ clusters }) => clusters !== undefined);
  return {
    head: [
      "Latents",
      "Accuracy, % [95 %]",
      "Readable, %",
      "− own, points [95 %]",
      "McNemar p",
      "Holm p",
      `within ±${margins.join(", ")} (p)`,
      "n",
    ],
    rows,
    notes: [
      `Split ${audit.split}, ${audit.n} examples, chance ${percent(audit.chance)} %${aloneText(audit)}. Differences are paired by example.`,
      "An answer that cannot be read counts as wrong; the column of readable answers is the share that can.",
      clustered
        ? `Intervals and p-values allow for questions that share an image (${clustered.clusters} different ones): cluster-robust (CR2) instead of mid-p and exact.`
        : "Intervals: mid-p for accuracies, mid-p score intervals for differences. Equivalence: two one-sided exact tests.",
      ...notes,
    ],
  };
}

/**
 * Cells as a table in Markdown.
 *
 * @example
 * markdownGrid(["a", "b"], [["x", "1"]]).split("\n")[2]; // "| x | 1 |"
 */
export const markdownGrid = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, i) => (i === 0 ? ":--" : "--:")), ...rows]
    .map((row, i) => `| ${row.map((cell) => (i === 1 ? cell : markdownText(cell))).join(" | ")} |`)
    .join("\n");

/**
 * Cells as a table in LaTeX, with booktabs.
 *
 * @example
 * latexGrid("A caption", ["a"], [["x"]]).split("\n")[1]; // "\\begin{table}"
 */
export function latexGrid(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (row: readonly string[]): string => `    ${row.map(latexText).join(" & ")} \\\\`;
  return [
    "% \\usepackage{booktabs}",
    "\\begin{table}",
    "  \\centering",
    `  \\caption{${latexText(caption)}}`,
    `  \\begin{tabular}{l${"r".repeat(head.length - 1)}}`,
    "    \\toprule",
    line(head),
    "    \\midrule",
    ...rows.map(line),
    "    \\bottomrule",
    "  \\end{tabular}",
    "\\end{table}",
  ].join("\n");
}

/**
 * The table in Markdown, with its notes.
 *
 * @example
 * const geometry = { own: {}, oracle: {}, ownOracle: {} };
 * const own = { accuracy: 0.5, interval: [0.4, 0.6], answered: 1, latentRate: 1, n: 100 };
 * markdownTable({ split: "eval", n: 100, chance: 0.25, interventions: { own }, comparisons: [], geometry, verdict: "inconclusive" });
 */
export function markdownTable(audit: AuditResult): string {
  const { head, rows, notes } = tableOf(audit);
  return [markdownGrid(head, rows), "", ...notes.map((note) => `- ${markdownText(note)}`)].join("\n");
}

/**
 * The table in LaTeX (with booktabs), its notes in the caption.
 *
 * @example
 * const geometry = { own: {}, oracle: {}, ownOracle: {} };
 * const own = { accuracy: 0.5, interval: [0.4, 0.6], answered: 1, latentRate: 1, n: 100 };
 * latexTable({ split: "eval", n: 100, chance: 0.25, interventions: { own }, comparisons: [], geometry, verdict: "inconclusive" });
 */
export function latexTable(audit: AuditResult): string {
  const { head, rows, notes } = tableOf(audit);
  const caption = `Verdict: ${verdictLabel(audit)}. ${notes.map((note) => note.replace(/\.?$/, ".")).join(" ")}`;
  return latexGrid(caption, head, rows);
}
