/** Audits of one model on one split: what other rooms use of them. */

export { questionLines, questionWarnings } from "./data/prepare-images.ts";
export { type ComparisonOptions, compareAll, isRight } from "./judge/comparison.ts";
export { levelOf } from "./judge/fresh-examples.ts";
export { contrastOf } from "./judge/gap.ts";
export { geometry, type Latents } from "./judge/geometry.ts";
export { READABLE } from "./judge/guards.ts";
export { auditSizes } from "./judge/sample-size.ts";
export { summarize } from "./judge/summary.ts";
export { sisterAnswers } from "./judge/text-baseline.ts";
export { contentDummies, decide, judge, verdictLabel } from "./judge/verdict.ts";
export type { ExportName } from "./record/lm-eval-samples.ts";
export type { ExampleOutcomes, Outcome } from "./record/outcomes.ts";
export { readOutcomes } from "./record/outcomes-journal.ts";
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
