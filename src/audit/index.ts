export { chosenInterventions, readInterventions } from "./chosen.ts";
export * from "./claims.ts";
export {
  type ClusteredComparison,
  clusteredComparison,
  clustersOf,
  fewAnswers,
  fewPairs,
  hull,
  shareInterval,
} from "./clusters.ts";
export { type ComparisonOptions, compareAll, differenceP, isRight } from "./comparison.ts";
export { corruptImages } from "./corrupt.ts";
export { type AuditPlan, planAudit, type Replacement } from "./dry-run.ts";
export { type Benchmark, type ReadExamples, readAudited } from "./examples.ts";
export { levelOf } from "./further.ts";
export { contrastOf, type Gap, gapOf, gapRows } from "./gap.ts";
export { geometry, type Latents } from "./geometry.ts";
export { type Guards, guardsOf, READABLE } from "./guards.ts";
export { readOutcomes } from "./kept-outcomes.ts";
export { lenientChoice } from "./lenient.ts";
export { type Loop, loopOf, oraclesMade } from "./loop.ts";
export { finite, known, type Measured, unknown } from "./measured.ts";
export * from "./measurements/index.ts";
export type { AuditedSplit, AuditOptions, LoadedAuditOptions } from "./options.ts";
export * from "./outcomes.ts";
export {
  type Prepared,
  prepared,
  type Questions,
  questionLines,
  questionsOf,
  questionWarnings,
} from "./questions.ts";
export {
  latexTable,
  latexText,
  markdownTable,
  markdownText,
  paragraph,
  writeReadable,
} from "./readable/index.ts";
export * from "./run.ts";
export { type ExportName, exportNames, type Sample, samplesOf } from "./samples.ts";
export * from "./schema.ts";
export { otherScores, type ScoredRow } from "./scores.ts";
export { compareSister, sisterAnswers, sisterSentence } from "./sister.ts";
export { auditSizes, type SizePlan, type SizeRequest, type SizeRow } from "./sizes.ts";
export { slicesOf } from "./slices.ts";
export * from "./statistics/index.ts";
export { type Suite, type SuiteName, suiteNames, suiteOf, suites } from "./suites/index.ts";
export { type SummaryOptions, summarize } from "./summary.ts";
export {
  contentDummies,
  decide,
  type Judgement,
  judge,
  type VerdictOptions,
  verdictLabel,
} from "./verdict.ts";
export { count, pEquals, points, pointsWithin, share, shareWithin } from "./words.ts";
