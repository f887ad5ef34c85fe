/** Accuracies by attribute of the examples. */
import { inAudit, type LocatedAudit } from "../groups.ts";
import { type Html, html, wideTable } from "../html.ts";
import { inOrder } from "../labels.ts";
import { figure } from "../numbers.ts";

/**
 * The section of an audit's slices: a table for each attribute.
 *
 * @example
 * slicesSection({ audit: { slices: {}, interventions: {} } }).markup.includes("Slices"); // true
 */
export function slicesSection(placed: LocatedAudit): Html {
  const { slices = {}, interventions } = placed.audit;
  const names = inOrder(Object.keys(interventions));
  const tables = Object.entries(slices).map(([attribute, parts]) => {
    const rows = Object.entries(parts).map(([value, row]) => {
      const cells = names.map((name) => {
        const at = inAudit(placed, "slices", attribute, value, name, "accuracy");
        return html`<td class="num">${row[name] ? figure(row[name].accuracy, "percent", at) : null}</td>`;
      });
      const [first] = names.filter((name) => row[name]);
      const n = first === undefined ? null : row[first]!.n;
      return html`<tr><th scope="row">${value}</th>${cells}<td class="num">${first === undefined ? null : figure(n, "count", inAudit(placed, "slices", attribute, value, first, "n"))}</td></tr>`;
    });
    return wideTable(
      html`<table><caption>${attribute}</caption><thead><tr><td></td>${names.map((name) => html`<th scope="col" class="num">${name}</th>`)}<th scope="col" class="num">n</th></tr></thead><tbody>${rows}</tbody></table>`,
    );
  });
  return html`<section id="slices"><h2>Slices</h2>${tables}</section>`;
}
