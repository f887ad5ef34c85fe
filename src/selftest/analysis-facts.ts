/** What analyses of suites must find in known-answer models: numbers that the weights of a model imply. */
import type { AnalysisName, AuditResult } from "../audit/index.ts";

/** An analysis, or a measurement of every audit. */
type Source = AnalysisName | "lookAlike";

export interface AnalysisFact {
  model: string;
  analysis: Source;
  /** What must be so. */
  claim: string;
  /** Numbers of the result: keys between slashes; `content=zeros` is the entry of a list that has this content. */
  numbers: readonly string[];
  holds(...numbers: (number | null)[]): boolean;
}

type Rest = [claim: string, numbers: readonly string[], holds: AnalysisFact["holds"]];
const of = (model: string, facts: readonly (readonly [analysis: Source, ...Rest])[]): AnalysisFact[] =>
  facts.map(([analysis, claim, numbers, holds]) => ({ model, analysis, claim, numbers, holds }));

const near = (value: number | null, wanted: number, within: number): boolean =>
  value !== null && Math.abs(value - wanted) <= within;
const above = (value: number | null, least: number): boolean => value !== null && value > least;
const windows = Array.from({ length: 9 }, (_, w) => `map/${w}/drop`);
/** The marked window of `regionExamples`: row 1, column 2 of 3 × 3. */
const MARKED_WINDOW = 5;

export const analysisFacts: readonly AnalysisFact[] = [
  ...of("reads-latents", [
    [
      "adversarialImages",
      "against the answer images act through the latents alone, and more than random signs",
      ["adversarial/fall/value", "adversarial/fallWithOwn/value", "random/fall/value", "random/largest"],
      (fall, held, random, size) =>
        above(fall, 1e-3) && near(held, 0, fall! / 100) && near(random, 0, fall! / 10) && size === 4,
    ],
    [
      "regionBlocking",
      "the picture moves the state before the block, not the answer that is given the latents",
      ["largestDrop/value", "state/value"],
      (drop, state) => near(drop, 0, 1e-3) && above(state, 0.1),
    ],
    [
      "imageToLatents",
      "another picture moves the latents as far as another example, noise does not",
      ["changes/other-image/relative", "changes/noisy-image(0.1)/relative"],
      (other, noise) => above(other, 0.5) && near(noise, 0, 0.05),
    ],
    [
      "latentsToAnswer",
      "exchanged latents bring the donor's answer; the sham changes nothing",
      ["donorAnswerLift/value", "changes/sham/totalVariation"],
      (lift, sham) => above(lift, 0.5) && near(sham, 0, 1e-6),
    ],
    [
      "sameQuestion",
      "the answer becomes that of a donor of the same question",
      ["lift over own/difference"],
      (lift) => above(lift, 0.5),
    ],
    [
      "layerPatching",
      "before the last layer the content is in the slots, after it in the text",
      ["layers/toOwn/slots/0", "layers/toOwn/text/0", "layers/toOwn/slots/1", "layers/toOwn/text/1"],
      (s0, t0, s1, t1) => near(s0, 1, 0.01) && near(t0, 0, 0.01) && near(s1, 0, 0.01) && near(t1, 1, 0.01),
    ],
    [
      "slotInfluence",
      "slot 1 moves slot 2, and never the other way round",
      ["influence/0/1", "influence/1/0"],
      (forth, back) => above(forth, 0.3) && back === 0,
    ],
    [
      "targetForcing",
      "the slot behind a forced oracle comes nearer to its own",
      ["interval/0"],
      (low) => above(low, 0),
    ],
    [
      "fixedContext",
      "without both slots the answer is a guess",
      ["probability", "withoutMostAttended/1/probability"],
      (whole, without) => above(whole, 0.8) && !above(without, 0.4),
    ],
    [
      "flips",
      "a perturbation of a deviation flips the answer, a random one of its size seldom",
      ["adversarial/medianSize", "adversarial/flipped/3/share", "random/flipped/3/share"],
      (size, worst, random) => size !== null && size < 1 && near(worst, 1, 0.05) && !above(random, 0.5),
    ],
    [
      "decomposition",
      "all of the gain is the slots'",
      ["slotShare/value", "markerShare/value"],
      (slots, markers) => near(slots, 1, 0.05) && near(markers, 0, 0.05),
    ],
    ["retained", "zeros keep nothing of the gain", ["zeros/value"], (share) => near(share, 0, 0.2)],
    [
      "probes",
      "a probe reads the answer in the slots, and nothing with shuffled labels",
      ["answer/slots/accuracy", "answer/slots/shuffled"],
      (found, shuffled) => above(found, 0.8) && !above(shuffled, 0.5),
    ],
    [
      "clusters",
      "latents fall into as many clusters as colors, and not by kind of question",
      ["own/attributes/shown/ari", "own/attributes/asking/ari"],
      (shown, asking) => above(shown, 0.95) && near(asking, 0, 0.1),
    ],
    [
      "answerLikelihood",
      "own latents are worth more than zeros for the likeliest reply",
      ["contents/content=own/agreement", "contents/content=zeros/difference/interval/0"],
      (agreement, low) => agreement === 1 && above(low, 0),
    ],
    [
      "groupCosine",
      "latents of one color are one vector",
      ["attributes/shown/raw/same", "attributes/shown/raw/different"],
      (same, different) => near(same, 1, 1e-3) && !above(different, 0.5),
    ],
    ["spread", "four colors span three dimensions", ["own/rank90"], (rank) => rank === 3],
    [
      "doseCurves",
      "none of the oracle is own latents, and changes nothing",
      ["blend/0/difference", "blend/0/agreement"],
      (difference, agreement) => difference === 0 && agreement === 1,
    ],
    [
      "logitLens",
      "a latent is the same word in every example",
      ["slots/1/different"],
      (different) => different === 1,
    ],
    [
      "answerContrast",
      "the words of an option look back at no latent",
      ["latents/difference"],
      (difference) => near(difference, 0, 1e-6),
    ],
    [
      "attentionEntropy",
      "at the block, the first layer looks at itself alone",
      ["layers/0/latents"],
      (entropy) => near(entropy, 0, 1e-3),
    ],
    [
      "reliance",
      "own latents close the way to the oracle as often as the picture is clear",
      ["gapClosed"],
      (closed) => above(closed, 0.8),
    ],
    ["collapse", "own latents differ between examples", ["pairwiseCosine"], (cosine) => !above(cosine, 0.9)],
  ]),
  ...of("sees-no-latents", [
    [
      "adversarialImages",
      "against the answer images act past the latents",
      ["adversarial/fall/value", "adversarial/fallWithOwn/value"],
      (fall, held) => above(fall, 1e-3) && near(held, fall!, fall! / 100),
    ],
    [
      "regionBlocking",
      "without the picture the answer loses its margin",
      ["largestDrop/value"],
      (drop) => above(drop, 1),
    ],
    [
      "attribution",
      "no slot has a gradient",
      ["slots/0/perDeviation", "slots/1/perDeviation"],
      (first, second) => near(first, 0, 1e-6) && near(second, 0, 1e-6),
    ],
    [
      "flips",
      "no perturbation of the latents flips an answer",
      ["adversarial/never", "n"],
      (never, n) => never === n,
    ],
    [
      "layerPatching",
      "exchanged latents change nothing that could be placed",
      ["change/value"],
      (change) => near(change, 0, 1e-3),
    ],
  ]),
  ...of("first-slot", [
    [
      "fixedContext",
      "the answer loses by slot 1 alone",
      ["slots/0/loss", "slots/1/loss"],
      (first, second) => above(first, 1) && second === 0,
    ],
    [
      "attribution",
      "slot 1 has all of the gradient",
      ["slots/0/perDeviation", "slots/1/perDeviation"],
      (first, second) => above(first, 0.1) && near(second, 0, 1e-6),
    ],
    [
      "attention",
      "the answer looks at slot 1 and at itself, half each",
      ["layers/1/share/slots", "layers/1/top"],
      (slots, top) => near(slots, 0.5, 1e-4) && near(top, 0.5, 1e-4),
    ],
  ]),
  ...of("presence", [
    [
      "decomposition",
      "all of the gain is the markers'",
      ["markerShare/value", "slotShare/value"],
      (markers, slots) => near(markers, 1, 0.05) && near(slots, 0, 0.05),
    ],
    [
      "answerLikelihood",
      "contents are worth the same",
      ["contents/content=mean/difference/value"],
      (difference) => near(difference, 0, 1e-3),
    ],
  ]),
  ...of("image-first", [
    [
      "pathInteractions",
      "own latents count for more where the image is dropped",
      ["interactions/content=zeros/difference", "interactions/content=zeros/p"],
      (difference, p) => above(difference, 0.5) && p !== null && p < 0.001,
    ],
  ]),
  ...of("starved", [
    [
      "clusters",
      "latents say what is shown, which is not the answer",
      ["own/attributes/shown/ari", "own/answer/ari"],
      (shown, answer) => above(shown, 0.95) && near(answer, 0, 0.1),
    ],
    [
      "probes",
      "no probe reads the answer in the slots",
      ["answer/slots/accuracy"],
      (accuracy) => !above(accuracy, 0.45),
    ],
  ]),
  ...of("partly", [
    [
      "lookAlike",
      "wrong latents are read as faithfully as right ones",
      ["own/wrongFollowed", "own/wrongNot", "own/rightNot"],
      (followed, wrong, right) => above(followed, 0) && wrong === 0 && right === 0,
    ],
  ]),
  ...of("deaf", [
    [
      "adversarialImages",
      "no pixel has a gradient: the images stay",
      ["adversarial/largest", "random/largest"],
      (largest, random) => largest === 0 && random === 4,
    ],
  ]),
  ...of("collapsed", [
    [
      "imageToLatents",
      "own latents are one vector: nothing is far",
      ["betweenExamples"],
      (between) => between === 0,
    ],
    ["collapse", "own latents are one vector", ["pairwiseCosine"], (cosine) => near(cosine, 1, 1e-6)],
  ]),
  ...of("one-region", [
    [
      "regionBlocking",
      "the answer loses by the marked region, and by no other",
      windows,
      (...drops) => drops.every((drop, w) => (w === MARKED_WINDOW ? above(drop, 1) : near(drop, 0, 1e-3))),
    ],
    [
      "regionBlocking",
      "more on the target than elsewhere",
      ["target/interval/0", "none"],
      (low, none) => above(low, 1) && near(none, 0, 1e-3),
    ],
    [
      "targetRegion",
      "the answer attends to the target, more than to any region of its shape",
      ["attention/answer/1/above", "attention/answer/1/inside"],
      (most, inside) => near(most, 1, 0.05) && near(inside, 1, 0.01),
    ],
  ]),
];

/** The number at a place of a result; null where there is none. */
function numberAt(result: unknown, place: string): number | null {
  let at = result;
  for (const key of place.split("/")) {
    const [name, wanted] = key.split("=");
    at =
      wanted !== undefined && Array.isArray(at)
        ? at.find((each) => each?.[name!] === wanted)
        : (at as Record<string, unknown> | null | undefined)?.[key];
  }
  return typeof at === "number" ? at : null;
}

export interface AnalysisRow {
  model: string;
  analysis: Source;
  n: number;
  claim: string;
  /** Numbers by their places in the result. */
  found: Record<string, number | null>;
  passed: boolean;
}

/**
 * What an audit says of the facts about a model, as far as the analyses were run.
 *
 * @example
 * const results = { spread: { own: { rank90: 3 } } };
 * const [row] = checkFacts("reads-latents", 60, { suites: { viveiros: { results } } });
 * [row.analysis, row.found["own/rank90"], row.passed]; // ["spread", 3, true]
 */
export function checkFacts(
  model: string,
  n: number,
  { suites = {}, lookAlike }: Pick<AuditResult, "suites" | "lookAlike">,
): AnalysisRow[] {
  return analysisFacts.flatMap(({ model: whose, analysis, claim, numbers, holds }): AnalysisRow[] => {
    if (whose !== model) return [];
    const result =
      analysis === "lookAlike"
        ? lookAlike
        : Object.values(suites).find(({ results }) => results[analysis] !== undefined)?.results[analysis];
    if (result === undefined) return [];
    const values = numbers.map((place) => numberAt(result, place));
    const found = Object.fromEntries(numbers.map((place, i) => [place, values[i]!]));
    return [{ model, analysis, n, claim, found, passed: holds(...values) }];
  });
}
