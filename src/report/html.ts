/**
 * HTML as values. Interpolated text is escaped unless it is itself HTML, so text from data cannot become markup.
 * Numbers are not accepted: a number on the page goes through `numbers.ts`, which records its source.
 */
export interface Html {
  readonly markup: string;
}

type HtmlContent = Html | string | null | undefined | false | readonly HtmlContent[];

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/**
 * Text made safe for element content and for quoted attributes. NUL and lone surrogates, which no HTML file can hold,
 * become U+FFFD; other control characters that HTML forbids likewise.
 *
 * @example
 * escapeText(`<img src=x onerror="f()">`); // "&lt;img src=x onerror=&quot;f()&quot;&gt;"
 */
export function escapeText(text: string): string {
  return (
    text
      .replace(/\p{Surrogate}/gu, "\ufffd")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are forbidden in HTML
      .replace(/[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f]/g, "\ufffd")
      .replace(/[&<>"'`]/g, (c) => ENTITIES[c]!)
  );
}

/**
 * Marks a string as HTML that is already safe: charts, style sheets and other generated text, never data.
 *
 * @example
 * raw("<br>").markup; // "<br>"
 */
export function raw(markup: string): Html {
  return { markup };
}

function flatten(part: HtmlContent): string {
  if (part === null || part === undefined || part === false) return "";
  if (typeof part === "string") return escapeText(part);
  if ("markup" in part) return part.markup;
  return part.map(flatten).join("");
}

/** Template tag: literal parts are kept, interpolated strings escaped, lists joined, null and false left out. */
export function html(literals: TemplateStringsArray, ...parts: HtmlContent[]): Html {
  let markup = literals[0]!;
  for (let i = 0; i < parts.length; i++) markup += flatten(parts[i]) + literals[i + 1]!;
  return { markup };
}

/**
 * An identifier for `id` and `href`: letters, digits and hyphens of the text, lower case.
 *
 * @example
 * slug("cell", "tetris/joint/0"); // "cell-tetris-joint-0"
 */
export function slug(...texts: string[]): string {
  return texts
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/**
 * Text in which commands and names have backticks around them: these become code.
 *
 * @example
 * prose("run `lintel study`").markup; // "run <code>lintel study</code>"
 */
export function prose(text: string): Html {
  // Names and options alone: texts of a dataset may have backticks of any kind.
  const parts = text.split(/`([\w .,:/@()=+-]+)`/);
  return html`${parts.map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

/**
 * A table of many columns. On a narrow screen its rows become cards of named values, for which each cell carries the name
 * of its column.
 *
 * @example
 * const table = html`<table><thead><tr><td></td><th>n</th></tr></thead><tbody><tr><th>own</th><td>60</td></tr></tbody></table>`;
 * wideTable(table).markup.includes('<td data-label="n">60'); // true
 */
export function wideTable({ markup }: Html): Html {
  const [before, head = "", body = ""] = markup.split(/(?<=<thead>)|(?<=<\/thead>)/);
  const columns = [...head.matchAll(/<t[hd]\b[^>]*>(.*?)<\/t[hd]>/gs)].map(([, name]) =>
    name!.replace(/<[^>]*>/g, ""),
  );
  const labeled = body.replace(/<tr\b.*?<\/tr>/gs, (row) => {
    let at = 0;
    return row.replace(/<t[hd]\b/g, (cell) => {
      const name = columns[at++];
      return name ? `${cell} data-label="${name}"` : cell;
    });
  });
  return raw(`<div class="wide">${before}${head}${labeled}</div>`);
}
