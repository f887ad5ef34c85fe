/** docs/interventions.md has the table that scripts/interventions-table.mjs writes from the registry. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
// @ts-expect-error: a plain script, because Node 20 runs no TypeScript
import { withTable } from "../scripts/interventions-page.mjs";
import { interventionNames, interventionsMarkdown } from "../src/reasoning/index.ts";

const page = readFileSync(new URL("../docs/interventions.md", import.meta.url), "utf8");

test("the table of docs/interventions.md equals the registry (otherwise: npm run build && node scripts/interventions-table.mjs)", () => {
  expect(page).toBe(withTable(page, interventionsMarkdown()));
  expect(interventionsMarkdown().match(/^\| `/gm)).toHaveLength(interventionNames.length);
});

test("a page without the comments is refused", () => {
  expect(() => withTable("# Interventions", "")).toThrow(/lacks/);
});
