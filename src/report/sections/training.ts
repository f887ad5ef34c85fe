/** Training figures and curves of a group of models, seeds overlaid. */
import { lossChart, progressChart } from "../charts/curves.ts";
import type { Group } from "../groups.ts";
import { type Html, html, raw, wideTable } from "../html.ts";
import { figure, pointer, type Unit } from "../numbers.ts";
import { isMissing, type ReportData } from "../report-data.ts";
import type { TrainingCurve } from "../training-curves.ts";
import { figureData } from "./figure-data.ts";

const FACTS: {
  label: string;
  key: "parameters" | "steps" | "examples" | "seconds" | "examplesPerSecond";
  unit: Unit;
}[] = [
  { label: "parameters", key: "parameters", unit: "count" },
  { label: "steps", key: "steps", unit: "count" },
  { label: "examples seen", key: "examples", unit: "count" },
  { label: "time", key: "seconds", unit: "seconds" },
  { label: "examples per second", key: "examplesPerSecond", unit: "count" },
];

function facts(group: Group): Html {
  const rows = group.members.map(({ cell, index }) => {
    const cells = FACTS.map(
      ({ key, unit }) =>
        html`<td class="num">${figure(cell.training[key], unit, pointer("cells", index, "training", key))}</td>`,
    );
    return html`<tr><th scope="row">seed ${String(cell.seed)}</th>${cells}</tr>`;
  });
  return wideTable(
    html`<table class="facts"><thead><tr><td></td>${FACTS.map((fact) => html`<th scope="col" class="num">${fact.label}</th>`)}</tr></thead><tbody>${rows}</tbody></table>`,
  );
}

const LINES = ["full", "dashed", "dotted", "dash-dotted"];

/** The training block of a group. */
export function trainingSection(group: Group, material: ReportData, id: string): Html {
  const curves: TrainingCurve[] = [];
  const absent: string[] = [];
  const drawn: string[] = [];
  for (const { cell, index } of group.members) {
    const curve = material.cells[index]!.curve;
    if (isMissing(curve)) absent.push(`seed ${cell.seed}: ${curve.missing}`);
    else {
      drawn.push(`seed ${cell.seed} ${LINES[curves.length % LINES.length]}`);
      curves.push(curve);
    }
  }
  const chance = group.evaluations.find((t) => !t.foreign)?.seeds[0]?.audit.chance ?? null;
  const losses = lossChart(curves, {
    id: `${id}-loss`,
    title: "Losses while training",
    description: "Text loss and latent loss against optimizer steps, averaged over buckets of steps.",
  });
  const progress = progressChart(curves, chance, {
    id: `${id}-progress`,
    title: "Accuracy while training",
    description:
      "Accuracy with own latents, oracle latents and zeros against optimizer steps; the dashed line is chance.",
  });
  const seeds = group.members
    .filter(({ index }) => !isMissing(material.cells[index]!.curve))
    .map(({ cell }) => cell.seed);
  const accuracies = curves.flatMap(({ accuracy }, i) =>
    accuracy.flatMap(({ step, values }) =>
      Object.entries(values).map(([name, value]) => [step, seeds[i]!, name, value]),
    ),
  );
  const lossRows = curves.flatMap(({ losses }, i) =>
    losses.map(({ step, text, latent }) => [step, seeds[i]!, text, latent]),
  );
  const figures = html`<div class="duo">
${progress ? html`<figure>${raw(progress)}<figcaption><b>Accuracy while training</b> under own, oracle and zeros. Dashed: chance.</figcaption>${figureData(`${id}-progress`, ["step", "seed", "intervention", "accuracy"], accuracies)}</figure>` : null}
${losses ? html`<figure>${raw(losses)}<figcaption><b>Losses.</b> Text: cross-entropy in nats. Latent: the distance of hidden states to oracle latents, before its weight.</figcaption>${figureData(`${id}-loss`, ["step", "seed", "text", "latent"], lossRows)}</figure>` : null}
</div>`;
  return html`<div class="block"><h4>Training</h4>${losses || progress ? figures : null}
${drawn.length > 1 ? html`<p class="note">Lines: ${drawn.join(", ")}.</p>` : null}
${absent.length > 0 ? html`<p class="note">No curves for ${absent.join("; ")}.</p>` : null}
${facts(group)}</div>`;
}
