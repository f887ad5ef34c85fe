// Computes the section on verdicts of docs/calibration.md, with test/goldens/calibration-verdicts.json beside it.
//   npm run build && node scripts/calibrate-verdicts.mjs        (about a minute of one core)
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as audit from "../dist/audit/index.js";
import * as statistics from "../dist/statistics/index.js";
import * as util from "../dist/util/index.js";
import * as V from "./calibration-verdicts.mjs";

const L = { ...audit, ...statistics, random: util.random };
const AUDITS = 800;
const CONTRAST_AUDITS = 2500;
const log = (text) => process.stderr.write(`${text}\n`);

const cells = V.owns.flatMap((own) => {
  log(`verdicts: own ${own}`);
  return V.sizes.flatMap((n) =>
    V.dependences.map((dependence) => {
      const first40 = V.verdictRates(L, { own, n, dependence }, 40);
      const rest = V.verdictRates(L, { own, n, dependence }, AUDITS - 40, 40);
      const found = Object.fromEntries(Object.keys(rest).map((key) => [key, first40[key] + rest[key]]));
      return { own, n, dependence, found, first40 };
    }),
  );
});
log("the contrast at its boundary");
const contrast = V.sizes.flatMap((n) =>
  V.dependences.map((dependence) => ({
    n,
    dependence,
    ...V.contrastSize(L, { n, dependence }, CONTRAST_AUDITS),
  })),
);
log("answers that cannot be read");
const unreadable = V.unreadableVerdicts(L, 100);

const result = {
  madeBy: "scripts/calibrate-verdicts.mjs",
  audits: AUDITS,
  cells,
  contrastAudits: CONTRAST_AUDITS,
  contrast,
  unreadable,
};
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const rows = (key, list) =>
  `  "${key}": [\n${list.map((row) => `    ${JSON.stringify(row)}`).join(",\n")}\n  ]`;
const { cells: _, contrast: __, ...plain } = result;
writeFileSync(
  at("test/goldens/calibration-verdicts.json"),
  `${JSON.stringify(plain, null, 2).replace(/\n}$/, "")},\n${rows("contrast", contrast)},\n${rows("cells", cells)}\n}\n`,
);

const page = at("docs/calibration.md");
const text = readFileSync(page, "utf8");
const [from, to] = V.marks;
const before = text.includes(from) ? text.slice(0, text.indexOf(from)) : `${text.trimEnd()}\n\n`;
const after = text.includes(to) ? text.slice(text.indexOf(to) + to.length) : "\n";
writeFileSync(page, `${before}${from}\n${V.section(result)}${to}${after}`);
log("written: docs/calibration.md, test/goldens/calibration-verdicts.json");
