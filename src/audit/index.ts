/** Audits of one model on one split: what other rooms use of them. */

export { type ComparisonOptions, compareAll } from "./judge/comparison.ts";
export { levelOf } from "./judge/fresh-examples.ts";
export { contrastOf } from "./judge/gap.ts";
export { geometry } from "./judge/geometry.ts";
export { READABLE } from "./judge/guards.ts";
export { sampleSizes } from "./judge/sample-size.ts";
export { summarize } from "./judge/summary.ts";
export { baselineAnswers } from "./judge/text-baseline.ts";
export { contentDummies, decide, judge, verdictLabel } from "./judge/verdict.ts";
export type { Latents } from "./record/latents-file.ts";
export type { ExportName } from "./record/lm-eval-samples.ts";
export type { ExampleOutcomes, Outcome } from "./record/outcomes.ts";
export { isRight } from "./record/outcomes.ts";
export { readOutcomes } from "./record/outcomes-journal.ts";
export { questionLines, questionWarnings } from "./record/question-report.ts";
export {
  type AuditResult,
  auditSchema,
  type Comparison,
  type InterventionResult,
  type SuiteResult,
  type Verdict,
  verdictSchema,
} from "./record/schema.ts";
export { type AuditPlan, planAudit, type Replacement } from "./request/dry-run.ts";
export { readInterventions } from "./request/select-interventions.ts";
export { auditLoaded, auditModel } from "./run.ts";
export { type SuiteName, suiteNames, suiteOf, suites } from "./suites/index.ts";
