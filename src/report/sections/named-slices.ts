/** Accuracies and paired differences on the slices that `--slice` named. */
import { inAudit, type LocatedAudit } from "../groups.ts";
import { type Html, html, wideTable } from "../html.ts";
import { inOrder, roleOf } from "../labels.ts";
import { figure, range } from "../numbers.ts";

/**
 * The section of named slices: a table for each.
 *
 * @example
 * namedSlicesSection({ audit: { namedSlices: {} } }).markup.includes("Named slices"); // true
 */
export function namedSlicesSection(placed: LocatedAudit): Html {
  const tables = Object.entries(placed.audit.namedSlices ?? {}).map(([slice, found]) => {
    const at = (...path: (string | number)[]) => inAudit(placed, "namedSlices", slice, ...path);
    const rows = inOrder(Object.keys(found.interventions)).map((name) => {
      const index = found.comparisons.findIndex(
        (each) => each.intervention === name && each.reference === "own",
      );
      const row = found.comparisons[index];
      const of = (key: string) => at("comparisons", index, key);
      return html`<tr class="role-${roleOf(name)}"><th scope="row">${name}</th><td class="num">${figure(found.interventions[name]!.accuracy, "percent", at("interventions", name, "accuracy"))}</td>${
        row
          ? html`<td class="num">${figure(row.difference, "points", of("difference"), row.reasons?.difference)}</td><td class="num dim">${range(row.interval, "points", of("interval"), row.reasons?.interval)}</td><td class="num">${figure(row.holmP, "p", of("holmP"), row.reasons?.holmP)}</td>`
          : html`<td></td><td></td><td></td>`
      }</tr>`;
    });
    return html`<h3>${slice} <small>${figure(found.n, "count", at("n"))} examples</small></h3>${wideTable(html`<table><thead><tr><th scope="col">Intervention</th><th scope="col" class="num">Accuracy</th><th scope="col" class="num">Points to own</th><th scope="col" class="num">95${"\u202f"}% interval</th><th scope="col" class="num">Holm p</th></tr></thead><tbody>${rows}</tbody></table>`)}`;
  });
  return html`<section id="named-slices"><h2>Named slices</h2>${tables}</section>`;
}
