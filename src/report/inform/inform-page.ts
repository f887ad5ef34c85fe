/** The page about a dataset's helper images: verdict, redundancy, V-usable information, most and least informative examples. */
import type { InformResult, InformVerdict } from "../../inform/index.ts";
import { distributionChart } from "../charts/distribution.ts";
import { type Html, html, raw, wideTable } from "../html.ts";
import { htmlShell } from "../html-shell.ts";
import { type InlineImage, shownSize } from "../images.ts";
import { histogram } from "../latent-figures.ts";
import { figure, type Pointer, pointer, range } from "../numbers.ts";
import { questionWithImages } from "../sections/examples.ts";

/** An example as the page shows it. */
export interface HelperExample {
  measured: InformResult["examples"][number];
  question: string;
  options: readonly string[];
  answer: number;
  images: InlineImage[];
  helpers: InlineImage[];
}

interface HelperExamples {
  most: readonly HelperExample[];
  least: readonly HelperExample[];
}

/** Examples shown of each kind. */
const SHOWN = 6;

const READERS: Record<keyof InformResult["readers"], readonly [string, string]> = {
  text: ["question", "the question and its options"],
  image: ["images", "the images and the options, not the question"],
  helper: ["helper", "the helper images alone; predicts the answer among all answers of the dataset"],
  helperPlace: [
    "helper, position",
    "the helper images alone; predicts the position of the answer among the options",
  ],
  guess: ["guess", "the image region where a helper is likely to be; predicts the answer"],
  guessPlace: ["guess, position", "the same; predicts the position of the answer among the options"],
  helperOptions: ["helper and options", "the helpers and the options, neither images nor question"],
  without: [
    "all but the helper",
    "question, options and images, and the helper region that a pointer predicts from them",
  ],
  with: ["all", "question, options, images and helpers"],
};

/** Meaning of each verdict, and the class of the badge with the nearest color. */
const VERDICTS: Record<InformVerdict, readonly [string, string]> = {
  informative: [
    "The helper images add information about the answer beyond image and question: latents trained on them can be load-bearing.",
    "load-bearing",
  ],
  redundant: [
    "The content of the helper images can be read from the input: a model does not need them.",
    "bypassed",
  ],
  insufficient: [
    "The helper images were not shown to be informative about the answer: latents trained on them have nothing to carry.",
    "inconclusive",
  ],
  leaking: ["The helper images alone reveal the answer: a model need not use the input at all.", "starved"],
};

/**
 * The examples with the most and the least informative helpers: up to six each, no example twice.
 *
 * @example
 * pickHelpers({ examples: [{ id: "a", bits: 2 }, { id: "b", bits: 0 }] }).most[0].id; // "a"
 */
export function pickHelpers({ examples }: Pick<InformResult, "examples">) {
  const sorted = [...examples].sort((a, b) => b.bits - a.bits || (a.id < b.id ? -1 : 1));
  const most = sorted.slice(0, Math.min(SHOWN, Math.ceil(sorted.length / 2)));
  return { most, least: sorted.slice(most.length).slice(-SHOWN).reverse() };
}

const at = (...path: (string | number)[]): Pointer => pointer(...path);

function readersTable({ readers }: InformResult): Html {
  const rows = (Object.keys(READERS) as (keyof InformResult["readers"])[]).map((name) => {
    const [label, sees] = READERS[name];
    const { accuracy, interval, blind } = readers[name];
    const place = (key: string): Pointer => at("readers", name, key);
    return html`<tr><th scope="row">${label}</th><td>${sees}</td><td class="num">${figure(accuracy, "percent", place("accuracy"))}</td><td class="num dim">${range(interval, "percent", place("interval"))}</td><td class="num dim">${figure(blind, "percent", place("blind"))}</td></tr>`;
  });
  return wideTable(
    html`<table><thead><tr><th>reader</th><th>input</th><th class="num">accuracy</th><th class="num">95 %</th><th class="num" title="always the most frequent answer, or the most frequent position">blind</th></tr></thead><tbody>${rows}</tbody></table>`,
  );
}

function charts({ redundancy, examples, information }: InformResult): Html {
  const ncc = distributionChart(
    [
      {
        label: "correlation of the helper",
        histogram: { from: -1, to: 1, counts: redundancy.histogram, total: redundancy.measured },
        color: "var(--own)",
      },
    ],
    "normalised cross-correlation with the input",
    {
      id: "ncc",
      title: "Redundancy of helpers with the input",
      description: "Distribution of the best normalised cross-correlation over examples",
    },
  );
  const values = examples.map(({ bits }) => bits);
  const low = Math.floor(Math.min(-0.5, ...values));
  const high = Math.ceil(Math.max(0.5, ...values));
  const bits = distributionChart(
    [
      {
        label: "information of the helper",
        histogram: histogram(values, low, high, 4 * (high - low)),
        color: "var(--oracle)",
      },
    ],
    "bits about the answer, beyond image and question",
    {
      id: "bits",
      title: "Information of single helpers",
      description: "Distribution of pointwise V-information over examples",
    },
  );
  const missing = examples.length - redundancy.measured;
  return html`<div class="duo"><figure>${raw(ncc)}<figcaption><b>Redundancy.</b> Best correlation of each helper with the input over images, positions and scales; 1 is a copy. Mean ${figure(redundancy.mean, "decimal", at("redundancy", "mean"), "no helper could be compared")}.${missing > 0 ? html` ${figure(missing, "count", { from: "inform.json" })} could not be compared: the helper has a single color.` : null}</figcaption></figure>
<figure>${raw(bits)}<figcaption><b>Information.</b> Pointwise V-information: by how many powers of two the right answer becomes likelier with the helper. Mean ${figure(information.bits, "decimal", at("information", "bits"))} bits ${range(information.interval, "decimal", at("information", "interval"), "no interval")}.</figcaption></figure></div>`;
}

function facts({ redundancy, information }: InformResult): Html {
  const bits = (name: "options" | "without" | "with" | "bits" | "margin"): Html =>
    html`${figure(information[name], "decimal", at("information", name))} bits`;
  const share = (name: "contained" | "pointed" | "pointedByDonor", why: string): Html =>
    figure(redundancy[name], "percent", at("redundancy", name), why);
  const none = "no helper is contained";
  const rows: [string, Html][] = [
    ["uncertainty about the answer, from the options alone", bits("options")],
    ["without the helper", bits("without")],
    ["with the helper", bits("with")],
    [
      "V-usable information of the helper",
      html`${bits("bits")} <span class="dim">${range(information.interval, "decimal", at("information", "interval"), "no interval")}, margin ${bits("margin")}</span>`,
    ],
    ["helpers contained in the input", share("contained", "no helper could be compared")],
    [
      "their position predicted from image and question",
      html`${share("pointed", none)} <span class="dim">by another example’s position ${share("pointedByDonor", none)}</span>`,
    ],
  ];
  return wideTable(
    html`<table class="facts"><tbody>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody></table>`,
  );
}

function card({ measured, question, options, answer, images, helpers }: HelperExample): Html {
  const show = (picture: InlineImage, i: number): Html => {
    const { width, height, pixelated } = shownSize(picture, 96);
    return html`<img src="${picture.uri}" width="${String(width)}" height="${String(height)}" alt="${`helper ${i + 1}`}"${pixelated ? html` class="pixels"` : null}>`;
  };
  const derived = { from: "inform.json" };
  return html`<article class="case">
<header><span class="kind">${figure(measured.bits, "decimal", derived)} bits</span><code>${measured.id}</code></header>
<div class="query">${questionWithImages({ question, images, helpers }, options)}<figure class="helper">${helpers.map(show)}<figcaption>helper</figcaption></figure></div>
<p class="options">${options.map((option, i) => html`<span class="${i === answer ? "truth" : "option"}"><bdi>${option}</bdi>${i === answer ? " ✓" : null}</span>`)}</p>
<p class="note">Right answer: ${figure(measured.without, "percent", derived)} likely without the helper, ${figure(measured.with, "percent", derived)} with it. Correlation with the input ${figure(measured.ncc, "decimal", derived, "a helper of one color")}.</p>
</article>`;
}

const cards = (title: string, examples: readonly HelperExample[]): Html =>
  html`<div class="block"><h3>${title}</h3><div class="examples">${examples.map(card)}</div></div>`;

/** The page. Pure: the same result and examples give the same bytes. */
export function renderInform(result: InformResult, { most, least }: HelperExamples): string {
  const [meaning, tone] = VERDICTS[result.verdict];
  const header = html`<p class="kicker">Lintel inform, <b>${result.dataset}</b></p>
<h1>How informative are the helper images?</h1>
<p class="answer"><strong class="${tone}">${result.verdict}</strong>: ${meaning}</p>
<ul class="prose">${result.reasons.map((reason) => html`<li>${`${reason.charAt(0).toUpperCase()}${reason.slice(1)}`}.</li>`)}</ul>
<p class="meta">${figure(result.n, "count", at("n"))} examples of ${result.task}, split ${result.split}; chance ${figure(result.chance, "percent", at("chance"))}; ${figure(result.seconds, "seconds", at("seconds"))}, Lintel ${result.lintel}</p>
<nav aria-label="Contents"><ul><li><a href="#measured">Measured</a></li><li><a href="#readers">Readers</a></li><li><a href="#examples">Examples</a></li><li><a href="#methods">Methods</a></li></ul></nav>`;
  const main = html`<section id="measured"><h2>Measured</h2>${facts(result)}<div class="block">${charts(result)}</div></section>
<section id="readers"><h2>Accuracy of readers</h2>${readersTable(result)}</section>
<section id="examples"><h2>Examples</h2>${cards("Most informative helpers", most)}${cards("Least informative helpers", least)}</section>
<section id="methods"><h2>Methods</h2>
<p><b>Redundancy.</b> Best normalised cross-correlation of a helper with the images of the input, over images, positions and scales. Channels are centered separately, uniform surroundings of a helper are masked, and of several helpers the least contained one counts. A helper counts as contained from ${figure(result.redundancy.threshold, "decimal", at("redundancy", "threshold"))} on.</p>
<p><b>V-usable information</b> (Xu et al. 2020; pointwise: Ethayarajh et al. 2022) is the reduction of cross-entropy from a reader without the helper to one with it. Both are conditional logit models over the same features; instead of the helper, the first gets the region that a pointer, trained on other examples, predicts from image and question. Every example is read by readers trained on other examples (${figure(result.folds, "count", at("folds"))} folds); intervals are bootstraps over examples and do not include the variance of training the readers.</p>
<p><b>Limits.</b> Information is relative to these readers. They use any position of the input and compare helpers with the input, but they do not read text or recognize objects in photographs: information that only a large model can use does not count here, neither in helpers nor in inputs.</p>
</section>`;
  return htmlShell({ title: `inform ${result.dataset}`, lintel: result.lintel, header, main });
}
