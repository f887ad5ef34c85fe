import type { OnProgress } from "../../util/index.ts";
import type { Answering } from "../answer.ts";
import type { Latents } from "../geometry.ts";
import type { ExampleOutcomes } from "../outcomes.ts";
import type { AuditResult } from "../schema.ts";
import type { AnalysisName } from "./analyses/index.ts";

/** A finished audit, with the model still at hand. */
export interface SuiteContext extends Answering {
  latents: Latents;
  outcomes: readonly ExampleOutcomes[];
  summary: AuditResult;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** What an analysis says. Every number that could not be computed is null, with the reason beside it. */
export type AnalysisResult = Record<string, unknown>;

/** One part of what suites report. `rows`: asks the model again, for each batch of examples. */
export type Analysis = (context: SuiteContext) => AnalysisResult | Promise<AnalysisResult>;

/** What a paper ran, as data: its interventions, and what is reported of them beyond accuracies and comparisons. */
export interface Suite {
  title: string;
  source: string;
  interventions: readonly string[];
  analyses: readonly AnalysisName[];
}
