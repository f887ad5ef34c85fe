/** All models at a glance: verdict, own, oracle and best control, one line per seed. */
import { legendMark, strip } from "../charts/marks.ts";
import {
  type Evaluation,
  type Group,
  inAudit,
  type LocatedAudit,
  locatedControl,
  measured,
} from "../groups.ts";
import { type Html, html, wideTable } from "../html.ts";
import { DASH, figure, type LocatedNumber } from "../numbers.ts";
import { anchor, auditBadge, evaluationName, legend } from "./badges.ts";

function line(placed: LocatedNumber | undefined): Html {
  if (!placed) return html`<span class="none" title="not run">${DASH}</span>`;
  return figure(placed.value, "percent", placed.source, placed.reason);
}

function lines(evaluation: Evaluation, each: (seed: LocatedAudit) => Html): Html {
  return html`${evaluation.seeds.map((seed) => html`<div class="line">${each(seed)}</div>`)}`;
}

function row(group: Group, index: number, evaluation: Evaluation, first: boolean): Html {
  const value = (placed: LocatedNumber | undefined): number | null => placed?.value ?? null;
  const drawn = evaluation.seeds.map((seed) => ({
    own: value(measured(seed, "own")),
    oracle: value(measured(seed, "oracle")),
    control: locatedControl(seed)?.at.value ?? null,
    chance: seed.audit.chance,
  }));
  return html`<tr class="${first ? "first" : "later"}">
<th scope="row"><a href="#${anchor(group, index)}">${first ? html`<b>${group.task}</b> · ${group.recipe}` : null}</a><span class="on">${first ? null : html`<span class="again">${group.task} · ${group.recipe} · </span>`}${evaluationName(evaluation)}</span></th>
<td class="seed">${lines(evaluation, (seed) => html`${String(seed.member.cell.seed)}`)}</td>
<td>${lines(evaluation, (seed) => auditBadge(seed.audit))}</td>
<td class="chart">${strip(drawn, `accuracy with own latents, oracle and best control for ${evaluation.seeds.length} seed(s)`)}</td>
<td class="num own">${lines(evaluation, (seed) => line(measured(seed, "own")))}</td>
<td class="num oracle">${lines(evaluation, (seed) => line(measured(seed, "oracle")))}</td>
<td class="num best">${lines(evaluation, (seed) => line(locatedControl(seed)?.at))}</td>
<td class="control-name">${lines(evaluation, (seed) => html`${locatedControl(seed)?.name ?? ""}`)}</td>
<td class="num count">${lines(evaluation, (seed) => figure(seed.audit.n, "count", inAudit(seed, "n")))}</td>
</tr>`;
}

/**
 * The overview table.
 *
 * @example
 * overviewSection([]).markup.includes("<table"); // true
 */
export function overviewSection(groups: readonly Group[]): Html {
  const rows = groups.map((group, index) =>
    group.evaluations.map((evaluation, i) => row(group, index, evaluation, i === 0)),
  );
  return html`<section id="overview"><h2>Overview</h2>
${wideTable(html`<table class="overview">
<thead><tr><th scope="col">Model and test split</th><th scope="col">Seed</th><th scope="col">Verdict</th><th scope="col">Accuracy, 0–100${"\u202f"}%</th><th scope="col" class="num">Own</th><th scope="col" class="num">Oracle</th><th scope="col" class="num">Best control</th><th scope="col">Which</th><th scope="col" class="num">n</th></tr></thead>
<tbody>${rows}</tbody></table>`)}
${legend(
  ["own", "oracle"],
  [
    html`<li>${legendMark("square", "var(--content-free)")}best content-free control</li>`,
    html`<li>${legendMark("chance", "var(--ink)")}chance</li>`,
  ],
)}
</section>`;
}
