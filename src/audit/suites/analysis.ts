/** What an analysis receives and returns. */
import type { OnProgress } from "../../util/index.ts";
import type { BatchContext } from "../decode/batch-context.ts";
import type { Latents } from "../record/latents-file.ts";
import type { ExampleOutcomes } from "../record/outcomes.ts";
import type { AuditResult } from "../record/schema.ts";

/** A finished audit with its model still loaded. */
export interface SuiteContext extends BatchContext {
  latents: Latents;
  outcomes: readonly ExampleOutcomes[];
  summary: AuditResult;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** Numbers by name. A number that could not be computed is null, with a reason. */
export type AnalysisResult = Record<string, unknown>;

/** One analysis that suites report. */
export type Analysis = (context: SuiteContext) => AnalysisResult | Promise<AnalysisResult>;
