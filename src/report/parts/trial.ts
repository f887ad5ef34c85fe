/** One model on one split: what it answers with each block in its slots, and where its latents lie, seed by seed. */
import { accuracyChart } from "../charts/accuracy.ts";
import { legendMark } from "../charts/marks.ts";
import type { Detail } from "../detail.ts";
import { interventionsOf, measured, type PlacedAudit, type Trial } from "../groups.ts";
import { type Html, html, raw } from "../html.ts";
import type { AuditMaterial, Material } from "../material.ts";
import { spread } from "../numbers.ts";
import { roleOf } from "../vocabulary.ts";
import { comparisonsPart } from "./comparisons.ts";
import { examplesPart } from "./examples.ts";
import { geometryPart } from "./geometry.ts";
import { auditBadge, legend, trialName, trialSize, verdictBadges } from "./small.ts";

/** What parts of a trial are made from, besides the trial. */
export interface Making {
  material: Material;
  detail: Detail;
  /** Prefix of the anchors and chart names of this trial. */
  id: string;
}

/**
 * What was gathered for an audit.
 *
 * @example
 * gathered({ material: { cells: [{ audits: ["a"] }] } }, { member: { index: 0 }, index: 0 }); // "a"
 */
export function gathered({ material }: Making, placed: PlacedAudit): AuditMaterial {
  return material.cells[placed.member.index]!.audits[placed.index]!;
}

/**
 * "seed 1" where there are several, else nothing.
 *
 * @example
 * seedWords({ seeds: [1] }, { member: { cell: { seed: 1 } } }); // ""
 */
export function seedWords(trial: Trial, placed: PlacedAudit): string {
  return trial.seeds.length > 1 ? `seed ${placed.member.cell.seed}` : "";
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

function reason(placed: PlacedAudit, name: string): Html | null {
  const why = placed.audit.verdictReason;
  return why
    ? html`<p class="why">${name ? html`<b>${sentence(name)}</b> ` : null}${sentence(why)}</p>`
    : null;
}

/** Why the first seed has its verdict, and why those have theirs that differ from it. */
function reasons(trial: Trial): Html {
  const first = trial.seeds[0]!;
  const told = trial.seeds.filter((seed) => seed === first || seed.audit.verdict !== first.audit.verdict);
  return html`${told.map((seed) => reason(seed, seedWords(trial, seed)))}`;
}

/**
 * The accuracy chart of all seeds, the reasons of their verdicts, and tables and geometry of the first seed.
 *
 * @example
 * // See `cellPart`, which puts it into a section.
 */
export function leadBlock(trial: Trial, making: Making): Html {
  const first = trial.seeds[0]!;
  const roles = [...new Set(interventionsOf(trial).map(roleOf))];
  const chart = accuracyChart(trial, {
    id: `${making.id}-accuracy`,
    title: `Accuracy by what stands in the latent slots, ${trial.task} ${trial.split}`,
    description:
      "Accuracy in per cent under each intervention with its 95 % interval (mid-p); the dashed line is chance.",
  });
  const order = trial.seeds.map((seed) => seed.member.cell.seed).join(", ");
  const notes = [
    html`<li>${legendMark("chance", "var(--ink)")}chance</li>`,
    html`<li>bars: 95${"\u202f"}% interval (mid-p)</li>`,
    ...(trial.seeds.length > 1 ? [html`<li>seeds from top to bottom: ${order}</li>`] : []),
  ];
  return html`${reasons(trial)}
<figure class="accuracy">${raw(chart)}
${legend(roles, notes)}</figure>
${comparisonsPart(first, seedWords(trial, first))}
${geometryPart(first, gathered(making, first).latents, `${making.id}-s0`, true, seedWords(trial, first))}`;
}

/**
 * The seeds beyond the first, each folded.
 *
 * @example
 * furtherSeeds({ seeds: [] }, { material: { cells: [] }, detail: { otherTables: true }, id: "t" }).markup; // ""
 */
export function furtherSeeds(trial: Trial, making: Making): Html {
  const { detail } = making;
  const others = detail.otherTables ? trial.seeds.slice(1) : [];
  return html`${others.map((placed, i) => {
    const { latents, cases } = gathered(making, placed);
    return html`<details class="more"><summary><span class="as-h3">${trial.split}, seed ${String(placed.member.cell.seed)}</span> ${auditBadge(placed.audit)}</summary>
${reason(placed, "")}
${comparisonsPart(placed)}
${geometryPart(placed, latents, `${making.id}-s${i + 1}`, detail.otherFigures)}
${examplesPart(cases, detail.otherExamples)}</details>`;
  })}`;
}

/**
 * A trial beyond the first of its group: all of it folded under one line that says the essential.
 *
 * @example
 * // See `cellPart`, which puts it into a section.
 */
export function foldedTrial(trial: Trial, making: Making): Html {
  const of = (name: string) => trial.seeds.map((seed) => measured(seed, name)).filter((p) => p !== undefined);
  const [own, oracle] = [of("own"), of("oracle")];
  const first = trial.seeds[0]!;
  return html`<details class="more"><summary><span class="as-h3">${trialName(trial)}</span> ${verdictBadges(trial)} <small>${own.length > 0 ? html`own ${spread(own, "percent")}, ` : null}${oracle.length > 0 ? html`oracle ${spread(oracle, "percent")}; ` : null}${trialSize(trial)}</small></summary>
${leadBlock(trial, making)}
${examplesPart(gathered(making, first).cases, making.detail.examples, seedWords(trial, first))}
${furtherSeeds(trial, making)}</details>`;
}
