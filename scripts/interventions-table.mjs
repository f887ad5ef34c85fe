// Writes the tables of docs/interventions.md from the registries of interventions and analyses; test/interventions-table.test.ts fails when it is stale.
//   npm run build && node scripts/interventions-table.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { analysesMarkdown } from "../dist/audit/index.js";
import { interventionsMarkdown } from "../dist/reasoning/index.js";
import { withTable } from "./interventions-page.mjs";

const page = new URL("../docs/interventions.md", import.meta.url);
const first = withTable(readFileSync(page, "utf8"), interventionsMarkdown());
writeFileSync(page, withTable(first, analysesMarkdown(), "analyses"));
