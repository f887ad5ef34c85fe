/** Findings: each claim of the papers with its state in this run. */
import { type State, stateOf, typeset } from "../../statistics/index.ts";
import { type Html, html, prose } from "../html.ts";
import type { Finding } from "../study-types.ts";

/**
 * Sign, words and class of a finding's state: neither the sign nor the color is the only carrier.
 *
 * @example
 * stateWords({ holds: null, state: "undecided" }).words; // "undecided"
 */
export function stateWords(finding: { holds: boolean | null; state?: State | undefined }): {
  sign: string;
  words: string;
  kind: string;
} {
  return STATES[stateOf(finding)];
}

/** Signs, words and classes of the four states. */
const STATES = {
  holds: { sign: "✓", words: "holds", kind: "holds" },
  refuted: { sign: "✗", words: "refuted", kind: "fails" },
  undecided: { sign: "?", words: "undecided", kind: "undecided" },
  "not run": { sign: "–", words: "not run", kind: "unmeasured" },
} as const satisfies Record<State, { sign: string; words: string; kind: string }>;

function pill(finding: Finding): Html {
  const { sign, words, kind } = stateWords(finding);
  return html`<span class="pill ${kind}"><span aria-hidden="true">${sign}</span> ${words}</span>`;
}

function seedList(finding: Finding): Html | null {
  if (!finding.seeds || finding.seeds.length < 2) return null;
  const items = finding.seeds.map((each) => {
    const { sign, words, kind } = stateWords(each);
    return html`<li><span class="sign ${kind}" title="${words}" role="img" aria-label="${words}">${sign}</span> <b>seed ${String(each.seed)}</b> ${prose(typeset(each.evidence))}</li>`;
  });
  const signs = finding.seeds.map((each) => {
    const { sign, words, kind } = stateWords(each);
    return html`<span class="sign ${kind}" title="${`seed ${each.seed}: ${words}`}">${sign}</span>`;
  });
  return html`<details class="seeds"><summary>Seed by seed <span class="signs">${signs}</span></summary><ul>${items}</ul></details>`;
}

/**
 * The findings section: claim, source, whether it holds, evidence, seed by seed where there are several.
 *
 * @example
 * findingsSection([]).markup.includes("No claims"); // true
 */
export function findingsSection(findings: readonly Finding[]): Html {
  const items = findings.map(
    (finding) => html`<li class="finding ${stateWords(finding).kind}">
<span class="id">${finding.id}</span>
<div><p class="claim">${prose(typeset(finding.claim))}</p>
<p class="evidence">${prose(typeset(finding.evidence))}</p>
<p class="source">${finding.source}</p>
${seedList(finding)}</div>
${pill(finding)}
</li>`,
  );
  const body =
    items.length > 0
      ? html`<ol class="findings">${items}</ol>`
      : html`<p class="note">No claims were examined in this run.</p>`;
  return html`<section id="findings"><h2>Findings</h2>${body}</section>`;
}
