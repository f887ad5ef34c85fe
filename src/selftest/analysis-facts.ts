/** What analyses of suites must find in known-answer models: numbers that the weights of a model imply. */
import type { AnalysisName, AuditResult } from "../audit/index.ts";

/** What every audit has beside its suites: places in its result. */
const ofEveryAudit = ["lookAlike", "interventions", "comparisons", "geometry"] as const;

/** An analysis, or a part of every audit. */
type Source = AnalysisName | (typeof ofEveryAudit)[number];

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
reads-latents | layerPatching | before the last layer the content is in the slots, behind it in the text | layers/toOwn/slots/0 = 1 ± 0.01; layers/toOwn/text/0 = 0 ± 0.01; layers/toOwn/slots/1 = 0 ± 0.01; layers/toOwn/text/1 = 1 ± 0.01; injected/0/slots/0 < 0.9; injected/2/slots/0 > 0.95; injected/2/slots/1 = 0 ± 0.01
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
reads-latents | dummyTokens | placeholders are alike in all examples, own latents are not | dummy/between = 1 ± 1e-3; own/between < 0.95
partly | lookAlike | wrong latents are read as faithfully as right ones | own/wrongFollowed > 0; own/wrongNot = 0; own/rightNot = 0
deaf | adversarialImages | no pixel has a gradient: the images stay | adversarial/largest = 0; random/largest = 4
collapsed | imageToLatents | own latents are one vector: nothing is far | betweenExamples = 0
collapsed | collapse | own latents are one vector | pairwiseCosine = 1 ± 1e-6
reads-latents | interventions | dummies of every kind are guesses; the worst perturbation of a deviation takes the answer away | filler/accuracy = 0.25 ± 0.23; clamp/accuracy = 0.25 ± 0.23; norm-matched/accuracy = 0.25 ± 0.23; mean-oracle/accuracy = 0.25 ± 0.23; donor/accuracy = 0.25 ± 0.23; adversarial(1)/accuracy < 0.25
reads-latents | comparisons | what leaves the content leaves the answer | intervention=slots-only/agreement = 1; intervention=blend(0)/agreement = 1; intervention=jitter(0)/agreement = 1; intervention=noise-added(0.1)/agreement > 0.95; intervention=random-direction(0.1)/agreement > 0.95
sees-no-latents | comparisons | no perturbation of the latents changes an answer | intervention=adversarial(1)/agreement = 1; intervention=random-direction(1)/agreement = 1; intervention=jitter(3)/agreement = 1; intervention=noise-added(1)/agreement = 1
reads-latents | probes | a perceptron and the published probe read what the linear probe reads | mlp/slots/accuracy > 0.8; published/slots/accuracy > 0.8
edited | edits | another colour is another answer, other pixels of the same colour are the same | kinds/color/shouldFlip/value = 1; kinds/color/modelFlip/value = 1; kinds/color/correctFlip/value = 1; kinds/pixels/falseFlips/value = 0; kinds/color/displacement/relative > 0.5; kinds/pixels/displacement/relative < 0.01
edited | foundAndRight | answers are right where the right oracle is the nearest, and nowhere else | phi = 1 ± 1e-9; found/accuracy = 1; missed/accuracy = 0
edited | geometry | oracles are corners of a tetrahedron, words are none of them, own latents span the same three dimensions | references/oracleOtherAnswer/cosine = -0.333333 ± 1e-5; references/words/cosine = 0 ± 1e-6; references/shuffledSlots/cosine > 0; oracle/effectiveRank = 3 ± 0.01; own/effectiveRank = 3 ± 0.2; own/participationRatio = 3 ± 0.3; own/centeredPairwiseCosine = 0 ± 0.1; own/pairwiseCosine > 0.2
edited | geometry | as many find their oracle as have a clear picture, and those are nearer to it than to others | ownOracle/r1 = 0.775 ± 0.22; ownOracle/usp < 0.6; ownOracle/cosine > 0.3; ownOracle/mse > 0.3; ownOracle/cka > 0.3; ownOracle/r2 < 0.6
edited | spread | slots of an oracle are alike; whitened, examples are not | oracle/positions/withinExamples = 0 ± 1e-9; oracle/positions/adjacentCosine = 1 ± 1e-6; own/whitenedCosine = 0 ± 0.1
edited | groupCosine | the picture's features say what the latents hold | residual/explained > 0.99
edited | interventions | what the option's helper says is answered; doses are the distances that were made | counterfactual/accuracy = 0; counterfactual/following = 1; oracle-budget(1)/accuracy = 1; propagated(oracle, 1)/accuracy = 1; zeros/dose/norm = 0; oracle/dose/norm = 8 ± 1e-3; sham/dose/distance = 0; zeros/dose/mahalanobis > 1
edited | interventions | gradient steps find latents that say the answer, from own ones and from noise | optimized(1)/accuracy > 0.95; optimized-noise(1)/accuracy > 0.95
edited | interventions | another example's latents bring its answer; means of a question, and no picture, bring none | exchange/accuracy = 0.075 ± 0.14; same-question/accuracy = 0.075 ± 0.14; matched-question/accuracy = 0.075 ± 0.14; question-residual/accuracy = 0.075 ± 0.14; other-oracle/accuracy = 0.25 ± 0.23; question-mean/accuracy = 0.25 ± 0.23; blank-image/accuracy = 0.25 ± 0.23; other-image/accuracy = 0.25 ± 0.23; caption-only/accuracy = 0.25 ± 0.23; helper-in-words(none)/accuracy = 0.25 ± 0.23
edited | interventions | a helper beside the picture outvotes it | helper-in-prompt(own)/accuracy > 0.9
edited | comparisons | what leaves the content leaves the answer | intervention=sham/agreement = 1; intervention=sham/kl = 0 ± 1e-6; intervention=zeros/kl > 0.3; intervention=random-crop/agreement = 1; intervention=noisy-image(0.1)/agreement > 0.95; intervention=blurred-image(0.02)/agreement = 1; intervention=cropped-image(0.2)/agreement = 1; intervention=rotated-image(5)/agreement = 1; intervention=brightened-image(0.1)/agreement = 1; intervention=helper-in-words(own)/agreement = 1
with-options | interventions | options are never looked at: where each moves, none is named any more | own/accuracy = 1; reshuffled/accuracy = 0
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

/** Interventions that a fact speaks of: with other suites they were not run. */
export const interventionsOf = (analysis: Source, numbers: readonly Expectation[]): string[] =>
  analysis === "interventions" || analysis === "comparisons"
    ? numbers.map(({ place }) => place.slice(0, place.indexOf("/")).replace(/^intervention=/, ""))
    : [];

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
  audit: Pick<AuditResult, "suites"> & Partial<Pick<AuditResult, (typeof ofEveryAudit)[number]>>,
): AnalysisRow[] {
  return analysisFacts.flatMap(({ model: whose, analysis, claim, numbers }): AnalysisRow[] => {
    if (whose !== model || !interventionsOf(analysis, numbers).every((name) => audit.interventions?.[name]))
      return [];
    const result =
      audit[analysis as (typeof ofEveryAudit)[number]] ??
      Object.values(audit.suites ?? {}).find(({ results }) => results[analysis] !== undefined)?.results[
        analysis
      ];
    if (result === undefined) return [];
    const found = Object.fromEntries(numbers.map(({ place }) => [place, numberAt(result, place)]));
    const passed = numbers.every((number) => isAs(number, found[number.place]!));
    return [{ model, analysis, n, claim, found, passed }];
  });
}
