/** One model of the study, all its seeds: the first split in full, training, examples, then the rest folded. */
import type { DetailLevel } from "../detail-levels.ts";
import type { Group } from "../groups.ts";
import { type Html, html } from "../html.ts";
import type { ReportData } from "../report-data.ts";
import { anchor, evaluationName, evaluationSize, verdictBadges } from "./badges.ts";
import {
  auditDataOf,
  evaluationBlock,
  foldedEvaluation,
  otherSeeds,
  type SectionContext,
  seedLabel,
} from "./evaluation.ts";
import { examplesSection } from "./examples.ts";
import { trainingSection } from "./training.ts";

/** The section of a group of cells. */
export function modelSection(group: Group, index: number, material: ReportData, detail: DetailLevel): Html {
  const id = anchor(group, index);
  const making = (evaluation: number): SectionContext => ({ material, detail, id: `${id}-t${evaluation}` });
  const head = html`<h2>${group.task} <span class="recipe">${group.recipe}</span></h2>`;
  const [first, ...others] = group.evaluations;
  const training = trainingSection(group, material, id);
  if (!first) {
    return html`<section class="cell" id="${id}">${head}<p class="note">This model was not audited.</p>${training}</section>`;
  }
  const lead = first.seeds[0]!;
  const more = first.seeds.length > 1 || others.length > 0;
  return html`<section class="cell" id="${id}">${head}
<h3 class="line">${evaluationName(first)} ${verdictBadges(first)} <small>${evaluationSize(first)}</small></h3>
${evaluationBlock(first, making(0))}
${training}
${examplesSection(auditDataOf(making(0), lead).examples, detail.examples, seedLabel(first, lead))}
${more ? html`<div class="block">${otherSeeds(first, making(0))}${others.map((evaluation, i) => foldedEvaluation(evaluation, making(i + 1)))}</div>` : null}
</section>`;
}
