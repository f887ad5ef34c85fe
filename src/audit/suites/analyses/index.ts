/** What suites report. A new analysis is its file and one line here. */
import type { Analysis } from "../types.ts";
import { attention } from "./attention.ts";
import { attribution } from "./attribution.ts";
import { collapse } from "./collapse.ts";
import { decomposition } from "./decomposition.ts";
import { doseCurves } from "./dose-curves.ts";
import { fixedContext } from "./fixed-context.ts";
import { flips } from "./flips.ts";
import { foundAndRight } from "./found-and-right.ts";
import { imageToLatents } from "./image-to-latents.ts";
import { latentsToAnswer } from "./latents-to-answer.ts";
import { logitLens } from "./logit-lens.ts";
import { probes } from "./probes.ts";
import { reliance } from "./reliance.ts";
import { retained } from "./retained.ts";
import { spread } from "./spread.ts";
import { targetForcing } from "./target-forcing.ts";

export const analyses = {
  reliance,
  collapse,
  retained,
  decomposition,
  probes,
  imageToLatents,
  latentsToAnswer,
  attention,
  doseCurves,
  attribution,
  flips,
  spread,
  foundAndRight,
  fixedContext,
  logitLens,
  targetForcing,
} as const satisfies Record<string, Analysis>;

export type AnalysisName = keyof typeof analyses;
