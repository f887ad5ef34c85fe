/** Every figure of a page as SVG, with its data as CSV: what is in both is what the page shows. */
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { csvLine, writeFileAtomic } from "../formats/index.ts";
import { STYLE } from "./style.ts";

/** The light palette, and the type of the page: an SVG alone has no style sheet. */
const palette = /:root \{[^}]*\}/.exec(STYLE)![0].replace(":root", "svg");
const style = `${palette} svg { font: 12px sans-serif; background: #fff; color: var(--ink); } text { white-space: pre; }`;

/** A figure of a page. */
interface ExportedFigure {
  id: string;
  svg: string;
  /** Rows of its data, names of columns first; null where the page has none. */
  data: string[][] | null;
}

/**
 * The figures of a page by their ids.
 *
 * @example
 * figuresIn("<p>none</p>"); // []
 */
export function figuresIn(page: string): ExportedFigure[] {
  const { document } = parseHTML(page);
  return [...document.querySelectorAll("svg.plot")]
    .filter((svg) => !svg.closest(".narrow"))
    .map((svg) => {
      const id = (svg.getAttribute("aria-labelledby") ?? "").split(" ")[0]!.replace(/-title$/, "");
      const table = document.querySelector(`table[data-figure="${id}"]`);
      const data = table
        ? [...table.querySelectorAll("tr")].map((row) =>
            [...row.querySelectorAll("th, td")].map((cell) => cell.textContent ?? ""),
          )
        : null;
      svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
      const text = svg.outerHTML.replace(/^(<svg[^>]*>)/, (open: string) => `${open}<style>${style}</style>`);
      return { id, svg: text, data };
    });
}

/**
 * Writes `ID.svg` and `ID.csv` for every figure of a page into a directory; answers the ids.
 *
 * Errors: "output".
 */
export async function writeFigures(page: string, directory: string): Promise<string[]> {
  const figures = figuresIn(page);
  for (const { id, svg, data } of figures) {
    await writeFileAtomic(join(directory, `${id}.svg`), svg);
    if (data) await writeFileAtomic(join(directory, `${id}.csv`), data.map((row) => csvLine(row)).join(""));
  }
  return figures.map(({ id }) => id);
}
