/** Verdict badges, legends and labels that several sections share. */
import { type AuditResult, chanceNote, type Verdict } from "../../audit/index.ts";
import { legendMark } from "../charts/marks.ts";
import { type Evaluation, type Group, inAudit } from "../groups.ts";
import { type Html, html, raw, slug } from "../html.ts";
import { ROLE_MARKS, type Role, VERDICTS } from "../labels.ts";
import { figure } from "../numbers.ts";

/** One symbol per verdict: a beam that is loaded, missing, bypassed or in question. */
const BEAMS: Record<Verdict, string> = {
  "load-bearing": `<path d="M10 0v2.6M8.2 1.2L10 3l1.8-1.8" fill="none" stroke="currentColor" stroke-width="1.2"/><path d="M1 4h18v2.6H1zM3 6.6h2.4V14H3zM14.6 6.6H17V14h-2.4z" fill="currentColor"/>`,
  starved: `<path d="M1.6 4.6h16.8v1.6H1.6z" fill="none" stroke="currentColor" stroke-width="1.1" stroke-dasharray="2 1.6"/><path d="M3 7.4h2.4V14H3zM14.6 7.4H17V14h-2.4z" fill="currentColor"/>`,
  bypassed: `<path d="M3 5.4h14V14h-2.4V7.6H5.4V14H3z" fill="currentColor"/><path d="M1.6 .8l16.8 1.4-.1 1.5L1.5 2.3z" fill="currentColor" opacity=".55"/>`,
  "no-latents": `<path d="M3.5 3v11M16.5 3v11" stroke="currentColor" stroke-width="1.1"/>`,
  inconclusive: `<path d="M1.6 4.6h16.8v1.8H1.6z" fill="none" stroke="currentColor" stroke-width="1.1"/><path d="M3.5 7v7M16.5 7v7" stroke="currentColor" stroke-width="1.1"/>`,
};

/**
 * The symbols that badges refer to; included once per page.
 *
 * @example
 * beamSymbols().markup.includes('id="beam-starved"'); // true
 */
export function beamSymbols(): Html {
  const symbols = Object.entries(BEAMS).map(
    ([verdict, shapes]) => `<symbol id="beam-${verdict}" viewBox="0 0 20 14">${shapes}</symbol>`,
  );
  return raw(`<svg class="symbols" width="0" height="0" aria-hidden="true">${symbols.join("")}</svg>`);
}

/**
 * The badge of a verdict; `note` follows it, such as "2 of 3 seeds".
 *
 * @example
 * verdictBadge("starved").markup.includes("starved"); // true
 */
export function verdictBadge(verdict: Verdict, note?: string): Html {
  return html`<span class="verdict ${verdict}" title="${VERDICTS[verdict]}"><svg width="20" height="14" aria-hidden="true"><use href="#beam-${verdict}"/></svg>${verdict}${note ? html` <small>${note}</small>` : null}</span>`;
}

/**
 * The badge of one audit's verdict.
 *
 * @example
 * auditBadge({ verdict: "bypassed", atChance: true }).markup.includes("at chance"); // true
 */
export const auditBadge = (audit: Pick<AuditResult, "verdict" | "atChance"> & Partial<AuditResult>): Html =>
  verdictBadge(audit.verdict, chanceNote(audit));

/**
 * How own latents stand to chance in all audits of an evaluation that have a verdict; undefined where one beats it.
 *
 * @example
 * chanceOfAll({ seeds: [{ audit: { verdict: "starved" } }] }, "starved"); // undefined
 */
export function chanceOfAll(evaluation: Evaluation, verdict: Verdict): string | undefined {
  const notes = evaluation.seeds
    .filter(({ audit }) => audit.verdict === verdict)
    .map(({ audit }) => chanceNote(audit));
  return notes.every((note) => note === notes[0])
    ? notes[0]
    : notes.includes(undefined)
      ? undefined
      : "at chance";
}

/**
 * Verdicts with the number of seeds that have each, the commonest first.
 *
 * @example
 * verdictCounts({ seeds: [{ audit: { verdict: "starved" } }] }); // [["starved", 1]]
 */
export function verdictCounts(evaluation: Evaluation): [Verdict, number][] {
  const counts = new Map<Verdict, number>();
  for (const { audit } of evaluation.seeds) counts.set(audit.verdict, (counts.get(audit.verdict) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

/**
 * The badges of an evaluation: one where its seeds agree, else one per verdict with its share of seeds.
 *
 * @example
 * verdictBadges({ seeds: [{ audit: { verdict: "starved" } }] }).markup.includes("starved"); // true
 */
export function verdictBadges(evaluation: Evaluation): Html {
  const counts = verdictCounts(evaluation);
  const seeds = evaluation.seeds.length;
  const note = (count: number): string | undefined =>
    seeds === 1 ? undefined : count === seeds ? `all ${seeds} seeds` : `${count} of ${seeds} seeds`;
  return html`${counts.map(([verdict, count]) => {
    const notes = [chanceOfAll(evaluation, verdict), note(count)];
    return verdictBadge(verdict, notes.filter((each) => each !== undefined).join(", ") || undefined);
  })}`;
}

/**
 * The anchor of a group's section.
 *
 * @example
 * anchor({ task: "tetris", recipe: "joint" }, 0); // "cell-0-tetris-joint"
 */
export function anchor(group: Group, index: number): string {
  return slug("cell", String(index), group.task, group.recipe);
}

/**
 * What an evaluation is called: its split, and its task where it is another than the model was trained on.
 *
 * @example
 * evaluationName({ task: "tetris", split: "eval", foreign: false }).markup; // "eval"
 */
export function evaluationName(evaluation: Evaluation): Html {
  return evaluation.foreign
    ? html`tested on <b>${evaluation.task}</b>, ${evaluation.split}`
    : html`${evaluation.split}`;
}

/**
 * Questions and chance of an evaluation, in words.
 *
 * @example
 * evaluationSize({ seeds: [{ member: { index: 0 }, index: 0, audit: { n: 300, chance: 0.25 } }] }).markup; // '<data value="300"…'
 */
export function evaluationSize(evaluation: Evaluation): Html {
  const first = evaluation.seeds[0]!;
  const at = (key: string) => inAudit(first, key);
  return html`${figure(first.audit.n, "count", at("n"))} questions, chance ${figure(first.audit.chance, "percent", at("chance"))}`;
}

/**
 * A legend of roles, drawn with the marks of the charts.
 *
 * @example
 * legend(["own", "oracle"]).markup.includes("oracle"); // true
 */
export function legend(roles: readonly Role[], extra: readonly Html[] = []): Html {
  const items = roles.map(
    (role) =>
      html`<li>${legendMark(ROLE_MARKS[role].symbol, ROLE_MARKS[role].color)}${ROLE_MARKS[role].label}</li>`,
  );
  return html`<ul class="legend">${items}${extra}</ul>`;
}
