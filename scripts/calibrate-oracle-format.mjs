// Computes the section on `oracle-format` of docs/calibration.md, with test/goldens/calibration-oracle-format.json beside it.
//   npm run build && node scripts/calibrate-oracle-format.mjs      (about ten minutes of one core)
// The edges are kept once they are done (in a temporary file that the second form names): it computes the rest alone.
//   node scripts/calibrate-oracle-format.mjs CELLS.json
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suiteOf } from "../dist/audit/index.js";
import { evidenceOf } from "../dist/audit/suites/evidence.js";
import { random } from "../dist/util/index.js";
import * as O from "./calibration-oracle-format.mjs";

const L = { suiteOf, evidenceOf, random };
const audits = 1000;
/** Of each truth: how often a conclusion is drawn is not to be known as exactly as how often it is false. */
const powerAudits = 200;
const FIRST = 10;

const rowsOf = (key, of, audits) =>
  Object.entries(of).flatMap(([label, cell]) =>
    O.sizes.map((n) => {
      process.stderr.write(`${label} ${n}\n`);
      const first10 = O.conclusions(L, cell, { n, label }, FIRST);
      const found = { ...first10 };
      const rest = O.conclusions(L, cell, { n, label }, audits - FIRST, FIRST);
      for (const [name, count] of Object.entries(rest)) found[name] = (found[name] ?? 0) + count;
      return { [key]: label, n, found, first10 };
    }),
  );
const kept = process.argv[2];
const cells = kept ? JSON.parse(readFileSync(kept, "utf8")) : rowsOf("null", O.nulls, audits);
if (!kept) {
  const path = join(mkdtempSync(join(tmpdir(), "oracle-format-")), "cells.json");
  writeFileSync(path, JSON.stringify(cells));
  process.stderr.write(`${path}\n`);
}
const powers = rowsOf("truth", O.truths, powerAudits);
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const list = (rows) => `[\n${rows.map((row) => `    ${JSON.stringify(row)}`).join(",\n")}\n  ]`;
writeFileSync(
  at("test/goldens/calibration-oracle-format.json"),
  `{\n  "madeBy": "scripts/calibrate-oracle-format.mjs",\n  "audits": ${audits},\n  "powerAudits": ${powerAudits},\n  "cells": ${list(cells)},\n  "powers": ${list(powers)}\n}\n`,
);
const page = at("docs/calibration.md");
const text = readFileSync(page, "utf8");
const [from, to] = O.marks;
const before = text.includes(from) ? text.slice(0, text.indexOf(from)) : `${text.trimEnd()}\n\n`;
const after = text.includes(to) ? text.slice(text.indexOf(to) + to.length) : "\n";
writeFileSync(page, `${before}${from}\n${O.section({ audits, powerAudits, cells, powers })}${to}${after}`);
