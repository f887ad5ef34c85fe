/** What the words mean, how the numbers were made, and on what. */
import { contentDummies, type Verdict } from "../../audit/index.ts";
import { legendMark } from "../charts/marks.ts";
import { type Html, html } from "../html.ts";
import { INTERVENTIONS, inOrder, ROLE_MARKS, roleOf, VERDICTS } from "../labels.ts";
import type { Results } from "../study-types.ts";
import { verdictBadge } from "./badges.ts";

function interventions(results: Results): Html {
  const used = new Set(
    results.cells.flatMap((cell) => cell.audits.flatMap((audit) => Object.keys(audit.interventions))),
  );
  const rows = inOrder([...used]).map((name) => {
    const mark = ROLE_MARKS[roleOf(name)];
    const holds = Object.hasOwn(INTERVENTIONS, name)
      ? INTERVENTIONS[name]!.holds
      : "not described here; see the study’s configuration";
    return html`<tr><th scope="row">${legendMark(mark.symbol, mark.color)} ${name}</th><td>${holds}</td></tr>`;
  });
  return html`<h3>What stands in the slots</h3>
<p>A model writes some text, opens a latent block, and then feeds its own hidden states back instead of words. An audit decodes each question once up to the block and continues from that one state with something else in the slots. Everything before the block, and greedy decoding after it, is the same.</p>
<div class="wide"><table class="definitions"><tbody>${rows}</tbody></table></div>
<p class="note">Content dummies, which say nothing about the example: ${contentDummies.join(", ")}.</p>`;
}

function verdicts(): Html {
  const rows = (Object.keys(VERDICTS) as Verdict[]).map(
    (verdict) => html`<tr><th scope="row">${verdictBadge(verdict)}</th><td>${VERDICTS[verdict]}</td></tr>`,
  );
  return html`<h3>Verdicts</h3><div class="wide"><table class="definitions"><tbody>${rows}</tbody></table></div>`;
}

function numbers(): Html {
  return html`<h3>How the numbers were made</h3>
<ul class="prose">
<li><b>Accuracy.</b> Share of questions whose right option the model named; an answer that cannot be parsed is wrong. Intervals are exact mid-p (Clopper–Pearson) intervals at 95${"\u202f"}%.</li>
<li><b>Comparisons</b> are paired by question: the same questions under both interventions. p is McNemar’s exact test on the questions whose correctness differs; the interval is that of the paired difference.</li>
<li><b>Correction.</b> Holm’s over the interventions that one audit compares with one reference. “Lower” and “higher” are said at a corrected p below 0.05.</li>
<li><b>Equivalence</b> is a claim of its own: two one-sided tests against the margin that each table states. A difference that is not significant is “undecided”, not absent.</li>
<li><b>Verdicts</b> follow from these tests alone, at a family-wise level of 0.05; cosine, error and retrieval take no part.</li>
<li><b>Retrieval.</b> Each own latent ranks the oracles of the gallery by cosine; R@k is the share whose own oracle is among the first k.</li>
<li><b>A dash</b> (—) stands for a number that could not be computed; its reason appears when the pointer rests on it. It is never zero.</li>
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
  return html`<section id="methods"><h2>Definitions and methods</h2>${interventions(results)}${verdicts()}${numbers()}</section>
<section id="environment"><h2>Run</h2>${environment(results)}</section>`;
}
