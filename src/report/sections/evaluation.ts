/** One model on one test split: accuracies, comparisons and geometry per seed. */

import { typeset } from "../../statistics/index.ts";
import { accuracyChart, NARROW } from "../charts/accuracy.ts";
import { legendMark } from "../charts/marks.ts";
import type { DetailLevel } from "../detail-levels.ts";
import { type Evaluation, interventionsOf, type LocatedAudit, measured } from "../groups.ts";
import { type Html, html, raw } from "../html.ts";
import { roleOf } from "../labels.ts";
import { spread } from "../numbers.ts";
import type { AuditData, CellData } from "../report-data.ts";
import { auditBadge, evaluationName, evaluationSize, legend, verdictBadges } from "./badges.ts";
import { comparisonsSection } from "./comparisons.ts";
import { examplesSection } from "./examples.ts";
import { figureData } from "./figure-data.ts";
import { geometrySection } from "./geometry.ts";
import { lookAlikeSection } from "./look-alike.ts";

/** What a section needs besides the evaluation. */
export interface SectionContext {
  material: { cells: readonly Pick<CellData, "audits">[] };
  detail: DetailLevel;
  /** Prefix of the anchors and chart names of this evaluation. */
  id: string;
}

/**
 * Data of an audit from the run directory.
 *
 * @example
 * auditDataOf({ material: { cells: [{ audits: ["a"] }] } }, { member: { index: 0 }, index: 0 }); // "a"
 */
export function auditDataOf({ material }: SectionContext, placed: LocatedAudit): AuditData {
  return material.cells[placed.member.index]!.audits[placed.index]!;
}

/**
 * "seed 1" where there are several, else nothing.
 *
 * @example
 * seedLabel({ seeds: [1] }, { member: { cell: { seed: 1 } } }); // ""
 */
export function seedLabel(evaluation: Evaluation, placed: LocatedAudit): string {
  return evaluation.seeds.length > 1 ? `seed ${placed.member.cell.seed}` : "";
}

function sentence(text: string): string {
  return typeset(`${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`);
}

function reason(placed: LocatedAudit, name: string): Html | null {
  const why = placed.audit.verdictReason;
  return why
    ? html`<p class="why">${name ? html`<b>${sentence(name)}</b> ` : null}${sentence(why)}</p>`
    : null;
}

/** The reason of the first seed's verdict, and of verdicts that differ from it. */
function reasons(evaluation: Evaluation): Html {
  const first = evaluation.seeds[0]!;
  const explained = evaluation.seeds.filter(
    (seed) => seed === first || seed.audit.verdict !== first.audit.verdict,
  );
  return html`${explained.map((seed) => reason(seed, seedLabel(evaluation, seed)))}`;
}

/** The accuracy chart of all seeds, the reasons of their verdicts, and tables and geometry of the first seed. */
export function evaluationBlock(evaluation: Evaluation, making: SectionContext): Html {
  const first = evaluation.seeds[0]!;
  const roles = [...new Set(interventionsOf(evaluation).map(roleOf))];
  const chart = accuracyChart(evaluation, {
    id: `${making.id}-accuracy`,
    title: `Accuracy by intervention, ${evaluation.task} ${evaluation.split}`,
    description:
      "Accuracy in per cent under each intervention with its 95 % interval (mid-p); the dashed line is chance.",
  });
  const slim = accuracyChart(
    evaluation,
    {
      id: `${making.id}-accuracy-narrow`,
      title: `Accuracy by intervention, ${evaluation.task} ${evaluation.split}`,
      description: "The same for narrow screens, without the numbers of the intervals.",
    },
    NARROW,
  );
  const order = evaluation.seeds.map((seed) => seed.member.cell.seed).join(", ");
  const notes = [
    html`<li>${legendMark("chance", "var(--ink)")}chance</li>`,
    html`<li>bars: 95${"\u202f"}% interval (mid-p)</li>`,
    ...(evaluation.seeds.length > 1 ? [html`<li>seeds from top to bottom: ${order}</li>`] : []),
  ];
  const rows = interventionsOf(evaluation).flatMap((name) =>
    evaluation.seeds.flatMap(({ audit, member }) => {
      const found = audit.interventions[name];
      const [low, high] = found?.interval ?? [null, null];
      return found ? [[name, member.cell.seed, found.accuracy, low, high]] : [];
    }),
  );
  const data = figureData(`${making.id}-accuracy`, ["intervention", "seed", "accuracy", "low", "high"], rows);
  return html`${reasons(evaluation)}
<figure class="accuracy"><div class="broad">${raw(chart)}</div><div class="narrow">${raw(slim)}</div>
${legend(roles, notes)}${data}</figure>
${comparisonsSection(first, seedLabel(evaluation, first))}${lookAlikeSection(first)}
${geometrySection(first, auditDataOf(making, first).latents, `${making.id}-s0`, true, seedLabel(evaluation, first))}`;
}

/**
 * The seeds beyond the first, each folded.
 *
 * @example
 * otherSeeds({ seeds: [] }, { material: { cells: [] }, detail: { otherTables: true }, id: "t" }).markup; // ""
 */
export function otherSeeds(evaluation: Evaluation, making: SectionContext): Html {
  const { detail } = making;
  const others = detail.otherTables ? evaluation.seeds.slice(1) : [];
  return html`${others.map((placed, i) => {
    const { latents, examples } = auditDataOf(making, placed);
    return html`<details class="more"><summary><span class="as-h3">${evaluation.split}, seed ${String(placed.member.cell.seed)}</span> ${auditBadge(placed.audit)}</summary>
${reason(placed, "")}
${comparisonsSection(placed)}
${geometrySection(placed, latents, `${making.id}-s${i + 1}`, detail.otherFigures)}
${examplesSection(examples, detail.otherExamples)}</details>`;
  })}`;
}

/** A evaluation beyond the first of its group: all of it folded under one line that says the essential. */
export function foldedEvaluation(evaluation: Evaluation, making: SectionContext): Html {
  const of = (name: string) =>
    evaluation.seeds.map((seed) => measured(seed, name)).filter((p) => p !== undefined);
  const [own, oracle] = [of("own"), of("oracle")];
  const first = evaluation.seeds[0]!;
  return html`<details class="more"><summary><span class="as-h3">${evaluationName(evaluation)}</span> ${verdictBadges(evaluation)} <small>${own.length > 0 ? html`own ${spread(own, "percent")}, ` : null}${oracle.length > 0 ? html`oracle ${spread(oracle, "percent")}; ` : null}${evaluationSize(evaluation)}</small></summary>
${evaluationBlock(evaluation, making)}
${examplesSection(auditDataOf(making, first).examples, making.detail.examples, seedLabel(evaluation, first))}
${otherSeeds(evaluation, making)}</details>`;
}
