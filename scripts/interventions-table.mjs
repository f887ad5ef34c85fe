// Writes the table of docs/interventions.md from the registry of interventions; test/interventions-table.test.ts fails when it is stale.
//   npm run build && node scripts/interventions-table.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { interventionsMarkdown } from "../dist/reasoning/index.js";
import { withTable } from "./interventions-page.mjs";

const page = new URL("../docs/interventions.md", import.meta.url);
writeFileSync(page, withTable(readFileSync(page, "utf8"), interventionsMarkdown()));
