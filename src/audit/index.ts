/** Audits of one model on one split: what other rooms use of them. */

export { questionLines, questionWarnings } from "./data/prepare-images.ts";
export { type ComparisonOptions, compareAll, isRight } from "./judge/comparison.ts";
export { levelOf } from "./judge/fresh-examples.ts";
export { contrastOf, type Gap } from "./judge/gap.ts";
export { geometry, type Latents } from "./judge/geometry.ts";
export { READABLE } from "./judge/guards.ts";
export { auditSizes } from "./judge/sample-size.ts";
export { type SummaryOptions, summarize } from "./judge/summary.ts";
export { sisterAnswers } from "./judge/text-baseline.ts";
export {
  contentDummies,
  decide,
  type Judgment,
  judge,
  type VerdictOptions,
  verdictLabel,
} from "./judge/verdict.ts";
export type { RetrievalOptions } from "./measurements/index.ts";
export type { ExportName } from "./record/lm-eval-samples.ts";
export type { Dose, ExampleOutcomes, Outcome } from "./record/outcomes.ts";
export { readOutcomes } from "./record/outcomes-journal.ts";
export {
  type AuditResult,
  auditSchema,
  type Comparison,
  type Geometry,
  type InterventionResult,
  type SuiteResult,
  type Verdict,
  verdictSchema,
} from "./record/schema.ts";
export { type AuditPlan, planAudit, type Replacement } from "./request/dry-run.ts";
export type { AuditOptions } from "./request/options.ts";
export { readInterventions } from "./request/select-interventions.ts";
export { auditLoaded, auditModel } from "./run.ts";
export { type SuiteName, suiteNames, suiteOf, suites } from "./suites/index.ts";
