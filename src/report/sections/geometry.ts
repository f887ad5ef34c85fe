/** Geometry of own latents: spread, distance to their oracles, retrieval, and figures. */
import { distributionChart } from "../charts/distribution.ts";
import { legendMark } from "../charts/marks.ts";
import { projectionChart } from "../charts/projection.ts";
import { inAudit, type LocatedAudit } from "../groups.ts";
import { type Html, html, raw, wideTable } from "../html.ts";
import type { Histogram, LatentFigures } from "../latent-figures.ts";
import { figure, percentTick, type Unit } from "../numbers.ts";
import { isMissing, type MissingData } from "../report-data.ts";
import { figureData } from "./figure-data.ts";

function figures(picture: LatentFigures, id: string): Html {
  const { pairwise, paired, projection } = picture;
  const [one, two] = projection.explained;
  const left =
    picture.dropped > 0
      ? html` ${figure(picture.dropped, "count", { from: "latents.safetensors" })} without own or oracle latents are omitted.`
      : null;
  const bins = (names: readonly [string, string], one: Histogram, other: Histogram) => {
    const width = (one.to - one.from) / one.counts.length;
    const share = ({ counts, total }: Histogram, i: number): number => (total > 0 ? counts[i]! / total : 0);
    return [
      ["from", "to", ...names],
      one.counts.map((_, i) => [
        one.from + i * width,
        one.from + (i + 1) * width,
        share(one, i),
        share(other, i),
      ]),
    ] as const;
  };
  const points = (["own", "oracle"] as const).flatMap((kind) =>
    projection[kind].map(([x, y]) => [kind, x, y]),
  );
  const from = { from: "latents.safetensors" };
  const drawn = html`Drawn from ${figure(picture.n, "count", from)} of ${figure(picture.available, "count", from)} examples, mean over the slots of a block.${left}`;
  return html`<div class="trio">
<figure>${raw(
    distributionChart(
      [
        { label: "oracle", histogram: pairwise.oracle, color: "var(--oracle)", dashed: true },
        { label: "own", histogram: pairwise.own, color: "var(--own)" },
      ],
      "cosine of two examples",
      {
        id: `${id}-pairs`,
        title: "Pairwise cosines",
        description: "Distribution of cosines between the latents of two different examples, own and oracle.",
      },
    ),
  )}<figcaption><b>Do examples differ?</b> Cosines between the latents of two examples. Cosines of own latents near 1 mean that they have collapsed.</figcaption>${figureData(`${id}-pairs`, ...bins(["oracle", "own"], pairwise.oracle, pairwise.own))}</figure>
<figure>${raw(
    distributionChart(
      [
        { label: "others’ oracles", histogram: paired.other, color: "var(--content-free)", dashed: true },
        { label: "its oracle", histogram: paired.right, color: "var(--own)" },
      ],
      "cosine of own latent to …",
      {
        id: `${id}-paired`,
        title: "Own latents against oracles",
        description:
          "Distribution of cosines of own latents to their own oracle and to the oracles of other examples.",
      },
    ),
  )}<figcaption><b>Are they specific to the example?</b> Cosine of an own latent to its oracle and to those of others. Where both distributions coincide, own latents do not identify their example.</figcaption>${figureData(`${id}-paired`, ...bins(["others' oracles", "its oracle"], paired.other, paired.right))}</figure>
<figure>${raw(
    projectionChart(projection, {
      id: `${id}-plane`,
      title: "Own and oracle latents in two dimensions",
      description:
        "Projection of own and oracle latents on the two directions of largest variance of both together.",
    }),
  )}<figcaption><b>One cloud or two?</b> ${legendMark("circle", "var(--own)")} own and ${legendMark("hollow", "var(--oracle)")} oracle latents on their first two principal components (${percentTick(one)} and ${percentTick(two)} of the variance).</figcaption>${figureData(`${id}-plane`, ["kind", "x", "y"], points)}</figure>
</div><p class="note">${drawn}</p>`;
}

interface Line {
  label: string;
  hint: string;
  key: string;
  unit: Unit;
}

const CLOUD: Line[] = [
  {
    label: "mean pairwise cosine",
    hint: "over pairs of examples; 1 = all equal",
    key: "pairwiseCosine",
    unit: "decimal",
  },
  {
    label: "… after centering",
    hint: "after the common mean is subtracted",
    key: "centeredPairwiseCosine",
    unit: "decimal",
  },
  {
    label: "effective rank",
    hint: "exponential of the entropy of the singular values",
    key: "effectiveRank",
    unit: "tenth",
  },
  {
    label: "participation ratio",
    hint: "(Σλ)² / Σλ² of the covariance’s eigenvalues",
    key: "participationRatio",
    unit: "tenth",
  },
];

const PAIR: Line[] = [
  { label: "cosine to own oracle", hint: "mean over examples", key: "cosine", unit: "decimal" },
  { label: "mean squared error", hint: "mean over dimensions and examples", key: "mse", unit: "decimal" },
  {
    label: "oracle variance explained",
    hint: "R²; below 0: worse than the mean oracle",
    key: "r2",
    unit: "decimal",
  },
  {
    label: "linear CKA",
    hint: "similarity of the two clouds up to rotation and scale",
    key: "cka",
    unit: "decimal",
  },
  {
    label: "unrelated preferred (USP)",
    hint: "share of own latents closer to another example’s own latent than to their oracle",
    key: "usp",
    unit: "percent",
  },
];

const RETRIEVAL: Line[] = [
  {
    label: "retrieval@1, own → oracle",
    hint: "share of own latents whose nearest oracle is their own",
    key: "r1",
    unit: "percent",
  },
  { label: "retrieval@5", hint: "share whose oracle is among the nearest 5", key: "r5", unit: "percent" },
  { label: "retrieval@10", hint: "share whose oracle is among the nearest 10", key: "r10", unit: "percent" },
  { label: "mean reciprocal rank", hint: "1 = always first", key: "mrr", unit: "decimal" },
  { label: "mean rank", hint: "1 = always first", key: "meanRank", unit: "tenth" },
];

function tables(placed: LocatedAudit): Html {
  const { own, oracle, ownOracle } = placed.audit.geometry;
  const value = (of: object, key: string): number | null | undefined =>
    (of as Record<string, number | null | undefined>)[key];
  const cell = (part: "own" | "oracle" | "ownOracle", { key, unit }: Line): Html => {
    const of = placed.audit.geometry[part];
    return html`<td class="num">${figure(value(of, key), unit, inAudit(placed, "geometry", part, key), of.reasons?.[key])}</td>`;
  };
  const head = (line: Line): Html => html`<th scope="row" title="${line.hint}">${line.label}</th>`;
  const known =
    (...parts: object[]) =>
    (line: Line) =>
      parts.some((part) => typeof value(part, line.key) === "number");
  const kinds = (["own", "oracle"] as const).filter((kind) => CLOUD.some(known(placed.audit.geometry[kind])));
  const cloud = CLOUD.filter(known(own, oracle));
  // Without oracles there is nothing to compare with: a sentence, no columns of dashes.
  const [pair, ranks] = [PAIR.filter(known(ownOracle)), RETRIEVAL.filter(known(ownOracle))];
  const why = ownOracle.reasons?.cosine ?? ownOracle.reasons?.r1;
  const lines = (all: Line[]): Html =>
    html`<tbody>${all.map((line) => html`<tr>${head(line)}${cell("ownOracle", line)}</tr>`)}</tbody>`;
  return html`<div class="trio tables">
<table><caption>Spread</caption><thead><tr><td></td>${kinds.map((kind) => html`<th scope="col" class="num">${kind}</th>`)}</tr></thead><tbody>${cloud.map((line) => html`<tr>${head(line)}${kinds.map((kind) => cell(kind, line))}</tr>`)}</tbody></table>
${pair.length > 0 ? html`<table><caption>Own against oracle</caption>${lines(pair)}</table>` : null}
${ranks.length > 0 ? html`<table><caption>Retrieval (gallery ${figure(ownOracle.gallery, "count", inAudit(placed, "geometry", "ownOracle", "gallery"))})</caption>${lines(ranks)}</table>` : null}
</div>${pair.length + ranks.length > 0 ? null : html`<p class="note">Own latents are not compared with oracles: ${why ?? "none were recorded"}.</p>`}`;
}

/** Rows of reference by name: which pairs of vectors, in words. */
const REFERENCES: Record<string, string> = {
  slots: "own slot, the oracle’s slot of its number",
  shuffledSlots: "own slot, another slot of the oracle",
  sameAnswer: "own latent, oracle of another example with the same answer",
  otherAnswer: "own latent, oracle of an example with another answer",
  oracleSameAnswer: "oracles of two examples with the same answer",
  oracleOtherAnswer: "oracles of two examples with different answers",
  ownToPatch: "own latent, a random visual token of its image",
  patchesOfOne: "two random visual tokens of one example",
  patchesOfTwo: "random visual tokens of two examples",
  words: "two random words of one question",
};

/** Cosines of pairs of which one knows how alike they should be, beside those of own latents and oracles. */
function referenceTable(placed: LocatedAudit): Html | null {
  const { references, ownOracle } = placed.audit.geometry;
  if (!references) return null;
  const names = Object.keys(REFERENCES).filter((name) => references[name]);
  // A model without latents has none of them.
  if (ownOracle.cosine === null && names.every((name) => references[name]!.cosine === null)) return null;
  const cell = (name: string, key: "cosine" | "low" | "high"): Html =>
    html`<td class="num">${figure(references[name]![key], "decimal", inAudit(placed, "geometry", "references", name, key), references[name]!.reason)}</td>`;
  const own = figure(
    ownOracle.cosine,
    "decimal",
    inAudit(placed, "geometry", "ownOracle", "cosine"),
    ownOracle.reasons?.cosine,
  );
  return wideTable(
    html`<table class="references"><caption>What a cosine is like here</caption><thead><tr><th scope="col">pair</th><th scope="col" class="num">mean cosine</th><th scope="col" class="num" title="5th percentile over pairs">5 %</th><th scope="col" class="num" title="95th percentile over pairs">95 %</th></tr></thead><tbody><tr><th scope="row">own latent, its oracle</th><td class="num">${own}</td><td></td><td></td></tr>${names.map((name) => html`<tr><th scope="row">${REFERENCES[name]}</th>${cell(name, "cosine")}${cell(name, "low")}${cell(name, "high")}</tr>`)}</tbody></table>`,
  );
}

/** Geometry of one audit: figures (unless `withFigures` is false or latents are missing) and numbers. */
export function geometrySection(
  placed: LocatedAudit,
  latents: LatentFigures | MissingData,
  id: string,
  withFigures: boolean,
  seed = "",
): Html {
  const { own, ownOracle } = placed.audit.geometry;
  const head = html`<h4>Geometry of the latents${seed ? html` <small>${seed}</small>` : null}</h4>`;
  // A model that opens no block has oracles, but nothing of its own to compare with them.
  if ([own.pairwiseCosine, own.effectiveRank, ownOracle.cosine, ownOracle.r1].every((v) => v === null)) {
    const why = own.reasons?.pairwiseCosine ?? ownOracle.reasons?.cosine;
    return html`<div class="block">${head}<p class="note">Not measured: ${why ?? (isMissing(latents) ? latents.missing : "no latents")}.</p></div>`;
  }
  const picture = isMissing(latents)
    ? html`<p class="note">No figures: ${latents.missing}.</p>`
    : withFigures
      ? figures(latents, id)
      : null;
  return html`<div class="block">${head}${picture}${tables(placed)}${referenceTable(placed)}
<p class="note">The verdict does not use these numbers: latents close to the oracle can be useless, and distant ones useful.</p></div>`;
}
