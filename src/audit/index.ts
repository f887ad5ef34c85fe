/** Audits of one model on one split. */

export {
  type Agreement,
  type AuditComparison,
  agreementOf,
  auditComparisonSchema,
  type ComparedAudit,
  type ComparedPair,
  compareAuditDirectories,
  compareAudits,
  isSameQuestion,
  namesApart,
  outcomesOfBoth,
  ownConclusion,
  requestNotes,
} from "./compare/index.ts";
export { type DataRequest, readAuditData } from "./data/read-data.ts";
export { baselineAnswers } from "./decode/baseline-answers.ts";
export type { InputVectors } from "./decode/input-vectors.ts";
export { loadAuditedModel, type ModelRequest } from "./decode/load-audited-model.ts";
export {
  type JudgeRequest,
  judgeFiles,
  type OutcomesFile,
  outcomeFormats,
  rowJsonSchema,
} from "./elsewhere/index.ts";
export { type ComparisonOptions, compare, compareAll, differenceP } from "./judge/comparison.ts";
export { levelOf } from "./judge/fresh-examples.ts";
export { contrastOf, type Gap } from "./judge/gap.ts";
export { geometry } from "./judge/geometry.ts";
export { bestControl, inDistribution, READABLE } from "./judge/guards.ts";
export { type NamedSlice, readSlices } from "./judge/named-slices.ts";
export type { ReferenceInput } from "./judge/reference-rows.ts";
export { sampleSizes } from "./judge/sample-size.ts";
export { type SummaryOptions, summarize } from "./judge/summary.ts";
export {
  chanceNote,
  contentDummies,
  decide,
  type Judgment,
  judge,
  type VerdictOptions,
  type VerdictRequest,
  verdictLabel,
} from "./judge/verdict.ts";
export type { RetrievalOptions } from "./measurements/index.ts";
export { type Latents, ownBlocks, readLatents } from "./record/latents-file.ts";
export type { ExportName } from "./record/lm-eval-samples.ts";
export type { Dose, ExampleOutcomes, Outcome } from "./record/outcomes.ts";
export { isRight } from "./record/outcomes.ts";
export { readOutcomes, streamOutcomes } from "./record/outcomes-journal.ts";
export type { OutputRequest } from "./record/output.ts";
export { questionLines, questionWarnings } from "./record/question-report.ts";
export { readAuditResult } from "./record/read-result.ts";
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
export { type Budget, planBudget, withBudget } from "./request/budget.ts";
export { type AuditPlan, planAudit, type Replacement } from "./request/dry-run.ts";
export type { AuditRequest } from "./request/request.ts";
export type { SelectionRequest } from "./request/select-interventions.ts";
export { missingForVerdict, readInterventions } from "./request/select-interventions.ts";
export { auditLoaded, auditModel, auditShard } from "./run.ts";
export { type Shard, shardDirectory, shardDone, shardFrom, shardText } from "./shards.ts";
export {
  type AnalysisName,
  analysesMarkdown,
  type Control,
  controls,
  controlsMarkdown,
  type SuiteName,
  suiteNames,
  suiteOf,
  suites,
} from "./suites/index.ts";
export {
  checkNamed,
  type ExampleFilter,
  examplesOf,
  type FoundAudit,
  type FoundExample,
  findAudits,
  isSelected,
  namedIn,
  type OutcomeRow,
  outcomeRows,
  type Question,
  readQuestions,
  streamQuestions,
  type TableFormat,
  tableFormats,
  writeLatentsTable,
  writeOutcomes,
  writeProjector,
  writeVlmevalkit,
} from "./tables/index.ts";
