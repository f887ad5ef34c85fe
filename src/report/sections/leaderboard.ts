/** The leaderboard of recipes per dataset, and the main effects of a designed comparison. */
import type { Verdict } from "../../audit/index.ts";
import { forestRow, forestScale, legendMark, strip } from "../charts/marks.ts";
import { groupCells } from "../groups.ts";
import { type Html, html, wideTable } from "../html.ts";
import { DASH, figure, type Pointer, pointer, range } from "../numbers.ts";
import type { LeaderboardRow, Results, Standing } from "../study-types.ts";
import { anchor, legend, verdictBadge } from "./badges.ts";

/** A row of the leaderboard with its place in `results.json`. */
export interface LocatedRow {
  row: LeaderboardRow;
  index: number;
}

/**
 * Rows by dataset, in the order of `results.json`; within one by own accuracy, best first.
 *
 * @example
 * byTask({ leaderboard: [] }); // []
 */
export function byTask(results: Pick<Results, "leaderboard">): { task: string; rows: LocatedRow[] }[] {
  const tasks = new Map<string, LocatedRow[]>();
  for (const [index, row] of (results.leaderboard ?? []).entries())
    tasks.set(row.task, [...(tasks.get(row.task) ?? []), { row, index }]);
  const own = ({ row }: LocatedRow): number => row.splits[0]?.own.value ?? -1;
  return [...tasks].map(([task, rows]) => ({ task, rows: rows.sort((a, b) => own(b) - own(a)) }));
}

/**
 * Recipes that are in the run for the table of factors alone.
 *
 * @example
 * designOnly({ leaderboard: [], factors: [] }).size; // 0
 */
export function designOnly({
  leaderboard = [],
  factors = [],
}: Pick<Results, "leaderboard" | "factors">): Set<string> {
  const planned = factors[0];
  if (!planned) return new Set();
  const elsewhere = new Set(
    leaderboard.filter(({ task }) => !planned.tasks.includes(task)).map(({ recipe }) => recipe),
  );
  const everywhere = new Set(leaderboard.map(({ task }) => task)).size <= planned.tasks.length;
  return new Set(
    planned.runs.map(({ recipe }) => recipe).filter((recipe) => !everywhere && !elsewhere.has(recipe)),
  );
}

function verdicts(all: readonly Verdict[]): Html {
  const counts = [...new Set(all)].map((verdict) => ({
    verdict,
    n: all.filter((v) => v === verdict).length,
  }));
  const note = (n: number): string | undefined =>
    all.length === 1 || n === all.length ? undefined : `${n} of ${all.length}`;
  return html`${counts.map(({ verdict, n }) => html`<div class="line">${verdictBadge(verdict, note(n))}</div>`)}`;
}

type RateKey = "own" | "oracle" | "dummy" | "gapClosed";

function splitRow(
  { row, index }: LocatedRow,
  standing: Standing,
  at: number,
  { link, chance }: { link: string | null; chance: number },
): Html {
  const place = (...path: (string | number)[]): Pointer =>
    pointer("leaderboard", index, "splits", at, ...path);
  const rate = (key: RateKey): Html =>
    html`${figure(standing[key].value, "percent", place(key, "value"), standing[key].reasons?.value)}<small>${range(standing[key].interval, "percent", place(key, "interval"), standing[key].reasons?.interval)}</small>`;
  const geometry = (key: "r1" | "cosine" | "pairwiseCosine", unit: "percent" | "decimal"): Html =>
    figure(standing.geometry[key], unit, place("geometry", key), standing.geometry.reasons?.[key]);
  const { against, answered } = standing;
  const readable = (key: "own" | "oracle"): Html | null =>
    answered === undefined || answered[key] === null
      ? null
      : html`<small>${figure(answered[key], "percent", place("answered", key))} readable</small>`;
  const versus =
    against === null
      ? html`<td class="num dim">reference</td><td></td>`
      : html`<td class="num">${figure(against.difference, "points", place("against", "difference"), against.reasons?.difference)}<small>${range(against.interval, "points", place("against", "interval"), against.reasons?.interval)}</small></td><td class="num">${figure(against.holmP, "p", place("against", "holmP"), against.reasons?.holmP)}</td>`;
  const drawn = [
    { own: standing.own.value, oracle: standing.oracle.value, control: standing.dummy.value, chance },
  ];
  const name = link === null ? html`<b>${row.recipe}</b>` : html`<a href="#${link}"><b>${row.recipe}</b></a>`;
  return html`<tr class="${at === 0 ? "first" : "later"}">
<th scope="row">${at === 0 ? name : null}<span class="on">${at === 0 ? null : html`<span class="again">${row.recipe} · </span>`}${standing.split}</span>${at === row.splits.length - 1 ? html`<small class="on">${figure(row.seconds, "seconds", pointer("leaderboard", index, "seconds"))}, ${figure(row.steps, "count", pointer("leaderboard", index, "steps"))} steps</small>` : null}</th>
<td>${verdicts(standing.verdicts)}</td>
<td class="chart">${strip(drawn, `own, oracle and best control of ${row.recipe} on ${row.task}, ${standing.split}`)}</td>
<td class="num own">${rate("own")}${readable("own")}</td>
<td class="num oracle">${rate("oracle")}${readable("oracle")}</td>
<td class="num" title="${standing.dummy.name ?? ""}">${rate("dummy")}</td>
<td class="num gap">${rate("gapClosed")}</td>
${versus}
<td class="num">${geometry("r1", "percent")}</td>
<td class="num">${geometry("cosine", "decimal")}</td>
<td class="num">${geometry("pairwiseCosine", "decimal")}</td>
</tr>`;
}

function table(rows: readonly LocatedRow[], linkOf: (placed: LocatedRow) => string | null): Html {
  const body = rows.map((placed) =>
    placed.row.splits.map((standing, at) =>
      splitRow(placed, standing, at, { link: linkOf(placed), chance: standing.chance }),
    ),
  );
  return wideTable(html`<table class="overview leaderboard">
<thead><tr><th scope="col">Recipe</th><th scope="col">Verdict</th><th scope="col">Accuracy, 0–100${"\u202f"}%</th><th scope="col" class="num">Own</th><th scope="col" class="num">Oracle</th><th scope="col" class="num">Best control</th><th scope="col" class="num" title="(own − best control) / (oracle − best control)">Gap closed</th><th scope="col" class="num">Difference to reference</th><th scope="col" class="num">Holm p</th><th scope="col" class="num" title="retrieval@1, own → oracle">Retrieval@1</th><th scope="col" class="num" title="cosine of own latent and oracle">Cosine to oracle</th><th scope="col" class="num" title="mean cosine between own latents of different examples">Pairwise cosine</th></tr></thead>
<tbody>${body}</tbody></table>`);
}

/**
 * The leaderboards. With `linked` each recipe leads to the section of its models.
 *
 * @example
 * leaderboardSection({ cells: [], leaderboard: [] }, false).markup.includes("Leaderboard"); // true
 */
export function leaderboardSection(results: Results, linked: boolean): Html {
  const groups = groupCells(results.cells);
  const linkOf = ({ row }: LocatedRow): string | null => {
    const at = groups.findIndex(({ task, recipe }) => task === row.task && recipe === row.recipe);
    return linked && at >= 0 ? anchor(groups[at]!, at) : null;
  };
  const planned = designOnly(results);
  const seeds = Math.max(0, ...(results.leaderboard ?? []).map((row) => row.seeds.length));
  const tables = byTask(results).map(({ task, rows }) => {
    const named = rows.filter(({ row }) => !planned.has(row.recipe));
    const others = rows.filter(({ row }) => planned.has(row.recipe));
    return html`<h3>${task}</h3>${named.length > 0 ? table(named, linkOf) : null}
${others.length > 0 ? html`<details><summary>Combinations of the design</summary>${table(others, linkOf)}</details>` : null}`;
  });
  const equal = results.frontier?.equal ?? "steps";
  return html`<section id="leaderboard"><h2>Leaderboard</h2>
<p class="why">Recipes at equal ${equal}, best own accuracy first; means over ${seeds === 1 ? "one seed" : `${seeds} seeds`}, with 95${"\u202f"}% intervals over seeds and examples below them. Gap closed: (own − best control) / (oracle − best control). To the reference, ${results.frontier?.reference ?? DASH}: paired by example; p is the largest of the seeds’ exact McNemar p-values (1 where they point different ways), corrected by Holm over all comparisons of this page.</p>
${tables}
${legend(
  ["own", "oracle"],
  [
    html`<li>${legendMark("square", "var(--content-free)")}best content-free control</li>`,
    html`<li>${legendMark("chance", "var(--ink)")}chance</li>`,
  ],
)}
</section>`;
}

const RESPONSES = { own: "own accuracy", oracle: "accuracy with oracles" } as const;

/**
 * Main effect of each recipe component; null for a run without a design.
 *
 * @example
 * factorsSection({ factors: [] }); // null
 */
export function factorsSection({ factors = [] }: Pick<Results, "factors">): Html | null {
  if (factors.length === 0) return null;
  const tables = factors.map((found, f) => {
    const scale = forestScale(
      found.effects.flatMap(({ interval }) => (interval ? [interval] : [])),
      0.02,
    );
    const rows = found.effects.map(({ factor, from, to, effect, interval, p, holmP, reason }, e) => {
      const at = (key: string): Pointer => pointer("factors", f, "effects", e, key);
      return html`<tr><th scope="row">${factor}</th><td>${from} → ${to}</td>
<td class="chart">${forestRow(effect, interval, scale, `${factor}: ${to} against ${from}`)}</td>
<td class="num">${figure(effect, "points", at("effect"), reason)}</td>
<td class="num dim">${range(interval, "points", at("interval"), reason)}</td>
<td class="num">${figure(p, "p", at("p"), reason)}</td>
<td class="num">${figure(holmP, "p", at("holmP"), reason)}</td></tr>`;
    });
    return html`<h3>Main effects on ${RESPONSES[found.response]} <small>${found.tasks.join(", ")}, ${found.split}</small></h3>
${wideTable(html`<table class="comparisons"><thead><tr><th scope="col">Factor</th><th scope="col">From → to</th><th scope="col">Effect</th><th scope="col" class="num">Points</th><th scope="col" class="num">95${"\u202f"}% interval</th><th scope="col" class="num">p</th><th scope="col" class="num">Holm p</th></tr></thead><tbody>${rows}</tbody></table>`)}`;
  });
  const [first] = factors;
  const hidden = first!.aliases.map(({ factor, interaction }) => `${factor} with ${interaction}`);
  const design = first!.runs.map(({ recipe, levels, value }, r) => {
    const parts = Object.values(levels).map((level) => html`<td>${level}</td>`);
    const at = (f: number): Pointer => pointer("factors", f, "runs", r, "value");
    const values = factors.map(
      (found, f) =>
        html`<td class="num">${figure(f === 0 ? value : found.runs[r]?.value, "percent", at(f))}</td>`,
    );
    return html`<tr><th scope="row">${recipe}</th>${parts}${values}</tr>`;
  });
  return html`<section id="factors"><h2>Main effects of recipe components</h2>
<p class="why">A fractional factorial design: each combination of components is trained as a separate recipe. An effect is the mean over the combinations with one level minus the mean over those with the other. Error: ${first!.error}. ${hidden.length > 0 ? `Confounded in this design: ${hidden.join("; ")}.` : "No main effect of this design is confounded with an interaction of two components."}</p>
${tables}
<details><summary>The combinations</summary>${wideTable(html`<table><thead><tr><th scope="col">Recipe</th>${Object.keys(first!.runs[0]?.levels ?? {}).map((name) => html`<th scope="col">${name}</th>`)}${factors.map(({ response }) => html`<th scope="col" class="num">${response}</th>`)}</tr></thead><tbody>${design}</tbody></table>`)}</details>
</section>`;
}
