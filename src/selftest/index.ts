export { type AnalysisRow, analysisFacts } from "./analysis-facts.ts";
export { knownWeights, saveKnownModel } from "./checkpoint.ts";
export { knownExamples } from "./examples.ts";
export { alike, type Expected, expected } from "./expected.ts";
export { edited, oneRegion, withOptions } from "./further-models.ts";
export { type KeepOptions, type Kept, keepKnown } from "./keep.ts";
export { type Fact, fits, type Known, type KnownModel, knownModels } from "./models.ts";
export { type SelftestOptions, type SelftestResult, type SelftestRow, selftest } from "./run.ts";
export {
  type SuiteRow,
  type SuitesOptions,
  type SuitesResult,
  selftestSuites,
  suiteModels,
} from "./run-suites.ts";
