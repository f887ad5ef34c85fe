/** What analyses of suites must find in known-answer models: numbers that the weights of a model imply. */
import type { AnalysisName, AuditResult } from "../audit/index.ts";

/** An analysis, or a measurement of every audit. */
type Source = AnalysisName | "lookAlike";

/** A number of a result, and what it must be. */
interface Expectation {
  /** Keys between slashes; `content=zeros` is the entry of a list that has this content. */
  place: string;
  sign: ">" | "<" | "=";
  value: number;
  /** Of "=": how far it may be off. */
  within: number;
}

interface AnalysisFact {
  model: string;
  analysis: Source;
  /** What must be so. */
  claim: string;
  numbers: readonly Expectation[];
}

/** Model, analysis, claim; and the numbers that say so, one after the other. */
const table = `
reads-latents | adversarialImages | against the answer images act by way of the latents, and more than random signs | adversarial/fall/value > 1e-3; adversarial/fallWithOwn/value = 0 ± 1e-5; random/fall/value = 0 ± 1e-4; random/largest = 4
reads-latents | regionBlocking | the picture moves the state before the block, not the answer that is given the latents | largestDrop/value = 0 ± 1e-3; state/value > 0.1
reads-latents | imageToLatents | another picture moves the latents as far as another example, noise does not | changes/other-image/relative > 0.5; changes/noisy-image(0.1)/relative < 0.05
reads-latents | latentsToAnswer | exchanged latents bring the donor's answer; the sham changes nothing | donorAnswerLift/value > 0.5; changes/sham/totalVariation < 1e-6
reads-latents | sameQuestion | the answer becomes that of a donor of the same question | lift over own/difference > 0.5
reads-latents | layerPatching | before the last layer the content is in the slots, behind it in the text | layers/toOwn/slots/0 = 1 ± 0.01; layers/toOwn/text/0 = 0 ± 0.01; layers/toOwn/slots/1 = 0 ± 0.01; layers/toOwn/text/1 = 1 ± 0.01
reads-latents | slotInfluence | slot 1 moves slot 2, and never the other way round | influence/0/1 > 0.3; influence/1/0 = 0
reads-latents | targetForcing | the slot behind a forced oracle comes nearer to its own | interval/0 > 0
reads-latents | fixedContext | without both slots the answer is a guess | probability > 0.8; withoutMostAttended/1/probability < 0.4
reads-latents | flips | a perturbation of a deviation flips the answer, a random one of its size seldom | adversarial/medianSize < 1; adversarial/flipped/3/share > 0.95; random/flipped/3/share < 0.5
reads-latents | decomposition | all of the gain is the slots' | slotShare/value = 1 ± 0.05; markerShare/value = 0 ± 0.05
reads-latents | retained | zeros keep nothing of the gain | zeros/value = 0 ± 0.2
reads-latents | probes | a probe reads the answer in the slots, and nothing with shuffled labels | answer/slots/accuracy > 0.8; answer/slots/shuffled < 0.5
reads-latents | clusters | latents fall into as many clusters as colors, and not by kind of question | own/attributes/shown/ari > 0.95; own/attributes/asking/ari = 0 ± 0.1
reads-latents | answerLikelihood | whole replies say what the written ones say; own latents are worth more than zeros | contents/content=own/agreement = 1; contents/content=zeros/difference/interval/0 > 0
reads-latents | groupCosine | latents of one color are one vector | attributes/shown/raw/same = 1 ± 1e-3; attributes/shown/raw/different < 0.5
reads-latents | spread | four colors span three dimensions | own/rank90 = 3
reads-latents | doseCurves | nothing of the oracle is own latents, and changes nothing | blend/0/difference = 0; blend/0/agreement = 1
reads-latents | logitLens | a latent is the same word in every example | slots/1/different = 1
reads-latents | answerContrast | the words of an option look back at no latent | latents/difference = 0 ± 1e-6
reads-latents | attentionEntropy | at the block, the first layer looks at itself alone | layers/0/latents < 1e-3
reads-latents | reliance | own latents close most of the way to the oracle, since most pictures are clear | gapClosed > 0.8
reads-latents | collapse | own latents differ between examples | pairwiseCosine < 0.9
sees-no-latents | adversarialImages | against the answer images act past the latents | adversarial/fall/value > 1e-3; adversarial/fallWithOwn/value > 1e-3
sees-no-latents | regionBlocking | without the picture the answer loses its margin | largestDrop/value > 1
sees-no-latents | attribution | no slot has a gradient | slots/0/perDeviation < 1e-6; slots/1/perDeviation < 1e-6
sees-no-latents | flips | no perturbation of the latents flips an answer | adversarial/flipped/5/share = 0
sees-no-latents | layerPatching | exchanged latents change nothing that could be placed | change/value = 0 ± 1e-3
first-slot | fixedContext | the answer loses by slot 1 alone | slots/0/loss > 1; slots/1/loss = 0
first-slot | attribution | slot 1 has all of the gradient | slots/0/perDeviation > 0.1; slots/1/perDeviation < 1e-6
first-slot | attention | the answer looks at slot 1 and at itself, half each | layers/1/share/slots = 0.5 ± 1e-4; layers/1/top = 0.5 ± 1e-4
presence | decomposition | all of the gain is the markers' | markerShare/value = 1 ± 0.05; slotShare/value = 0 ± 0.05
presence | answerLikelihood | contents are worth the same | contents/content=mean/difference/value = 0 ± 1e-3
image-first | pathInteractions | own latents count for more where the image is dropped | interactions/content=zeros/difference > 0.5; interactions/content=zeros/p < 1e-3
starved | clusters | latents say what is shown, which is not the answer | own/attributes/shown/ari > 0.95; own/answer/ari = 0 ± 0.1
starved | probes | no probe reads the answer in the slots | answer/slots/accuracy < 0.45
partly | lookAlike | wrong latents are read as faithfully as right ones | own/wrongFollowed > 0; own/wrongNot = 0; own/rightNot = 0
deaf | adversarialImages | no pixel has a gradient: the images stay | adversarial/largest = 0; random/largest = 4
collapsed | imageToLatents | own latents are one vector: nothing is far | betweenExamples = 0
collapsed | collapse | own latents are one vector | pairwiseCosine = 1 ± 1e-6
one-region | regionBlocking | the answer loses by the marked region, and by no other | map/5/drop > 1; ${[0, 1, 2, 3, 4, 6, 7, 8].map((w) => `map/${w}/drop = 0 ± 1e-3`).join("; ")}
one-region | regionBlocking | the target's region loses more than others; nothing cut changes nothing | target/interval/0 > 1; none < 1e-3
one-region | targetRegion | the answer attends to the target, more than to any region of its shape | attention/answer/1/above > 0.95; attention/answer/1/inside > 0.99
`;

function expectation(text: string): Expectation {
  const [, place, sign, value, within = 0] = /^(.+) ([<>=]) (\S+)(?: ± (\S+))?$/.exec(text.trim())!;
  return { place: place!, sign: sign as Expectation["sign"], value: Number(value), within: Number(within) };
}

export const analysisFacts: readonly AnalysisFact[] = table
  .trim()
  .split("\n")
  .map((line): AnalysisFact => {
    const [model, analysis, claim, numbers] = line.split("|").map((cell) => cell.trim()) as [
      string,
      Source,
      string,
      string,
    ];
    return { model, analysis, claim, numbers: numbers.split(";").map(expectation) };
  });

/** A number that is not there is as expected in no case. */
function isAs({ sign, value, within }: Expectation, found: number | null): boolean {
  if (found === null) return false;
  if (sign === "=") return Math.abs(found - value) <= within;
  return sign === ">" ? found > value : found < value;
}

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
  return analysisFacts.flatMap(({ model: whose, analysis, claim, numbers }): AnalysisRow[] => {
    if (whose !== model) return [];
    const result =
      analysis === "lookAlike"
        ? lookAlike
        : Object.values(suites).find(({ results }) => results[analysis] !== undefined)?.results[analysis];
    if (result === undefined) return [];
    const found = Object.fromEntries(numbers.map(({ place }) => [place, numberAt(result, place)]));
    const passed = numbers.every((number) => isAs(number, found[number.place]!));
    return [{ model, analysis, n, claim, found, passed }];
  });
}
