/** The claims of the papers, each with what this run says of it. */
import type { Finding } from "../contract.ts";
import { type Html, html } from "../html.ts";

/**
 * Sign and words of a finding's state; the sign is not the only carrier, and neither is the colour.
 *
 * @example
 * holdsWords(null).words; // "not measured"
 */
export function holdsWords(holds: boolean | null): { sign: string; words: string; kind: string } {
  if (holds === null) return { sign: "–", words: "not measured", kind: "unmeasured" };
  return holds
    ? { sign: "✓", words: "holds", kind: "holds" }
    : { sign: "✗", words: "does not hold", kind: "fails" };
}

function pill(holds: boolean | null): Html {
  const { sign, words, kind } = holdsWords(holds);
  return html`<span class="pill ${kind}"><span aria-hidden="true">${sign}</span> ${words}</span>`;
}

function seedList(finding: Finding): Html | null {
  if (!finding.seeds || finding.seeds.length < 2) return null;
  const items = finding.seeds.map(({ seed, holds, evidence }) => {
    const { sign, words, kind } = holdsWords(holds);
    return html`<li><span class="sign ${kind}" title="${words}" role="img" aria-label="${words}">${sign}</span> <b>seed ${String(seed)}</b> ${evidence}</li>`;
  });
  const signs = finding.seeds.map(({ seed, holds }) => {
    const { sign, words, kind } = holdsWords(holds);
    return html`<span class="sign ${kind}" title="${`seed ${seed}: ${words}`}">${sign}</span>`;
  });
  return html`<details class="seeds"><summary>Seed by seed <span class="signs">${signs}</span></summary><ul>${items}</ul></details>`;
}

/**
 * The findings section: claim, source, whether it holds, evidence, seed by seed where there are several.
 *
 * @example
 * findingsPart([]).markup.includes("No claims"); // true
 */
export function findingsPart(findings: readonly Finding[]): Html {
  const items = findings.map(
    (finding) => html`<li class="finding ${holdsWords(finding.holds).kind}">
<span class="id">${finding.id}</span>
<div><p class="claim">${finding.claim}</p>
<p class="evidence">${finding.evidence}</p>
<p class="source">${finding.source}</p>
${seedList(finding)}</div>
${pill(finding.holds)}
</li>`,
  );
  const body =
    items.length > 0
      ? html`<ol class="findings">${items}</ol>`
      : html`<p class="note">No claims were examined in this run.</p>`;
  return html`<section id="findings"><h2>Findings</h2>${body}</section>`;
}
