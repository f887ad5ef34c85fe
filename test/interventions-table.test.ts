/** docs/interventions.md has the tables that scripts/interventions-table.mjs writes from the registries. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
// @ts-expect-error: a plain script, because Node 20 runs no TypeScript
import { withTable } from "../scripts/interventions-page.mjs";
import { suites } from "../src/audit/index.ts";
import { analysesMarkdown, analysisRecords } from "../src/audit/suites/index.ts";
import {
  demandsOf,
  interventionNames,
  interventionRows,
  interventionsMarkdown,
} from "../src/reasoning/index.ts";

const page = readFileSync(new URL("../docs/interventions.md", import.meta.url), "utf8");

test("the table of docs/interventions.md equals the registry (otherwise: npm run build && node scripts/interventions-table.mjs)", () => {
  expect(page).toBe(withTable(page, interventionsMarkdown()));
  expect(interventionsMarkdown().match(/^\| `/gm)).toHaveLength(interventionNames.length);
});

test("the table of analyses equals the registry", () => {
  expect(page).toBe(withTable(page, analysesMarkdown(), "analyses"));
});

test("every intervention and analysis has a definition, a source, a cost and what it needs of an engine", () => {
  expect(Object.keys(analysisRecords).sort()).toEqual([...suites.full.analyses].sort());
  const said = [
    ...Object.entries(analysisRecords).map(([name, { says, source, engine }]) => [
      name,
      says,
      source,
      engine,
    ]),
    ...interventionRows().map(({ name, description, source }, i) => {
      const { cost, engine } = demandsOf(interventionNames[i]!);
      return [name, description, source, cost, engine];
    }),
  ];
  for (const [name, ...all] of said)
    for (const text of all) expect(text?.trim().length, name).toBeGreaterThan(2);
  // A source is a paper, a repository's name, or a section of the docs.
  for (const [name, , source] of said)
    expect(source, name).toMatch(
      /arXiv|docs\/|§|ReaLVR|LIVR|CVRR|Monet|WM-VLM|Lintel|own decoding|studies|average/,
    );
});

test("a page without the comments is refused", () => {
  expect(() => withTable("# Interventions", "")).toThrow(/lacks/);
});
