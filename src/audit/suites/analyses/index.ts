/** What suites report. A new analysis is its file and one line here. */
import type { Analysis } from "../types.ts";
import { attention } from "./attention.ts";
import { attribution } from "./attribution.ts";
import { collapse } from "./collapse.ts";
import { decomposition } from "./decomposition.ts";
import { doseCurves } from "./dose-curves.ts";
import { flips } from "./flips.ts";
import { imageToLatents } from "./image-to-latents.ts";
import { latentsToAnswer } from "./latents-to-answer.ts";
import { probes } from "./probes.ts";
import { reliance } from "./reliance.ts";
import { retained } from "./retained.ts";

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
} as const satisfies Record<string, Analysis>;

export type AnalysisName = keyof typeof analyses;
