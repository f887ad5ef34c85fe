/**
 * A gallery of finished runs for a pages branch: `npm run demo [-- RUN…] [--out DIR]`.
 *
 * Writes DIR (default: gallery) with an index, and for each run (default: runs/pocket and runs/frontier, those that are
 * there) its report and the explorer as a folder, of the first 120 questions of each audit and the first models of 15 MB, so
 * that a gallery of a pocket and a frontier run stays small enough to commit. Needs the build; nothing is trained.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { exportExplorer, openContents } from "../../dist/explorer/index.js";

/** Questions of each audit. */
const EXAMPLES = 120;
/** Bytes of the models of each run, the first that fit; in the folder they take a third more. */
const MODEL_BYTES = 15e6;
const MARK = "lintel-gallery.txt";

const asked = process.argv.slice(2);
const at = asked.indexOf("--out");
const [, out = "gallery"] = at < 0 ? [] : asked.splice(at, 2);
const runs = asked.length > 0 ? asked : ["runs/pocket", "runs/frontier"].filter((run) => existsSync(run));
const fail = (text) => {
  console.error(text);
  process.exit(2);
};
if (runs.length === 0)
  fail(
    "npm run demo: expected a finished run, got neither runs/pocket nor runs/frontier; try `npm run study`, or -- RUN",
  );
for (const run of runs)
  if (!existsSync(join(run, "results.json")))
    fail(`${run}: expected a finished run with results.json; try \`lintel study\` on it, which continues it`);
if (existsSync(out) && readdirSync(out).length > 0 && !existsSync(join(out, MARK)))
  fail(
    `${out}: expected a new directory, or one that \`npm run demo\` wrote, got other files; try another --out`,
  );
const names = runs.map((run) => basename(run));
if (new Set(names).size < names.length) fail("npm run demo: expected runs of different names");

const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const sizeOf = (path) =>
  statSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
    : statSync(path).size;

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
writeFileSync(join(out, MARK), "Written by npm run demo. Open index.html.\n");
const cards = [];
for (const [i, run] of runs.entries()) {
  const name = names[i];
  const contents = await openContents([run], { examples: EXAMPLES, modelBytes: MODEL_BYTES });
  await exportExplorer(contents, join(out, name));
  const report = join(run, "report.html");
  if (existsSync(report)) copyFileSync(report, join(out, `${name}.html`));
  const { cells, findings = [] } = JSON.parse(readFileSync(join(run, "results.json"), "utf8"));
  const audits = cells.reduce((sum, cell) => sum + cell.audits.length, 0);
  const holding = findings.filter(({ holds }) => holds).length;
  const facts = [
    `${cells.length} models`,
    `${audits} audits`,
    ...(findings.length > 0 ? [`${holding} of ${findings.length} findings hold`] : []),
  ];
  cards.push(`<li><h2>${escaped(name)}</h2><p>${facts.join(" · ")}</p>
<p><a class="main" href="${encodeURIComponent(name)}/index.html">Explore it</a>${
    existsSync(report) ? ` <a href="${encodeURIComponent(name)}.html">Read the report</a>` : ""
  }</p></li>`);
  console.log(`${join(out, name)}: ${(sizeOf(join(out, name)) / 1e6).toFixed(1)} MB`);
}
writeFileSync(
  join(out, "index.html"),
  `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" href="${encodeURIComponent(names[0])}/icon.svg"><title>Lintel: studies to look at</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 760px; padding: 56px 22px; background: light-dark(#fbfaf7, #161514); color: light-dark(#1d1c1a, #ebe7e0); font: 16px/1.55 Inter, "Segoe UI", system-ui, sans-serif; }
h1, h2 { font-family: Charter, "Iowan Old Style", "Source Serif 4", Georgia, serif; line-height: 1.2; margin: 0 0 8px; } h1 { font-size: 34px; }
ul { list-style: none; padding: 0; display: grid; gap: 18px; margin-top: 34px; }
li { background: light-dark(#fff, #1f1e1c); border: 1px solid light-dark(#e3dfd6, #353230); border-radius: 12px; padding: 22px 24px; } li p { margin: 0 0 10px; } li p:last-child { margin: 0; }
a { color: light-dark(#0067a5, #62b5f0); margin-right: 16px; } .main { font-weight: 600; }
</style></head><body>
<h1>Are latent tokens load-bearing?</h1>
<p>Small vision-language models, trained and audited by Lintel. The models run in the page: replace, mix or draw what stands in the latent slots, and see the answer move.</p>
<ul>
${cards.join("\n")}
</ul></body></html>
`,
);
console.log(`${out}: ${(sizeOf(out) / 1e6).toFixed(1)} MB in all; open ${join(out, "index.html")}`);
