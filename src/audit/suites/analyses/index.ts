/** Analyses of suites. A new analysis is a file and one line here. */
import type { Analysis, SuiteContext } from "../analysis.ts";
import { answerContrast } from "./answer-contrast.ts";
import { attention } from "./attention.ts";
import { attentionEntropy } from "./attention-entropy.ts";
import { attribution } from "./attribution.ts";
import { clusters } from "./clusters.ts";
import { collapse } from "./collapse.ts";
import { decomposition } from "./decomposition.ts";
import { doseCurves } from "./dose-curves.ts";
import { edits } from "./edits.ts";
import { fixedContext } from "./fixed-context.ts";
import { flips } from "./flips.ts";
import { foundAndRight } from "./found-and-right.ts";
import { groupCosine } from "./group-cosine.ts";
import { imageToLatents } from "./image-to-latents.ts";
import { adversarialImages } from "./images/adversarial-images.ts";
import { latentsToAnswer } from "./latents-to-answer.ts";
import { dummyTokens } from "./layers/dummy-tokens.ts";
import { layerPatching } from "./layers/layer-patching.ts";
import { logitLens } from "./layers/logit-lens.ts";
import { pathInteractions } from "./path-interactions.ts";
import { probes } from "./probes.ts";
import { regionBlocking } from "./regions/region-blocking.ts";
import { targetRegion } from "./regions/target-region.ts";
import { reliance } from "./reliance.ts";
import { answerLikelihood } from "./replies/answer-likelihood.ts";
import { retained } from "./retained.ts";
import { sameQuestion } from "./same-question.ts";
import { slotInfluence } from "./slot-influence.ts";
import { spread } from "./spread.ts";
import { targetForcing } from "./target-forcing.ts";

const registry = {
  reliance,
  collapse,
  retained,
  decomposition,
  probes,
  imageToLatents,
  latentsToAnswer,
  adversarialImages,
  attention,
  doseCurves,
  attribution,
  flips,
  spread,
  foundAndRight,
  fixedContext,
  logitLens,
  targetForcing,
  answerContrast,
  attentionEntropy,
  targetRegion,
  regionBlocking,
  groupCosine,
  edits,
  pathInteractions,
  sameQuestion,
  slotInfluence,
  layerPatching,
  clusters,
  answerLikelihood,
  dummyTokens,
} as const satisfies Record<string, Analysis>;

export type AnalysisName = keyof typeof registry;

/** The result of each analysis, by name. */
export type AnalysisResults = {
  [Name in AnalysisName]: Awaited<ReturnType<(typeof registry)[Name]>>;
};

export const analyses: {
  [Name in AnalysisName]: (context: SuiteContext) => AnalysisResults[Name] | Promise<AnalysisResults[Name]>;
} = registry;
