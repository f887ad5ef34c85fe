/** The page: parts in order, one style sheet, and a policy that lets nothing in from outside. */
import { createHash } from "node:crypto";
import type { Detail } from "./detail.ts";
import { groupCells } from "./groups.ts";
import { html, raw } from "./html.ts";
import type { Material } from "./material.ts";
import { figure, pointer } from "./numbers.ts";
import { answer } from "./parts/answer.ts";
import { cellPart } from "./parts/cell.ts";
import { findingsPart } from "./parts/findings.ts";
import { methodsPart } from "./parts/methods.ts";
import { overviewPart } from "./parts/overview.ts";
import { anchor, beamSymbols } from "./parts/small.ts";
import { STYLE } from "./style.ts";

/** Only the one style sheet, known by its hash, and images in the page itself; no script, no network, no forms. */
function policy(): string {
  const hash = createHash("sha256").update(STYLE).digest("base64");
  return `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

/**
 * The whole page for a run. Pure: the same material and detail give the same bytes.
 *
 * @example
 * const results = { lintel: "0.1.0", preset: "none", status: "complete", seconds: 1, environment: {}, cells: [], findings: [] };
 * renderPage({ results, cells: [] }, { examples: 0, otherExamples: 0, otherFigures: false, otherTables: false, omitted: null }).slice(0, 15); // "<!doctype html>"
 */
export function renderPage(material: Material, detail: Detail): string {
  const { results } = material;
  const groups = groupCells(results.cells);
  const links = groups.map(
    (group, i) => html`<li><a href="#${anchor(group, i)}">${group.task} · ${group.recipe}</a></li>`,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(policy())}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="${`Lintel ${results.lintel}`}">
<title>${`Lintel: ${results.preset}`}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
${beamSymbols()}
<header class="top">
<fieldset class="theme"><legend>Colours</legend><label><input type="radio" name="theme" id="theme-auto" checked>auto</label><label><input type="radio" name="theme" id="theme-light">light</label><label><input type="radio" name="theme" id="theme-dark">dark</label></fieldset>
<p class="kicker">Lintel study, preset <b>${results.preset}</b></p>
<h1>Do the latents carry load?</h1>
${answer(groups, results.findings)}
<p class="meta">${figure(results.cells.length, "count", { from: "results.json" })} models, ${figure(results.seconds, "seconds", pointer("seconds"))}, Lintel ${results.lintel}</p>
<nav aria-label="Contents"><ul><li><a href="#findings">Findings</a></li><li><a href="#overview">Overview</a></li>${links}<li><a href="#methods">Methods</a></li><li><a href="#environment">Run</a></li></ul></nav>
</header>
<main>
${findingsPart(results.findings)}
${overviewPart(groups)}
${groups.map((group, i) => cellPart(group, i, material, detail))}
${methodsPart(results)}
${detail.omitted ? html`<p class="note">To keep this file small it leaves out ${detail.omitted}. All numbers are in results.json.</p>` : null}
</main>
</body>
</html>
`.markup;
}
