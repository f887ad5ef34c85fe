/** One model of the study, all its seeds: the first split in full, training, examples, then the rest folded. */
import type { Detail } from "../detail.ts";
import type { Group } from "../groups.ts";
import { type Html, html } from "../html.ts";
import type { Material } from "../material.ts";
import { examplesPart } from "./examples.ts";
import { anchor, trialName, trialSize, verdictBadges } from "./small.ts";
import { trainingPart } from "./training.ts";
import { foldedTrial, furtherSeeds, gathered, leadBlock, type Making, seedWords } from "./trial.ts";

/**
 * The section of a group of cells.
 *
 * @example
 * const group = { task: "tetris", recipe: "joint", members: [], trials: [] };
 * cellPart(group, 0, { results: {}, cells: [] }, {}).markup.includes("not audited"); // true
 */
export function cellPart(group: Group, index: number, material: Material, detail: Detail): Html {
  const id = anchor(group, index);
  const making = (trial: number): Making => ({ material, detail, id: `${id}-t${trial}` });
  const head = html`<h2>${group.task} <span class="recipe">${group.recipe}</span></h2>`;
  const [first, ...others] = group.trials;
  const training = trainingPart(group, material, id);
  if (!first) {
    return html`<section class="cell" id="${id}">${head}<p class="note">This model was not audited.</p>${training}</section>`;
  }
  const lead = first.seeds[0]!;
  const more = first.seeds.length > 1 || others.length > 0;
  return html`<section class="cell" id="${id}">${head}
<h3 class="line">${trialName(first)} ${verdictBadges(first)} <small>${trialSize(first)}</small></h3>
${leadBlock(first, making(0))}
${training}
${examplesPart(gathered(making(0), lead).cases, detail.examples, seedWords(first, lead))}
${more ? html`<div class="block">${furtherSeeds(first, making(0))}${others.map((trial, i) => foldedTrial(trial, making(i + 1)))}</div>` : null}
</section>`;
}
