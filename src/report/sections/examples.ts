/** Example cards: the question, and the answer under each intervention. */
import type { Outcome } from "../../audit/index.ts";
import { type Html, html } from "../html.ts";
import { type InlineImage, shownSize } from "../images.ts";
import { inOrder, roleOf } from "../labels.ts";
import { format } from "../numbers.ts";
import type { ExampleKind } from "../pick-examples.ts";
import { type ExampleView, isMissing, type MissingData, type ReportExample } from "../report-data.ts";

const WROTE = 160;

function image(picture: InlineImage, target: number, alt: string): Html {
  const { width, height, pixelated } = shownSize(picture, target);
  return html`<img src="${picture.uri}" width="${String(width)}" height="${String(height)}" alt="${alt}"${pixelated ? html` class="pixels"` : null}>`;
}

/**
 * The question with its images in place of "<image>"; images without a marker precede the text.
 *
 * @example
 * questionWithImages({ question: "why ?", images: [], helpers: [] }, []).markup; // '<div class="question">why ?</div>'
 */
export function questionWithImages({ question, images }: ExampleView, options: readonly string[]): Html {
  const target = images.length > 2 ? 56 : 150;
  const pieces = question.split("<image>");
  const loose = images.slice(pieces.length - 1);
  const show = (picture: InlineImage, i: number): Html => image(picture, target, `image ${i + 1}`);
  const body = pieces.map((piece, i) => {
    if (i === 0) return html`${piece}`;
    const called = images[i - 1];
    if (!called) return html`${`<image>${piece}`}`;
    // No line break between an image and the option name that follows it.
    const name = /^\s*(\S+)/.exec(piece);
    const bound = name && options.includes(name[1]!) ? name[0] : "";
    return html`<span class="with">${show(called, i - 1)}${bound}</span>${piece.slice(bound.length)}`;
  });
  const before = loose.map((picture, i) => show(picture, pieces.length - 1 + i));
  return html`<div class="question">${before}${body}</div>`;
}

/**
 * A question with a sign in place of each image.
 *
 * @example
 * imageMarkers("Which <image>?"); // "Which ▣?"
 */
export const imageMarkers = (question: string): string => question.replaceAll("<image>", "▣");

function chip(name: string, outcome: Outcome, options: readonly string[], answer: number): Html {
  const right = outcome.choice === answer;
  const chosen = outcome.choice === null ? "none" : (options[outcome.choice] ?? "?");
  const wrote = outcome.text.length > WROTE ? `${outcome.text.slice(0, WROTE)} …` : outcome.text;
  const target = outcome.target === undefined ? undefined : options[outcome.target];
  const title = `${target === undefined ? "" : `counterfactual for ${target}. `}output: ${wrote}`;
  const state = outcome.choice === null ? "unparsed" : right ? "right" : "wrong";
  const sign = outcome.choice === null ? "–" : right ? "✓" : "✗";
  return html`<li class="chip ${state} role-${roleOf(name)}" title="${title}"><span class="name">${name}${target === undefined ? null : html` <small>for ${target}</small>`}</span><span class="chose"><bdi>${chosen}</bdi> <span role="img" aria-label="${state}">${sign}</span></span></li>`;
}

function card({ outcomes, kind, example }: ReportExample): Html {
  const { options, answer } = outcomes;
  const chips = inOrder(Object.keys(outcomes.outcomes)).map((name) =>
    chip(name, outcomes.outcomes[name]!, options, answer),
  );
  const helpers = isMissing(example) ? [] : example.helpers;
  return html`<article class="case">
<header><span class="kind">${kind.name}</span><code>${outcomes.example}</code></header>
<div class="query">${isMissing(example) ? html`<p class="note">${example.missing}</p>` : questionWithImages(example, options)}
${helpers.length > 0 ? html`<figure class="helper">${helpers.map((helper, i) => image(helper, 72, `helper ${i + 1}`))}<figcaption>helper</figcaption></figure>` : null}</div>
<p class="options">${options.map((option, i) => html`<span class="${i === answer ? "truth" : "option"}"><bdi>${option}</bdi>${i === answer ? " ✓" : null}</span>`)}</p>
<ul class="chips">${chips}</ul>
</article>`;
}

function kindsOf(examples: readonly ReportExample[]): ExampleKind[] {
  return [...new Map(examples.map((c) => [c.kind.name, c.kind])).values()];
}

/**
 * At most `limit` of the selected examples, with the frequency of each kind.
 *
 * @example
 * examplesSection({ missing: "no outcomes were kept" }, 12)?.markup.includes("No examples"); // true
 */
export function examplesSection(
  examples: ReportExample[] | MissingData,
  limit: number,
  seed = "",
): Html | null {
  if (limit === 0) return null;
  if (isMissing(examples)) {
    return html`<div class="block"><h4>Examples${seed ? html` <small>${seed}</small>` : null}</h4><p class="note">No examples: ${examples.missing}.</p></div>`;
  }
  const shown = examples.slice(0, limit);
  const kinds = kindsOf(examples).map(
    ({ name, count, of }, i) =>
      html`${i > 0 ? "; " : null}${name}: <data value="${String(count)}" data-unit="count" data-from="outcomes.jsonl">${format(count, "count")}</data>${i === 0 ? html` of <data value="${String(of)}" data-unit="count" data-from="outcomes.jsonl">${format(of, "count")}</data>` : null}`,
  );
  return html`<div class="block"><h4>Examples${seed ? html` <small>${seed}</small>` : null}</h4>
<p class="note">A fixed mix of kinds, not a sample. ${kinds}.</p>
<div class="examples">${shown.map(card)}</div></div>`;
}
