/** The page of a comparison of two audits. */
import { join } from "node:path";
import {
  type AuditComparison,
  type ComparedPair,
  type ExampleOutcomes,
  readOutcomes,
  readQuestions,
} from "../audit/index.ts";
import { writeFileAtomic, writeJson } from "../formats/index.ts";
import { typeset } from "../statistics/index.ts";
import { lintelVersion } from "../util/index.ts";
import { forestRow, forestScale, legendMark } from "./charts/marks.ts";
import { type Html, html, wideTable } from "./html.ts";
import { htmlShell } from "./html-shell.ts";
import { inOrder, roleOf } from "./labels.ts";
import { figure, pointer, range } from "./numbers.ts";
import { beamSymbols, verdictBadge } from "./sections/badges.ts";
import { marginWords } from "./sections/comparisons.ts";
import { imageMarkers } from "./sections/examples.ts";

/** Flips of one direction that the page shows. */
const SHOWN = 100;

const LABELS = {
  equivalent: "equal",
  undecided: "open",
  "A is better": "differs",
  "B is better": "differs",
} as const;

function state(pair: ComparedPair, { a, b }: AuditComparison): Html {
  const title = pair.state === "equivalent" ? `equivalent within ${marginWords(pair.margin)}` : "";
  const words = {
    equivalent: "equivalent",
    undecided: "undecided",
    "A is better": `${a.name} is better`,
    "B is better": `${b.name} is better`,
  }[pair.state];
  return html`<span class="reading ${LABELS[pair.state]}" title="${title || pair.state}">${words}</span>`;
}

/** A table of pairs with a forest plot; `at` is the place of the pairs in comparison.json. */
function pairsTable(
  comparison: AuditComparison,
  head: string,
  pairs: readonly (readonly [string, ComparedPair])[],
  at: readonly string[],
  /** How rows are colored; default: by their own name. */
  color?: string,
): Html {
  const { a, b } = comparison;
  const scale = forestScale(
    pairs.flatMap(([, { interval }]) => (interval ? [interval] : [])),
    pairs[0]?.[1].margin ?? 0.02,
  );
  const rows = pairs.map(([name, pair]) => {
    const place = (key: keyof ComparedPair) => pointer(...at, name, key);
    const why = (key: string) => pair.reasons?.[key];
    return html`<tr class="role-${roleOf(color ?? name)}"><th scope="row">${name}</th>
<td class="num">${figure(pair.a, "percent", place("a"))}</td><td class="num">${figure(pair.b, "percent", place("b"))}</td>
<td class="chart">${forestRow(pair.difference, pair.interval, scale, `${b.name} minus ${a.name}: ${name}`)}</td>
<td class="num">${figure(pair.difference, "points", place("difference"), why("difference"))}</td>
<td class="num dim">${range(pair.interval, "points", place("interval"), why("interval"))}</td>
<td class="num">${figure(pair.gained, "count", place("gained"))}</td><td class="num">${figure(pair.lost, "count", place("lost"))}</td>
<td class="num">${figure(pair.mcnemarP, "p", place("mcnemarP"), why("mcnemarP"))}</td>
<td class="num">${pair.holmP === null && name === "own" ? null : figure(pair.holmP, "p", place("holmP"), why("mcnemarP"))}</td>
<td>${state(pair, comparison)}</td><td class="num">${figure(pair.n, "count", place("n"))}</td></tr>`;
  });
  return wideTable(
    html`<table class="comparisons${head === "Intervention" ? "" : " attribute"}"><thead><tr><th scope="col">${head}</th><th scope="col" class="num">${a.name}</th><th scope="col" class="num">${b.name}</th><th scope="col">${b.name} − ${a.name}</th><th scope="col" class="num">Points</th><th scope="col" class="num">95${"\u202f"}% interval</th><th scope="col" class="num" title="right in ${b.name} alone">Gained</th><th scope="col" class="num" title="right in ${a.name} alone">Lost</th><th scope="col" class="num">McNemar p</th><th scope="col" class="num">Holm p</th><th scope="col">Result</th><th scope="col" class="num">n</th></tr></thead><tbody>${rows}</tbody></table>`,
  );
}

function relianceSection(comparison: AuditComparison): Html | null {
  const { a, b } = comparison;
  const entries = Object.entries(comparison.reliance);
  if (entries.length === 0) return null;
  const rows = entries.map(([name, row]) => {
    const at = (key: string) => pointer("reliance", name, key);
    return html`<tr><th scope="row">${name}</th><td class="num">${figure(row.a, "points", at("a"))}</td><td class="num">${figure(row.b, "points", at("b"))}</td><td class="num">${figure(row.difference, "points", at("difference"))}</td><td class="num dim">${range(row.interval, "points", at("interval"), row.reason)}</td><td class="num">${figure(row.n, "count", at("n"))}</td></tr>`;
  });
  return html`<section id="reliance"><h2>Do latents carry more?</h2>
<p class="note">How much accuracy own latents gain over each content-free control, and by how much this gain is larger in ${b.name}. Intervals are bootstrap intervals over examples.</p>
${wideTable(html`<table class="facts"><thead><tr><th scope="col">Own latents over</th><th scope="col" class="num">${a.name}</th><th scope="col" class="num">${b.name}</th><th scope="col" class="num">Difference</th><th scope="col" class="num">95${"\u202f"}% interval</th><th scope="col" class="num">n</th></tr></thead><tbody>${rows}</tbody></table>`)}</section>`;
}

interface Flips {
  outcomes: readonly [ReadonlyMap<string, ExampleOutcomes>, ReadonlyMap<string, ExampleOutcomes>];
  questions: ReadonlyMap<string, { question?: string }>;
}

function flipsTable(
  comparison: AuditComparison,
  ids: readonly string[],
  { outcomes, questions }: Flips,
): Html {
  const { a, b } = comparison;
  const chosen = (side: 0 | 1, id: string): Html => {
    const example = outcomes[side].get(id)!;
    const { choice, text } = example.outcomes.own!;
    const right = choice === example.answer;
    const words = choice === null ? "–" : example.options[choice]!;
    return html`<span class="chose ${right ? "right" : "wrong"}" title="${text.slice(0, 200)}"><bdi>${words}</bdi> ${right ? "✓" : "✗"}</span>`;
  };
  const rows = ids.slice(0, SHOWN).map((id) => {
    const question = questions.get(id)?.question;
    return html`<tr><th scope="row"><code>${id}</code></th><td>${chosen(0, id)}</td><td>${chosen(1, id)}</td><td class="words">${question === undefined ? null : imageMarkers(question)}</td></tr>`;
  });
  const left =
    ids.length > SHOWN
      ? html`<p class="note">The first ${String(SHOWN)}; comparison.json names all.</p>`
      : null;
  return html`${wideTable(html`<table class="flips"><thead><tr><th scope="col">Example</th><th scope="col">${a.name}</th><th scope="col">${b.name}</th><th scope="col">Question</th></tr></thead><tbody>${rows}</tbody></table>`)}${left}`;
}

/**
 * The page; pure.
 *
 * @param flips - Outcomes of A and B, and questions, by example.
 */
function renderComparison(comparison: AuditComparison, flips: Flips): string {
  const { a, b, split, shared, onlyA, onlyB, notes, interventions, slices, conclusion } = comparison;
  const order = inOrder(Object.keys(interventions));
  const pairs = order.map((name) => [name, interventions[name]!] as const);
  const attributes = Object.entries(slices);
  const { gained, lost } = comparison.flips;
  const side = (each: AuditComparison["a"]): Html =>
    html`<b>${each.name}</b> ${verdictBadge(each.verdict, each.chanceNote)}`;
  const count = (value: number, key: string): Html => figure(value, "count", pointer(key));
  const others = [
    ...(onlyA > 0 ? [html`, ${count(onlyA, "onlyA")} only in ${a.name}`] : []),
    ...(onlyB > 0 ? [html`, ${count(onlyB, "onlyB")} only in ${b.name}`] : []),
  ];
  const header = html`<p class="kicker">Lintel comparison, split <b>${split}</b></p>
<h1>${b.name} against ${a.name}</h1>
<p class="answer">${typeset(`${conclusion}.`)}</p>
<p class="meta">${side(a)} · ${side(b)} · ${count(shared, "shared")} shared examples${others}</p>
${notes.map((note) => html`<p class="note">Note: ${note}.</p>`)}
<nav aria-label="Contents"><ul><li><a href="#interventions">Interventions</a></li>${Object.keys(comparison.reliance).length > 0 ? html`<li><a href="#reliance">Reliance</a></li>` : null}${attributes.length > 0 ? html`<li><a href="#slices">Slices</a></li>` : null}<li><a href="#flips">Flips</a></li></ul></nav>`;
  const main = html`<section id="interventions"><h2>The same examples, both models</h2>
${pairsTable(comparison, "Intervention", pairs, ["interventions"])}
<ul class="legend"><li>${legendMark("band", "var(--band)")}margin of equivalence, ${marginWords(interventions.own?.margin ?? 0.02)}</li><li>bars: 95${"\u202f"}% interval of the paired difference</li></ul></section>
${relianceSection(comparison)}
${attributes.length > 0 ? html`<section id="slices"><h2>By attribute, own latents</h2>${attributes.map(([attribute, parts]) => pairsTable(comparison, attribute, Object.entries(parts), ["slices", attribute], "own"))}</section>` : null}
<section id="flips"><h2>Examples that flipped</h2>
<h3>Right in ${b.name} alone (${figure(gained.length, "count", { from: "comparison.json" })})</h3>${gained.length > 0 ? flipsTable(comparison, gained, flips) : html`<p class="note">None.</p>`}
<h3>Right in ${a.name} alone (${figure(lost.length, "count", { from: "comparison.json" })})</h3>${lost.length > 0 ? flipsTable(comparison, lost, flips) : html`<p class="note">None.</p>`}</section>`;
  return htmlShell({
    title: `${b.name} against ${a.name}`,
    lintel: lintelVersion(),
    symbols: beamSymbols(),
    header,
    main,
  });
}

/**
 * Writes `comparison.html` and, last, `comparison.json` into a directory; answers the path of the page.
 *
 * Errors: "output" where writing fails.
 */
export async function writeComparison(directory: string, comparison: AuditComparison): Promise<string> {
  const { a, b, flips } = comparison;
  const wanted = new Set([...flips.gained, ...flips.lost]);
  const outcomesOf = async (from: string): Promise<Map<string, ExampleOutcomes>> => {
    const all = await readOutcomes(join(from, "outcomes.jsonl"));
    return new Map(all.filter(({ example }) => wanted.has(example)).map((each) => [each.example, each]));
  };
  const outcomes = [await outcomesOf(a.directory), await outcomesOf(b.directory)] as const;
  const questions = new Map([...(await readQuestions(b.directory)), ...(await readQuestions(a.directory))]);
  const path = join(directory, "comparison.html");
  await writeFileAtomic(path, renderComparison(comparison, { outcomes, questions }));
  await writeJson(join(directory, "comparison.json"), comparison);
  return path;
}
