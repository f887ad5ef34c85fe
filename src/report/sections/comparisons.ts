/** Paired comparisons as a table with a forest plot, and answering rates under each intervention. */
import type { Comparison } from "../../audit/index.ts";
import { type ForestScale, forestRow, forestScale, legendMark } from "../charts/marks.ts";
import { inAudit, type LocatedAudit } from "../groups.ts";
import { type Html, html, wideTable } from "../html.ts";
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
  return wideTable(html`<table class="comparisons">
<thead><tr><th scope="col">Intervention</th><th scope="col">Difference to ${reference}</th><th scope="col" class="num">Points</th><th scope="col" class="num">95${"\u202f"}% interval</th><th scope="col" class="num" title="right under ${reference}, wrong here">Right → wrong</th><th scope="col" class="num" title="wrong under ${reference}, right here">Wrong → right</th><th scope="col" class="num">McNemar p</th><th scope="col" class="num">Holm p</th><th scope="col">Result</th></tr></thead>
<tbody>${sorted.map((c) => row(placed, c, all.indexOf(c), scale))}</tbody></table>`);
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

/** The answers under each intervention, and how near they are to those under `own`; columns that say nothing are left out. */
function answering(placed: LocatedAudit): Html {
  const { comparisons, interventions } = placed.audit;
  const names = inOrder(Object.keys(interventions));
  const rate =
    (key: "accuracy" | "answered" | "latentRate" | "following") =>
    (name: string): Html | null => {
      const { [key]: value, reasons } = interventions[name]!;
      return value === undefined
        ? null
        : figure(value, "percent", inAudit(placed, "interventions", name, key), reasons?.[key]);
    };
  const near =
    (key: "agreement" | "kl" | "totalVariation", unit: Unit) =>
    (name: string): Html | null => {
      const at = comparisons.findIndex((c) => c.reference === "own" && c.intervention === name);
      const { [key]: value, reasons } = comparisons[at] ?? {};
      return at < 0 ? null : figure(value, unit, inAudit(placed, "comparisons", at, key), reasons?.[key]);
    };
  const place = (name: string, key: string) => inAudit(placed, "interventions", name, key);
  const interval = (name: string): Html =>
    range(
      interventions[name]!.interval,
      "percent",
      place(name, "interval"),
      interventions[name]!.reasons?.interval,
    );
  const all: [label: string, cell: (name: string) => Html | null, title?: string][] = [
    ["Accuracy", rate("accuracy")],
    ["95\u202f% interval", interval],
    ["Parsable answers", rate("answered"), "share of examples with a parsable answer"],
    ["Opened a block", rate("latentRate"), "share of examples in which the model opened a latent block"],
    [
      "Follows target",
      rate("following"),
      "share of answers that move to the option that the counterfactual block belongs to",
    ],
    ["Same as own", near("agreement", "percent"), "share of examples with the same answer as under own"],
    [
      "KL to own",
      near("kl", "decimal"),
      "mean Kullback–Leibler divergence of the options’ probabilities from those under own, in nats",
    ],
    [
      "TV to own",
      near("totalVariation", "decimal"),
      "mean total variation of the options’ probabilities from those under own",
    ],
    ["n", (name) => figure(interventions[name]!.n, "count", place(name, "n"))],
  ];
  const columns = all.filter(([, cell]) => names.some((name) => cell(name) !== null));
  const rows = names.map(
    (name) => html`<tr class="role-${roleOf(name)}"><th scope="row">${name}</th>
${columns.map(([, cell]) => html`<td class="num${cell === interval ? " dim" : ""}">${cell(name)}</td>`)}</tr>`,
  );
  return html`${wideTable(html`<table>
<thead><tr><th scope="col">Intervention</th>${columns.map(([label, , title]) => html`<th scope="col" class="num"${title ? html` title="${title}"` : null}>${label}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table>`)}${balance(placed)}`;
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
