/**
 * Lintel as a library: what the commands do, as functions. A checkpoint, a dataset and a run are directories; every
 * function checks what it is given and throws a `LintelError` that says where, what was expected, and what came.
 */
export {
  type AuditResult,
  auditModel,
  type ExampleOutcomes,
  geometry,
  judge,
  type Latents,
  type Outcome,
  readInterventions,
  summarize,
} from "./audit/index.ts";
export { type InformResult, inform } from "./inform/index.ts";
export { type Intervention, interventions, type LatentModel, loadLatentModel } from "./reasoning/index.ts";
export { readResults, summarise as summaryText, writeReport } from "./report/index.ts";
export {
  equivalence,
  holm,
  mcnemar,
  pairedDifference,
  pairsForEquivalence,
  wilson,
} from "./statistics/index.ts";
export { type Finding, findings, type Results, runStudy, type StudyInput } from "./study/index.ts";
export {
  type Example,
  generateDataset,
  readExamples,
  readManifest,
  readSplit,
  tasks,
  writeDataset,
} from "./tasks/index.ts";
export { recipes, type TrainResult, trainModel } from "./training/index.ts";
export { LintelError, lintelVersion, type ProgressEvent, random } from "./util/index.ts";
