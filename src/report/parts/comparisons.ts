/** Paired comparisons as a table with a forest plot in it, and what was answered under each intervention. */
import type { Comparison } from "../../audit/index.ts";
import { type ForestScale, forestRow, forestScale, legendMark } from "../charts/marks.ts";
import { inAudit, type PlacedAudit } from "../groups.ts";
import { type Html, html } from "../html.ts";
import { DASH, figure, format, range } from "../numbers.ts";
import { inOrder, roleOf } from "../vocabulary.ts";

/** Family-wise level of the tests. */
const ALPHA = 0.05;

/** "±2 points" of a margin given as a share. */
export function marginWords(margin: number): string {
  return `±${format(margin, "percent", true).replace(/\.0$/, "")} points`;
}

/**
 * What a comparison shows, in words. "No effect" is said only where equivalence was shown; a difference that is merely
 * not significant is undecided.
 */
export function reading(comparison: Comparison): Html {
  const { equivalent, holmP, difference, margin } = comparison;
  if (equivalent) {
    return html`<span class="reading equal" data-equivalent="true">no effect beyond ${marginWords(margin)}</span>`;
  }
  if (holmP !== null && difference !== null && holmP < ALPHA) {
    return html`<span class="reading differs">${difference < 0 ? "lower" : "higher"}</span>`;
  }
  if (equivalent === null && holmP === null) {
    const why = comparison.reasons?.equivalent ?? comparison.reasons?.holmP ?? "not computed";
    return html`<span class="none" title="${why}" aria-label="${`not available: ${why}`}">${DASH}</span>`;
  }
  return html`<span class="reading open">undecided</span>`;
}

function row(placed: PlacedAudit, comparison: Comparison, index: number, scale: ForestScale): Html {
  const at = (key: string) => inAudit(placed, "comparisons", index, key);
  const why = (key: string) => comparison.reasons?.[key];
  const { intervention, reference, difference, interval } = comparison;
  return html`<tr class="role-${roleOf(intervention)}">
<th scope="row">${intervention}</th>
<td class="chart">${forestRow(difference, interval, scale, `${intervention} against ${reference}`)}</td>
<td class="num">${figure(difference, "points", at("difference"), why("difference"))}</td>
<td class="num dim">${range(interval, "points", at("interval"), why("interval"))}</td>
<td class="num">${figure(comparison.rightToWrong, "count", at("rightToWrong"))}</td>
<td class="num">${figure(comparison.wrongToRight, "count", at("wrongToRight"))}</td>
<td class="num">${figure(comparison.mcnemarP, "p", at("mcnemarP"), why("mcnemarP"))}</td>
<td class="num">${figure(comparison.holmP, "p", at("holmP"), why("holmP"))}</td>
<td>${reading(comparison)}</td>
</tr>`;
}

function table(placed: PlacedAudit, reference: string): Html | null {
  const all = placed.audit.comparisons;
  const mine = all.filter((c) => c.reference === reference);
  if (mine.length === 0) return null;
  const scale = forestScale(
    mine.flatMap((c) => (c.interval ? [c.interval] : [])),
    mine[0]!.margin,
  );
  const order = inOrder([...new Set(mine.map((c) => c.intervention))]);
  const sorted = mine.sort((a, b) => order.indexOf(a.intervention) - order.indexOf(b.intervention));
  return html`<div class="wide"><table class="comparisons">
<thead><tr><th scope="col">In the slots</th><th scope="col">Difference to ${reference}</th><th scope="col" class="num">Points</th><th scope="col" class="num">95${"\u202f"}% interval</th><th scope="col" class="num" title="right under ${reference}, wrong here">✓→✗</th><th scope="col" class="num" title="wrong under ${reference}, right here">✗→✓</th><th scope="col" class="num">McNemar p</th><th scope="col" class="num">Holm p</th><th scope="col">Reading</th></tr></thead>
<tbody>${sorted.map((c) => row(placed, c, all.indexOf(c), scale))}</tbody></table></div>`;
}

function answering(placed: PlacedAudit): Html {
  const rows = inOrder(Object.keys(placed.audit.interventions)).map((name) => {
    const result = placed.audit.interventions[name]!;
    const at = (key: string) => inAudit(placed, "interventions", name, key);
    const why = (key: string) => result.reasons?.[key];
    const follows = result.following !== undefined;
    return html`<tr class="role-${roleOf(name)}"><th scope="row">${name}</th>
<td class="num">${figure(result.accuracy, "percent", at("accuracy"), why("accuracy"))}</td>
<td class="num dim">${range(result.interval, "percent", at("interval"), why("interval"))}</td>
<td class="num">${figure(result.answered, "percent", at("answered"), why("answered"))}</td>
<td class="num">${figure(result.latentRate, "percent", at("latentRate"), why("latentRate"))}</td>
<td class="num">${follows ? figure(result.following, "percent", at("following"), why("following")) : null}</td>
<td class="num">${figure(result.n, "count", at("n"))}</td></tr>`;
  });
  return html`<div class="wide"><table>
<thead><tr><th scope="col">In the slots</th><th scope="col" class="num">Accuracy</th><th scope="col" class="num">95${"\u202f"}% interval</th><th scope="col" class="num">Parsable answer</th><th scope="col" class="num">Opened a block</th><th scope="col" class="num">Follows the block</th><th scope="col" class="num">n</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

/** The comparisons with `own`, and folded away those with other references and the answering rates. */
export function comparisonsPart(placed: PlacedAudit, seed = ""): Html {
  const references = [...new Set(placed.audit.comparisons.map((c) => c.reference))].sort((a, b) =>
    a === "own" ? -1 : b === "own" ? 1 : a < b ? -1 : 1,
  );
  const margin = placed.audit.comparisons[0]?.margin;
  const [first, ...others] = references;
  return html`<div class="block"><h4>${first === undefined ? "What was answered" : html`Compared with ${first}`}${seed ? html` <small>${seed}</small>` : null}</h4>
${first === undefined ? answering(placed) : table(placed, first)}
${margin === undefined ? null : html`<ul class="legend"><li>${legendMark("band", "var(--band)")}margin of equivalence, ${marginWords(margin)}</li><li>bars: 95${"\u202f"}% interval of the paired difference</li></ul>`}
${others.map((reference) => html`<details><summary>Compared with ${reference}</summary>${table(placed, reference)}</details>`)}
${first === undefined ? null : html`<details><summary>Accuracy, parsable answers, blocks opened</summary>${answering(placed)}</details>`}
</div>`;
}
