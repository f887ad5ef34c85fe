/** The table behind a chart: folded, and what the export writes as CSV. */
import { type Html, html } from "../html.ts";

/** A value of the table as text: five significant digits, which is more than a chart shows. */
const cell = (value: string | number | null): string =>
  value === null ? "" : typeof value === "string" ? value : String(Number(value.toPrecision(5)));

/**
 * The folded table of a figure.
 *
 * @param id - Of the chart (`ChartText.id`).
 *
 * @example
 * figureData("loss", ["step", "text"], [[1, 0.123456]]).markup.includes("<td>0.12346</td>"); // true
 */
export const figureData = (
  id: string,
  columns: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): Html =>
  html`<details class="data"><summary>Data of this figure</summary><div class="wide"><table data-figure="${id}"><thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map((value) => html`<td>${cell(value)}</td>`)}</tr>`)}</tbody></table></div></details>`;
