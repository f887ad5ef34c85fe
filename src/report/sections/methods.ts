/** Definitions of interventions and verdicts, methods, environment. */
import { type AuditResult, contentDummies, type Verdict } from "../../audit/index.ts";
import { legendMark } from "../charts/marks.ts";
import { type Html, html, prose, wideTable } from "../html.ts";
import { descriptionOf, inOrder, ROLE_MARKS, roleOf, VERDICTS } from "../labels.ts";
import type { Results } from "../study-types.ts";
import { verdictBadge } from "./badges.ts";

function interventions(used: readonly string[]): Html {
  const rows = inOrder([...new Set(used)]).map((name) => {
    const mark = ROLE_MARKS[roleOf(name)];
    return html`<tr><th scope="row">${legendMark(mark.symbol, mark.color)} ${name}</th><td>${prose(descriptionOf(name))}</td></tr>`;
  });
  return html`<h3>Interventions</h3>
<p>The model writes text, opens a latent block, and feeds its hidden states back as input embeddings. An audit decodes each question once up to the block, and continues from that state under every intervention. The text before the block and greedy decoding after it are the same for all of them.</p>
${wideTable(html`<table class="definitions"><tbody>${rows}</tbody></table>`)}
<p class="note">Content-free controls, on which the verdict rests: ${contentDummies.join(", ")}.</p>`;
}

function verdicts(): Html {
  const rows = (Object.keys(VERDICTS) as Verdict[]).map(
    (verdict) => html`<tr><th scope="row">${verdictBadge(verdict)}</th><td>${VERDICTS[verdict]}</td></tr>`,
  );
  return html`<h3>Verdicts</h3>${wideTable(html`<table class="definitions"><tbody>${rows}</tbody></table>`)}`;
}

function numbers(): Html {
  return html`<h3>Methods</h3>
<ul class="prose">
<li><b>Accuracy.</b> Share of questions that the model answers with the right option; an answer that cannot be parsed counts as wrong. Intervals are exact mid-p (Clopper–Pearson) intervals at 95${"\u202f"}%.</li>
<li><b>Comparisons</b> are paired by question: the same questions under both interventions. p is McNemar’s exact test on the questions whose correctness differs; the interval is that of the paired difference.</li>
<li><b>Correction.</b> Holm’s over the interventions that one audit compares with one reference. A difference is called “lower” or “higher” at a corrected p below 0.05.</li>
<li><b>Equivalence</b> is tested separately, by two one-sided tests against the margin that each table states. A difference that is not significant is “undecided”, not absent.</li>
<li><b>Verdicts</b> follow from these tests alone, at a family-wise level of 0.05; cosine, error and retrieval are not used.</li>
<li><b>Retrieval.</b> Each own latent ranks the oracles of the gallery by cosine; R@k is the share whose own oracle is among the first k.</li>
<li><b>A dash</b> (—) marks a number that could not be computed; hover over it for the reason. It never means zero.</li>
</ul>`;
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function environment(results: Results): Html {
  const entries = Object.entries({
    lintel: results.lintel,
    preset: results.preset,
    ...results.environment,
    ...(results.digest !== undefined && { digest: results.digest }),
  });
  return html`<h3>Environment</h3><dl class="environment">${entries.map(([key, value]) => html`<div><dt>${key}</dt><dd>${plain(value)}</dd></div>`)}</dl>`;
}

/**
 * The closing sections: definitions, methods, environment.
 *
 * @example
 * methodsSection({ lintel: "0.1.0", preset: "none", environment: {}, cells: [] }).markup.includes("Verdicts"); // true
 */
export function methodsSection(results: Results): Html {
  return html`<section id="methods"><h2>Definitions and methods</h2>${interventions(results.cells.flatMap((cell) => cell.audits.flatMap((audit) => Object.keys(audit.interventions))))}${verdicts()}${numbers()}</section>
<section id="environment"><h2>Run</h2>${environment(results)}</section>`;
}

/**
 * The same of one audit, which has no environment.
 *
 * @example
 * auditMethods({ interventions: {} }).markup.includes("Verdicts"); // true
 */
export const auditMethods = (audit: Pick<AuditResult, "interventions">): Html =>
  html`<section id="methods"><h2>Definitions and methods</h2>${interventions(Object.keys(audit.interventions))}${verdicts()}${numbers()}</section>`;
