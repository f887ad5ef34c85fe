/** The paragraph under the title: each model's verdict, and how many claims hold. */
import { type State, stateOf } from "../../statistics/index.ts";
import { type Evaluation, type Group, locatedControl, measured } from "../groups.ts";
import { type Html, html } from "../html.ts";
import { figure, type LocatedNumber, pointer, spread } from "../numbers.ts";
import type { Finding, Results } from "../study-types.ts";
import { chanceOfAll, verdictCounts } from "./badges.ts";
import { byTask, type LocatedRow } from "./leaderboard.ts";

const WORDS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

function inWords(count: number): string {
  return WORDS[count] ?? String(count);
}

function present(placed: (LocatedNumber | undefined)[]): LocatedNumber[] {
  return placed.filter((p): p is LocatedNumber => typeof p?.value === "number");
}

function accuracies(evaluation: Evaluation): {
  own: LocatedNumber[];
  oracle: LocatedNumber[];
  control: LocatedNumber[];
} {
  return {
    own: present(evaluation.seeds.map((seed) => measured(seed, "own"))),
    oracle: present(evaluation.seeds.map((seed) => measured(seed, "oracle"))),
    control: present(evaluation.seeds.map((seed) => locatedControl(seed)?.at)),
  };
}

function sentence(group: Group): Html | null {
  const evaluation = group.evaluations.find((t) => !t.foreign) ?? group.evaluations[0];
  if (!evaluation) return null;
  const { own, oracle, control } = accuracies(evaluation);
  const chance = evaluation.seeds[0]!;
  const chancePlaced: LocatedNumber = {
    value: chance.audit.chance,
    source: `#/cells/${chance.member.index}/audits/${chance.index}/chance`,
  };
  const name = html`<b>${group.task}</b> trained by <b>${group.recipe}</b>`;
  const against = html`(chance ${spread([chancePlaced], "percent")})`;
  if (control.length === 0 && oracle.length === 0) {
    return html`${name}, audited without interventions, answers ${spread(own, "percent")} ${against}. `;
  }
  const counts = verdictCounts(evaluation);
  const [verdict] = counts[0]!;
  const said = counts.map(([v, count]) => {
    const note = chanceOfAll(evaluation, v);
    const name = html`<strong class="${v}">${v}</strong>${note ? ` ${note}` : ""}`;
    return counts.length === 1 ? name : html`${name} in ${inWords(count)}`;
  });
  const seeds = counts.length === 1 ? null : html` of ${inWords(evaluation.seeds.length)} seeds`;
  const list = said.map((part, i) => html`${i > 0 ? ", " : null}${part}`);
  const numbers: Html[] = [];
  if (verdict === "bypassed" && counts.length === 1) {
    numbers.push(
      html`own latents give ${spread(own, "percent")}, and every content-free control is equivalent`,
    );
  } else {
    if (oracle.length > 0) numbers.push(html`oracle latents give ${spread(oracle, "percent")}`);
    if (own.length > 0) numbers.push(html`its own ${spread(own, "percent")}`);
    if (control.length > 0) numbers.push(html`the best control ${spread(control, "percent")}`);
  }
  return html`${name} is ${list}${seeds}: ${numbers.map((part, i) => html`${i > 0 ? ", " : null}${part}`)} ${against}. `;
}

function tally(findings: readonly Finding[]): Html | null {
  if (findings.length === 0) return null;
  const count = (state: State): number => findings.filter((f) => stateOf(f) === state).length;
  const counted = (state: State, one: string, several: string): string[] =>
    count(state) > 0 ? [`${inWords(count(state))} ${count(state) === 1 ? one : several}`] : [];
  const parts = [
    `${inWords(count("holds"))} ${count("holds") === 1 ? "holds" : "hold"}`,
    ...counted("refuted", "is refuted", "are refuted"),
    ...counted("undecided", "is undecided", "are undecided"),
    ...counted("not run", "was not run", "were not run"),
  ];
  if (parts.length === 1) return html`Of the ${inWords(findings.length)} claims examined, ${parts[0]!}.`;
  return html`Of the ${inWords(findings.length)} claims examined, ${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}.`;
}

/**
 * The paragraph under the title.
 *
 * @example
 * answer([], []).markup; // '<p class="answer"></p>'
 */
export function answer(groups: readonly Group[], findings: readonly Finding[]): Html {
  return html`<p class="answer">${groups.map(sentence)}${tally(findings)}</p>`;
}

/**
 * The paragraph under the title of a comparison of recipes: on each dataset the recipe that closes most of the gap, and
 * the reference.
 *
 * @example
 * frontierHeadline({ leaderboard: [], findings: [] }).markup; // '<p class="answer"></p>'
 */
export function frontierHeadline(results: Results): Html {
  const sentences = byTask(results).flatMap(({ task, rows }): Html[] => {
    const gap = ({ row }: LocatedRow): number => row.splits[0]?.gapClosed.value ?? -1;
    const [best] = [...rows].sort((a, b) => gap(b) - gap(a));
    if (!best || gap(best) === -1)
      return [html`On <b>${task}</b> no oracle beats every content-free control. `];
    const reference = rows.find(({ row }) => row.recipe === results.frontier?.reference);
    const at = ({ index }: LocatedRow, key: string) =>
      pointer("leaderboard", index, "splits", 0, key, "value");
    const [first] = best.row.splits;
    const other =
      reference && reference !== best
        ? html`; <b>${reference.row.recipe}</b>, the reference, ${figure(reference.row.splits[0]?.gapClosed.value, "percent", at(reference, "gapClosed"), reference.row.splits[0]?.gapClosed.reasons?.value)}`
        : null;
    return [
      html`On <b>${task}</b> <b>${best.row.recipe}</b> closes ${figure(first!.gapClosed.value, "percent", at(best, "gapClosed"))} of the gap (own ${figure(first!.own.value, "percent", at(best, "own"))}, oracle ${figure(first!.oracle.value, "percent", at(best, "oracle"))})${other}. `,
    ];
  });
  return html`<p class="answer">${sentences}${tally(results.findings)}</p>`;
}
