/** The page of a study: its sections in order. */
import type { DetailLevel } from "./detail-levels.ts";
import { groupCells } from "./groups.ts";
import { html } from "./html.ts";
import { htmlShell } from "./html-shell.ts";
import { figure, pointer } from "./numbers.ts";
import type { ReportData } from "./report-data.ts";
import { anchor, beamSymbols } from "./sections/badges.ts";
import { findingsSection } from "./sections/findings.ts";
import { answer, frontierHeadline } from "./sections/headline.ts";
import { factorsSection, leaderboardSection } from "./sections/leaderboard.ts";
import { methodsSection } from "./sections/methods.ts";
import { modelSection } from "./sections/model.ts";
import { overviewSection } from "./sections/overview.ts";
import { relationsSection, stepsSection } from "./sections/relations.ts";

/** Seconds after which a browser loads the page of a running study again. */
const RELOAD = 20;

/** The whole page for a run. Pure: the same material and detail give the same bytes. */
export function renderPage(material: ReportData, detail: DetailLevel): string {
  const { results, of } = material;
  const groups = groupCells(results.cells);
  const { leaderboard } = results;
  const sections = detail.sections ?? true;
  const comparison = leaderboard
    ? {
        body: [
          leaderboardSection(results, sections),
          factorsSection(results),
          stepsSection(material),
          relationsSection(results),
        ],
        links: [
          ["leaderboard", "Leaderboard"],
          ...(results.factors ? [["factors", "Components"]] : []),
          ...(results.relations ? [["relations", "Geometry"]] : []),
        ],
      }
    : { body: [overviewSection(groups)], links: [["overview", "Overview"]] };
  const parts = comparison.links.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`);
  const links = (sections ? groups : []).map(
    (group, i) => html`<li><a href="#${anchor(group, i)}">${group.task} · ${group.recipe}</a></li>`,
  );
  const header = html`<p class="kicker">Lintel study, preset <b>${results.preset}</b></p>
<h1>Do the latents carry load?</h1>
${leaderboard ? frontierHeadline(results) : answer(groups, results.findings)}
<p class="meta">${figure(results.cells.length, "count", { from: "results.json" })} models, ${figure(results.seconds, "seconds", pointer("seconds"))}, Lintel ${results.lintel}</p>
${of === undefined ? null : html`<p class="note">The study is running: ${figure(results.cells.length, "count", { from: "results.json" })} of ${figure(of, "count", { from: "study.json" })} models are finished. This page is written anew when another one is, and loads itself again.</p>`}<nav aria-label="Contents"><ul>${results.findings.length > 0 ? html`<li><a href="#findings">Findings</a></li>` : null}${parts}${links}<li><a href="#methods">Methods</a></li><li><a href="#environment">Run</a></li></ul></nav>`;
  const main = html`${results.findings.length > 0 ? findingsSection(results.findings) : null}
${comparison.body}
${sections ? groups.map((group, i) => modelSection(group, i, material, detail)) : null}
${methodsSection(results)}
${detail.omitted ? html`<p class="note">To limit its size, this page omits ${detail.omitted}. All numbers are in results.json.</p>` : null}`;
  const refresh = of === undefined ? {} : { refresh: RELOAD };
  return htmlShell({
    title: results.preset,
    lintel: results.lintel,
    symbols: beamSymbols(),
    header,
    main,
    ...refresh,
  });
}
