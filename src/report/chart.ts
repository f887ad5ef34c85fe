/**
 * Data and options in, one SVG string out: Observable Plot drawn into a document of linkedom, then made fit for a page
 * that allows no inline style: Plot's style sheet is dropped (the page has its rules once), title and description added.
 */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { escapeText } from "./html.ts";

export interface ChartText {
  /** Unique on the page; letters, digits, hyphens. */
  id: string;
  title: string;
  /** What the chart shows, in words, for those who do not see it. */
  description: string;
}

/**
 * Text marks that show a number of `results.json` pass this as their aria-label; it becomes data attributes.
 *
 * @example
 * tag(0.25, "percent", "#/cells/0/audits/0/chance"); // "lintel|0.25|percent|#/cells/0/audits/0/chance"
 */
export function tag(value: number | readonly [number, number], unit: string, at: string): string {
  return ["lintel", Array.isArray(value) ? value.join("/") : String(value), unit, at].join("|");
}

/**
 * Draws a plot.
 *
 * @example
 * chart({ width: 100, height: 40, marks: [] }, { id: "empty", title: "Empty", description: "Nothing" }).slice(0, 4); // "<svg"
 */
export function chart(options: Plot.PlotOptions, text: ChartText): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({ ...options, document: document as unknown as Plot.PlotOptions["document"] });
  svg.querySelector("style")?.remove();
  for (const node of svg.querySelectorAll("[aria-label]")) {
    const label = node.getAttribute("aria-label") ?? "";
    node.removeAttribute("aria-label");
    if (!label.startsWith("lintel|")) continue;
    const [, value, unit, at] = label.split("|");
    node.setAttribute("data-value", value!);
    node.setAttribute("data-unit", unit!);
    if (value!.includes("/")) node.setAttribute("data-range", "");
    node.setAttribute("data-at", at!);
  }
  svg.removeAttribute("font-family");
  svg.setAttribute("class", "plot");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-labelledby", `${text.id}-title ${text.id}-desc`);
  const head =
    `<title id="${text.id}-title">${escapeText(text.title)}</title>` +
    `<desc id="${text.id}-desc">${escapeText(text.description)}</desc>`;
  return svg.outerHTML.replace(/^(<svg[^>]*>)/, (open: string) => open + head);
}
