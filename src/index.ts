/**
 * Lintel as a library: what the commands do, as functions. Checkpoints, datasets and runs are directories; every function
 * checks its arguments and throws a `LintelError` (docs/errors.md). docs/stability.md says which functions are stable; the
 * types below belong to the functions that take or return them.
 *
 * @packageDocumentation
 */
export {
  type AuditRequest,
  type AuditResult,
  auditModel,
  type Comparison,
  type DataRequest,
  type Dose,
  type ExampleOutcomes,
  type ExportName,
  type Gap,
  type Geometry,
  geometry,
  type Judgment,
  judge,
  type Latents,
  type ModelRequest,
  type Outcome,
  type OutputRequest,
  type RetrievalOptions,
  readInterventions,
  type SelectionRequest,
  type SummaryOptions,
  summarize,
  type Verdict,
  type VerdictOptions,
  type VerdictRequest,
} from "./audit/index.ts";
export type { Device, SessionOptions } from "./graph/index.ts";
export { type InformOptions, type InformResult, inform } from "./inform/index.ts";
export type { WeightFormat } from "./qwen/index.ts";
export {
  type Definitions,
  type Ending,
  type Intervention,
  interventions,
  type LatentModel,
  type LoadOptions,
  loadLatentModel,
  type OracleKind,
  type PixelsOf,
  type ResolvedIntervention,
} from "./reasoning/index.ts";
export { readResults, summaryText, writeReport } from "./report/index.ts";
export {
  type Discordance,
  type Equivalence,
  equivalence,
  holm,
  type Interval,
  type Measured,
  mcnemar,
  type PairedCounts,
  type PairedDifference,
  type PValue,
  pairedDifference,
  pairsForEquivalence,
  wilson,
} from "./statistics/index.ts";
export {
  type CellResult,
  type Finding,
  findings,
  type Results,
  runStudy,
  type Selection,
  type StudyInput,
  type StudyOptions,
} from "./study/index.ts";
export {
  type Attribute,
  type DatasetFormat,
  type DatasetMeta,
  type Edit,
  type Example,
  type Examples,
  type Generated,
  type GenerateOptions,
  type GridMap,
  generateDataset,
  type ImageBytes,
  type Json,
  type LayoutName,
  type Manifest,
  type Parameters,
  type ReadOptions,
  type Region,
  readExamples,
  readManifest,
  readSplit,
  type Skipped,
  type Split,
  tasks,
  type WriteOptions,
  writeDataset,
} from "./tasks/index.ts";
export {
  type DeviceProof,
  type PocketShape,
  type Recipe,
  recipes,
  type Trained,
  type TrainOptions,
  type TrainResult,
  type TrainSettings,
  trainModel,
} from "./training/index.ts";
export {
  type ErrorCode,
  type ErrorId,
  type ErrorParts,
  LintelError,
  lintelVersion,
  type OnProgress,
  type ProgressEvent,
  type Random,
  random,
} from "./util/index.ts";
