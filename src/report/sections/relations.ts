/** Accuracy against steps, and the relation of geometry to accuracy. */

import { mean } from "../../numeric/index.ts";
import { legendMark } from "../charts/marks.ts";
import { colorOf, relationChart, stepsChart, symbolOf } from "../charts/recipes.ts";
import { type Html, html, raw, slug, wideTable } from "../html.ts";
import { figure, type Pointer, pointer, range } from "../numbers.ts";
import { isMissing, type ReportData } from "../report-data.ts";
import type { Relation, Results } from "../study-types.ts";
import { figureData } from "./figure-data.ts";
import { designOnly } from "./leaderboard.ts";

const MEASURES: Record<Relation["measure"], { axis: string; words: string }> = {
  cosine: { axis: "cosine of own latent and oracle", words: "Own–oracle cosine" },
  r1: { axis: "retrieval@1", words: "Retrieval@1" },
  pairwiseCosine: { axis: "cosine between own latents", words: "Pairwise cosine of own latents" },
};

function measureOf(
  audit: Results["cells"][number]["audits"][number],
  measure: Relation["measure"],
): number | null {
  const { own, ownOracle } = audit.geometry;
  return measure === "pairwiseCosine" ? own.pairwiseCosine : ownOracle[measure];
}

/** Mean over seeds of own accuracy at each step that all of them have. */
function meanCurve(
  curves: readonly { step: number; values: Record<string, number> }[][],
): { step: number; value: number }[] {
  const [first = []] = curves;
  return first.flatMap(({ step }) => {
    const values = curves.map((curve) => curve.find((point) => point.step === step)?.values.own);
    const known = values.filter((value) => value !== undefined);
    if (known.length < curves.length) return [];
    return [{ step, value: mean(known) }];
  });
}

/**
 * Own accuracy of each recipe against steps, a chart for each dataset.
 *
 * @example
 * stepsSection({ results: { cells: [], leaderboard: [] }, cells: [] }); // null
 */
export function stepsSection({ results, cells }: ReportData): Html | null {
  const hidden = designOnly(results);
  const shown = results.cells.filter(({ recipe }) => !hidden.has(recipe));
  const recipes = [...new Set(shown.map(({ recipe }) => recipe))];
  const figures = [...new Set(shown.map(({ task }) => task))].flatMap((task, t): Html[] => {
    const curves = recipes.map((recipe, place) => {
      const mine = results.cells.flatMap((cell, i) => {
        const curve = cells[i]!.curve;
        return cell.task === task && cell.recipe === recipe && !isMissing(curve) ? [curve.accuracy] : [];
      });
      return { recipe, place, points: meanCurve(mine) };
    });
    const chance = shown.find((cell) => cell.task === task)?.audits[0]?.chance ?? null;
    const id = slug("steps", String(t), task);
    const data = curves.flatMap(({ recipe, points }) =>
      points.map(({ step, value }) => [recipe, step, value]),
    );
    const drawn = stepsChart(curves, chance, {
      id,
      title: `Own accuracy against steps, ${task}`,
      description: "One line for each recipe, the mean over its seeds; the dashed line is chance.",
    });
    return drawn === null
      ? []
      : [
          html`<figure>${raw(drawn)}<figcaption><b>${task}</b></figcaption>${figureData(id, ["recipe", "step", "own accuracy"], data)}</figure>`,
        ];
  });
  if (figures.length === 0) return null;
  return html`<section id="steps"><h2>Own accuracy against steps</h2>
<p class="why">On the probe examples that are evaluated during training; means over seeds. Dashed: chance. The result of a comparison can depend on the step.</p>
<div class="duo">${figures}</div></section>`;
}

/**
 * Own accuracy against measures of geometry over all runs, with rank correlations.
 *
 * @example
 * relationsSection({ cells: [], relations: [] }); // null
 */
export function relationsSection(results: Results): Html | null {
  const { relations = [], cells } = results;
  if (relations.length === 0) return null;
  const tasks = [...new Set(cells.map(({ task }) => task))];
  const figures = relations.map(({ measure }) => {
    const runs = cells.flatMap(({ task, audits }) => {
      const audit = audits.find(({ split }) => split === "eval");
      const [value, own] = [audit && measureOf(audit, measure), audit?.interventions.own?.accuracy];
      return typeof value === "number" && typeof own === "number"
        ? [{ task: tasks.indexOf(task), measure: value, own }]
        : [];
    });
    const { axis, words } = MEASURES[measure];
    if (runs.length === 0)
      return html`<figure><figcaption><b>${words}</b>: not measured in any run.</figcaption></figure>`;
    const id = slug("relation", measure);
    const data = runs.map(({ task, measure, own }) => [tasks[task]!, measure, own]);
    const drawn = relationChart(runs, axis, {
      id,
      title: `${words} and own accuracy`,
      description: "One mark for each run on split eval; shape and color mark the dataset.",
    });
    return html`<figure>${raw(drawn)}<figcaption><b>${words}</b></figcaption>${figureData(id, ["dataset", axis, "own accuracy"], data)}</figure>`;
  });
  const rows = relations.map((found, i) => {
    const at = (key: string): Pointer => pointer("relations", i, key);
    const why = (key: string): string | undefined => found.reasons?.[key];
    return html`<tr><th scope="row">${MEASURES[found.measure].words}</th>
<td class="num">${figure(found.rho, "decimal", at("rho"), why("rho"))}</td>
<td class="num dim">${range(found.interval, "decimal", at("interval"), why("interval"))}</td>
<td class="num">${figure(found.p, "p", at("p"), why("p"))}</td>
<td class="num">${figure(found.misled, "percent", at("misled"), why("misled"))}</td>
<td class="num">${figure(found.pairs, "count", at("pairs"))}</td>
<td class="num">${figure(found.runs, "count", at("runs"))}</td>
<td class="num">${figure(found.recipes, "count", at("recipes"))}</td></tr>`;
  });
  return html`<section id="relations"><h2>Does geometry predict accuracy?</h2>
<p class="why">Spearman’s ρ of each measure with own accuracy over all runs, ranked within datasets. The interval resamples recipes with all their runs; p permutes recipes, since seeds and datasets of one recipe are not independent. Misled: of the pairs of runs on one dataset and seed that differ by ten points or more, the share in which the measure prefers the worse.</p>
<div class="trio">${figures}</div>
<ul class="legend">${tasks.map((task, i) => html`<li>${legendMark(symbolOf(i), colorOf(i))}${task}</li>`)}</ul>
${wideTable(html`<table><thead><tr><th scope="col">Measure</th><th scope="col" class="num">ρ</th><th scope="col" class="num">95${"\u202f"}% interval</th><th scope="col" class="num">p</th><th scope="col" class="num">Misled</th><th scope="col" class="num">Pairs</th><th scope="col" class="num">Runs</th><th scope="col" class="num">Recipes</th></tr></thead><tbody>${rows}</tbody></table>`)}</section>`;
}
