// Writes the table of docs/controls.md from the registry of controls; test/controls-page.test.ts fails when it is stale.
//   npm run build && node scripts/controls-page.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { controlsMarkdown } from "../dist/audit/index.js";

const page = new URL("../docs/controls.md", import.meta.url);
const written = /(<!-- controls: .* -->\n)[\s\S]*(\n<!-- end of controls -->)/;
writeFileSync(page, readFileSync(page, "utf8").replace(written, `$1\n${controlsMarkdown()}\n$2`));
