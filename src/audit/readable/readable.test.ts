import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dummies, type Plant, plant } from "../../../test/support/planted.ts";
import { summarize } from "../judge/summary.ts";
import type { AuditResult } from "../record/schema.ts";
import { latexTable, latexText, markdownTable, markdownText, paragraph, writeReadable } from "./index.ts";

const audit = (given: Omit<Plant, "seed">): AuditResult =>
  summarize(plant({ ...given, seed: 1 }), null, { split: "eval" });

const truths = {
  "load-bearing": { n: 300, rates: { own: 0.9, oracle: 0.95, ...dummies(0.3) }, shared: 0.8 },
  starved: { n: 600, rates: { own: 0.4, oracle: 0.9, ...dummies(0.4) }, shared: 0.9 },
  bypassed: { n: 1000, rates: { own: 0.9, oracle: 0.9, ...dummies(0.9) }, shared: 0.98 },
  inconclusive: { n: 60, rates: { own: 0.9, oracle: 0.9, ...dummies(0.9) }, shared: 0.9 },
} as const;

describe("the paragraph", () => {
  for (const [verdict, given] of Object.entries(truths))
    test(`of ${verdict} names what was replaced, n, difference with interval, test, correction and margin`, () => {
      const result = audit(given);
      const text = paragraph(result);
      expect(result.verdict).toBe(verdict);
      expect(result.readable).toBe(text);
      expect(text).toContain(`Verdict: ${verdict}.`);
      expect(text).toMatch(/replaced by zeros, standard Gaussian noise/);
      expect(text).toMatch(new RegExp(`On ${given.n === 1000 ? "1,000" : given.n} examples`));
      expect(text).toMatch(/[+−]?\d+\.\d points \[[−\d.]+, [−\d.]+\]/);
      expect(text).toMatch(/p = /);
      if (verdict === "bypassed") expect(text).toMatch(/margin of ±2\.0 points.*two one-sided exact tests/);
      else expect(text).toMatch(/exact McNemar/);
      if (verdict !== "inconclusive") expect(text).toContain("intersection–union");
      else expect(text).toMatch(/fresh examples.*no evidence that there is none/);
      expect(text).not.toMatch(/null|undefined|NaN/);
    });
  test("where some examples opened no block, the figures are of those that did", () => {
    const text = paragraph(audit({ ...truths["load-bearing"], opened: 0.8 }));
    expect(text).toMatch(/latent block opened in \d\d\.\d %/);
    expect(text).toMatch(/on the \d+ of 300 examples with a latent block/);
  });
  test("of an audit without dummies, and of one example", () => {
    expect(paragraph(audit({ n: 30, rates: { own: 0.5 }, shared: 1 }))).toContain("No content");
    expect(paragraph(audit({ n: 1, rates: { own: 1, zeros: 1 }, shared: 1 }))).not.toMatch(
      /null|undefined|NaN/,
    );
  });
});

describe("tables", () => {
  const strange = audit({ n: 50, rates: { own: 0.9, zeros: 0.2, "a_b%{$x$|#~^\\}&": 0.4 }, shared: 0.5 });
  test("every row of LaTeX has as many cells as the head, and nothing unescaped", () => {
    const lines = latexTable(strange)
      .split("\n")
      .filter((line) => line.endsWith("\\\\"));
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line.split(/(?<!\\)&/)).toHaveLength(8);
    expect(latexTable(strange)).toContain(
      "a\\_b\\%\\{\\$x\\$\\textbar{}\\#\\textasciitilde{}\\textasciicircum{}",
    );
    // Nothing but the signs of math mode is left outside ASCII or unescaped.
    const plain = latexTable(strange).replace(/\$[^$]*\$/g, "");
    expect(plain.replace(/^% .*/gm, "")).not.toMatch(/(?<!\\)[%#_^~]/);
    expect(plain).not.toMatch(/[^\n -~]/);
  });
  test("every row of Markdown has as many cells as the head", () => {
    const rows = markdownTable(strange)
      .split("\n")
      .filter((line) => line.startsWith("|"));
    expect(rows).toHaveLength(5);
    for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(10);
  });
  test("what could not be computed is a dash with its reason", () => {
    const one = markdownTable(audit({ n: 1, rates: { own: 1, zeros: 0 }, shared: 1 }));
    expect(one).toMatch(/\| zeros \| 0\.0 \| 100\.0 \| – \| – \| – \| – \| 1 \|/);
    expect(one).toContain("zeros: 1 pair; an interval needs at least 2");
  });
  test("text", () => {
    expect(latexText("p = 3e-8, ±2 “x” \\ <y>")).toBe(
      "p = $3 \\times 10^{-8}$, $\\pm$2 ``x'' \\textbackslash{} \\textless{}y\\textgreater{}",
    );
    expect(markdownText("[a](b) *c* <d>\n|e|")).toBe("\\[a\\](b) \\*c\\* \\<d\\> \\|e\\|");
  });
  test("files", async () => {
    const directory = await mkdtemp(join(tmpdir(), "lintel-readable-"));
    try {
      await writeReadable(directory, strange);
      expect(await readFile(join(directory, "verdict.md"), "utf8")).toMatch(/^# inconclusive\n\n/);
      expect(await readFile(join(directory, "table.tex"), "utf8")).toContain("\\end{table}");
      expect(await readFile(join(directory, "table.md"), "utf8")).toMatch(/^\| Latents/);
      // A suite may conclude what the verdict does not say.
      const suites = { mediation: { conclusion: "mediated" } } as unknown as NonNullable<
        AuditResult["suites"]
      >;
      await writeReadable(directory, { ...strange, suites });
      expect(await readFile(join(directory, "verdict.md"), "utf8")).toContain(
        "- suite mediation: mediated\n",
      );
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
