/** The frame of every page: one style sheet, and a policy that blocks all external content. */
import { createHash } from "node:crypto";
import { type Html, html, raw } from "./html.ts";
import { STYLE } from "./style.ts";

/** Only the one style sheet, known by its hash, and images in the page itself; no script, no network, no forms. */
function policy(): string {
  const hash = createHash("sha256").update(STYLE).digest("base64");
  return `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

interface PageShell {
  title: string;
  /** Version of Lintel. */
  lintel: string;
  /** Symbols that the content refers to. */
  symbols?: Html;
  /** Below the color switch. */
  header: Html;
  main: Html;
  /** Seconds after which a browser loads the page again. */
  refresh?: number;
}

/**
 * A whole page that needs no network, no script and no other file.
 *
 * @example
 * htmlShell({ title: "t", lintel: "0.1.0", header: { markup: "<h1>t</h1>" }, main: { markup: "" } }).slice(0, 15); // "<!doctype html>"
 */
export function htmlShell({ title, lintel, symbols, header, main, refresh }: PageShell): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(policy())}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="${`Lintel ${lintel}`}">
${refresh === undefined ? null : html`<meta http-equiv="refresh" content="${String(refresh)}">`}<title>${`Lintel: ${title}`}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
${symbols}
<header class="top">
<fieldset class="theme"><legend>Colors</legend><label><input type="radio" name="theme" id="theme-auto" checked>auto</label><label><input type="radio" name="theme" id="theme-light">light</label><label><input type="radio" name="theme" id="theme-dark">dark</label></fieldset>
${header}
</header>
<main>
${main}
</main>
</body>
</html>
`.markup;
}
