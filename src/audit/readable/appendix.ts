/** The appendix of `--suites reviewer`: one paragraph per question, and every table, in Markdown and in LaTeX. */
import { join } from "node:path";
import { writeFileAtomic } from "../../formats/index.ts";
import { count, pEquals, pointsWithin, shareWithin } from "../../statistics/index.ts";
import type { AuditResult } from "../record/schema.ts";
import { type Control, commandOf, controls } from "../suites/controls.ts";
import { suiteOf } from "../suites/index.ts";
import { latexText, markdownText } from "./escape.ts";
import { paragraph } from "./paragraph.ts";
import { latexGrid, latexTable, markdownGrid, markdownTable } from "./table.ts";

/** "blank-image 30.0 % [25.1, 35.3], − own −60.0 points […], exact McNemar p = …" */
function rowText(audit: AuditResult, name: string): string {
  const found = audit.interventions[name];
  if (!found) return `${name} was not run or does not apply`;
  const row = audit.comparisons.find((c) => c.intervention === name && c.reference === "own");
  const accuracy = found.accuracy === null ? "–" : shareWithin(found.accuracy, found.interval);
  if (!row || row.difference === null) return `${name} ${accuracy}`;
  const p = row.mcnemarP === null ? "" : `, exact McNemar ${pEquals(row.mcnemarP)}`;
  const same = row.equivalent ? ", equivalent" : "";
  return `${name} ${accuracy} (− own ${pointsWithin(row.difference, row.interval)}${p}${same})`;
}

/** The answer of this audit to a question; null where another command answers it. */
function answerOf(audit: AuditResult, { suite, interventions, read }: Control): string | null {
  if (read) return read(audit);
  if (interventions) return `${interventions.map((name) => rowText(audit, name)).join("; ")}.`;
  if (suite === undefined) return null;
  const found = audit.suites?.[suite];
  if (!found?.conclusion) return `Suite ${suite} was not run.`;
  const meaning = suiteOf(suite).conclusions[found.conclusion];
  return `Suite ${suite}: ${found.conclusion}${meaning ? ` (${meaning})` : ""}. ${found.conclusionReason ?? ""}.`;
}

interface Grid {
  caption: string;
  head: string[];
  rows: string[][];
}

/** The tables besides the main one. */
function grids({ lookAlike = {}, suites = {} }: AuditResult): Grid[] {
  const found = suites.paths?.results.pathInteractions as
    | {
        interactions?: {
          content: string;
          path: string;
          difference: number | null;
          interval: [number, number] | null;
          p: number | null;
          n: number;
          enough?: number | null;
        }[];
      }
    | undefined;
  const interactions = found?.interactions ?? [];
  const looks = Object.entries(lookAlike);
  const concluded = Object.entries(suites);
  return [
    {
      caption: "What the suites conclude.",
      head: ["Suite", "Conclusion"],
      rows: concluded.map(([name, { conclusion = "–" }]) => [name, conclusion]),
    },
    {
      caption: "Content × path: own latents over the content, on the path less on the visible one.",
      head: ["Content @ path", "Interaction [95 %]", "p", "n", "n for 80 % power"],
      rows: interactions.map(({ content, path, difference, interval, p, n, enough }) => [
        `${content} @ ${path}`,
        difference === null ? "–" : pointsWithin(difference, interval),
        p === null ? "–" : pEquals(p).replace(/^p (= )?/, ""),
        String(n),
        typeof enough === "number" ? count(enough) : "–",
      ]),
    },
    {
      caption:
        "Right or wrong latents, by the option that they look like, and whether the answer is that one.",
      head: ["Latents", "Right, followed", "Right, not read", "Wrong, followed", "Wrong, not read", "n"],
      rows: looks.map(([name, each]) => [
        name,
        ...[each.rightFollowed, each.rightNot, each.wrongFollowed, each.wrongNot, each.n].map(String),
      ]),
    },
  ].filter(({ rows }) => rows.length > 0);
}

/**
 * The appendix in Markdown.
 *
 * @example
 * const geometry = { own: {}, oracle: {}, ownOracle: {} };
 * const own = { accuracy: 0.5, interval: [0.4, 0.6], answered: 1, latentRate: 1, n: 100 };
 * const audit = { split: "eval", n: 100, chance: 0.25, interventions: { own }, comparisons: [], geometry, verdict: "inconclusive" };
 * appendixMarkdown(audit).split("\n")[0]; // "# Controls"
 */
export function appendixMarkdown(audit: AuditResult): string {
  const parts = controls.map((control) => {
    const answer = answerOf(audit, control);
    const text = answer === null ? `Answered by \`${commandOf(control)}\`.` : markdownText(answer);
    return `## ${control.question}\n\n${text}\n\nSource: ${markdownText(control.asked)}.`;
  });
  const tables = grids(audit).map(
    ({ caption, head, rows }) => `**${markdownText(caption)}**\n\n${markdownGrid(head, rows)}`,
  );
  return `${["# Controls", markdownText(paragraph(audit)), ...parts, "## Tables", markdownTable(audit), ...tables].join("\n\n")}\n`;
}

/**
 * The same in LaTeX, to be put into a paper's appendix.
 *
 * @example
 * const geometry = { own: {}, oracle: {}, ownOracle: {} };
 * const own = { accuracy: 0.5, interval: [0.4, 0.6], answered: 1, latentRate: 1, n: 100 };
 * const audit = { split: "eval", n: 100, chance: 0.25, interventions: { own }, comparisons: [], geometry, verdict: "inconclusive" };
 * appendixLatex(audit).split("\n")[0]; // "\\section{Controls}"
 */
export function appendixLatex(audit: AuditResult): string {
  const parts = controls.map((control) => {
    const answer = answerOf(audit, control) ?? `Answered by ${commandOf(control)}.`;
    return `\\paragraph{${latexText(control.question)}} ${latexText(answer)} Source: ${latexText(control.asked)}.`;
  });
  const tables = grids(audit).map(({ caption, head, rows }) => latexGrid(caption, head, rows));
  return `${["\\section{Controls}", latexText(paragraph(audit)), ...parts, latexTable(audit), ...tables].join("\n\n")}\n`;
}

/**
 * Writes `appendix.md` and `appendix.tex` into the directory of an audit.
 *
 * Errors: "output" where writing fails.
 */
export async function writeAppendix(directory: string, audit: AuditResult): Promise<void> {
  await writeFileAtomic(join(directory, "appendix.md"), appendixMarkdown(audit));
  await writeFileAtomic(join(directory, "appendix.tex"), appendixLatex(audit));
}
