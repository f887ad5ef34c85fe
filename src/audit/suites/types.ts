import type { OnProgress } from "../../util/index.ts";
import type { Answering } from "../decode/run-batch.ts";
import type { Latents } from "../judge/geometry.ts";
import type { ExampleOutcomes } from "../record/outcomes.ts";
import type { AuditResult } from "../record/schema.ts";
import type { AnalysisName } from "./analyses/index.ts";
import type { Evidence } from "./evidence.ts";

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

/** What a suite says in the end, and the figures that it rests on. */
export interface Conclusion<Name extends string = string> {
  conclusion: Name | "inconclusive";
  reason: string;
}

/** What a paper ran, as data: its interventions, and what is reported of them beyond accuracies and comparisons. */
export interface Suite<Name extends string = string> {
  title: string;
  source: string;
  interventions: readonly string[];
  analyses: readonly AnalysisName[];
  /** What the suite can conclude, with what each means; "inconclusive" is always among them. */
  conclusions: Readonly<Record<Name, string>>;
  /**
   * What follows from its interventions and analyses. Each conclusion is an intersection of tests at α = 0.05: it is
   * false as soon as one of them errs, so that it is false at most so often.
   */
  conclude(evidence: Evidence): Conclusion<Name>;
}

/**
 * A suite as it is written down: the names of its conclusions are those that `conclude` may give.
 *
 * @example
 * const nothing = { title: "t", source: "s", interventions: ["own"], analyses: [], conclusions: { all: "everything" } };
 * suite({ ...nothing, conclude: () => ({ conclusion: "all", reason: "by hand" }) }).title; // "t"
 */
export const suite = <Name extends string>(given: Suite<Name>): Suite<Name> => given;
