/** Paired comparisons as a table with a forest plot, and answering rates under each intervention. */
import type { Comparison } from "../../audit/index.ts";
import { type ForestScale, forestRow, forestScale, legendMark } from "../charts/marks.ts";
import { inAudit, type LocatedAudit } from "../groups.ts";
import { type Html, html } from "../html.ts";
import { inOrder, roleOf } from "../labels.ts";
import { DASH, figure, format, range, type Unit } from "../numbers.ts";

/** Family-wise level of the tests. */
const ALPHA = 0.05;

/**
 * Text of a margin given as a share.
 *
 * @example
 * marginWords(0.02); // "±2 points"
 */
export function marginWords(margin: number): string {
  return `±${format(margin, "percent", true).replace(/\.0$/, "")} points`;
}

/**
 * Result of a comparison in words: "no effect" only where equivalence was shown. A difference that is merely not
 * significant is undecided.
 *
 * @example
 * reading({ equivalent: false, holmP: 0.3, difference: -0.01, margin: 0.02 }).markup.includes("undecided"); // true
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

function row(placed: LocatedAudit, comparison: Comparison, index: number, scale: ForestScale): Html {
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

function table(placed: LocatedAudit, reference: string): Html | null {
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
<thead><tr><th scope="col">Intervention</th><th scope="col">Difference to ${reference}</th><th scope="col" class="num">Points</th><th scope="col" class="num">95${"\u202f"}% interval</th><th scope="col" class="num" title="right under ${reference}, wrong here">Right → wrong</th><th scope="col" class="num" title="wrong under ${reference}, right here">Wrong → right</th><th scope="col" class="num">McNemar p</th><th scope="col" class="num">Holm p</th><th scope="col">Result</th></tr></thead>
<tbody>${sorted.map((c) => row(placed, c, all.indexOf(c), scale))}</tbody></table></div>`;
}

/** How often each option is right: the accuracy of a model that always gives the same answer. */
function balance(placed: LocatedAudit): Html | null {
  const { balance: found } = placed.audit;
  if (!found) return null;
  const counts = found.counts.map(
    (n, i) => html`${i > 0 ? ", " : null}${figure(n, "count", inAudit(placed, "balance", "counts", i))}`,
  );
  return html`<p class="note">The options, in their order, are right ${counts} times (χ² test of an even split: p ${figure(found.p, "p", inAudit(placed, "balance", "p"), found.reason)}).</p>`;
}

/** Agreement and divergence from `own`, where the intervention was compared with it. */
function nearness(placed: LocatedAudit, name: string): Html {
  const index = placed.audit.comparisons.findIndex((c) => c.reference === "own" && c.intervention === name);
  const comparison = placed.audit.comparisons[index];
  if (!comparison) return html`<td></td><td></td><td></td>`;
  const cell = (key: "agreement" | "kl" | "totalVariation", unit: Unit): Html =>
    html`<td class="num">${figure(comparison[key], unit, inAudit(placed, "comparisons", index, key), comparison.reasons?.[key])}</td>`;
  return html`${cell("agreement", "percent")}${cell("kl", "decimal")}${cell("totalVariation", "decimal")}`;
}

function answering(placed: LocatedAudit): Html {
  const rows = inOrder(Object.keys(placed.audit.interventions)).map((name) => {
    const result = placed.audit.interventions[name]!;
    const cell = (key: "accuracy" | "answered" | "latentRate" | "following"): Html =>
      figure(result[key], "percent", inAudit(placed, "interventions", name, key), result.reasons?.[key]);
    return html`<tr class="role-${roleOf(name)}"><th scope="row">${name}</th>
<td class="num">${cell("accuracy")}</td>
<td class="num dim">${range(result.interval, "percent", inAudit(placed, "interventions", name, "interval"), result.reasons?.interval)}</td>
<td class="num">${cell("answered")}</td>
<td class="num">${cell("latentRate")}</td>
<td class="num">${result.following === undefined ? null : cell("following")}</td>
${nearness(placed, name)}
<td class="num">${figure(result.n, "count", inAudit(placed, "interventions", name, "n"))}</td></tr>`;
  });
  return html`<div class="wide"><table>
<thead><tr><th scope="col">Intervention</th><th scope="col" class="num">Accuracy</th><th scope="col" class="num">95${"\u202f"}% interval</th><th scope="col" class="num" title="share of examples with a parsable answer">Parsable answers</th><th scope="col" class="num" title="share of examples in which the model opened a latent block">Opened a block</th><th scope="col" class="num" title="share of answers that move to the option that the counterfactual block belongs to">Follows target</th><th scope="col" class="num" title="share of examples with the same answer as under own">Same as own</th><th scope="col" class="num" title="mean Kullback–Leibler divergence of the options’ probabilities from those under own, in nats">KL to own</th><th scope="col" class="num" title="mean total variation of the options’ probabilities from those under own">TV to own</th><th scope="col" class="num">n</th></tr></thead>
<tbody>${rows}</tbody></table></div>${balance(placed)}`;
}

/** The comparisons with `own`, and folded away those with other references and the answering rates. */
export function comparisonsSection(placed: LocatedAudit, seed = ""): Html {
  const references = [...new Set(placed.audit.comparisons.map((c) => c.reference))].sort((a, b) =>
    a === "own" ? -1 : b === "own" ? 1 : a < b ? -1 : 1,
  );
  const margin = placed.audit.comparisons[0]?.margin;
  const [first, ...others] = references;
  return html`<div class="block"><h4>${first === undefined ? "Answers" : html`Compared with ${first}`}${seed ? html` <small>${seed}</small>` : null}</h4>
${first === undefined ? answering(placed) : table(placed, first)}
${margin === undefined ? null : html`<ul class="legend"><li>${legendMark("band", "var(--band)")}margin of equivalence, ${marginWords(margin)}</li><li>bars: 95${"\u202f"}% interval of the paired difference</li></ul>`}
${others.map((reference) => html`<details><summary>Compared with ${reference}</summary>${table(placed, reference)}</details>`)}
${first === undefined ? null : html`<details><summary>Accuracies, parsable answers, blocks opened, agreement with own</summary>${answering(placed)}</details>`}
</div>`;
}
