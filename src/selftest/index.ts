export { analysisFacts } from "./analysis-facts.ts";
export { saveKnownModel } from "./checkpoint.ts";
export { knownExamples } from "./examples.ts";
export { alike, expected } from "./expected.ts";
export { edited, oneRegion } from "./further-models.ts";
export { type Kept, keepKnown } from "./keep.ts";
export { fits, type KnownModel, knownModels } from "./models.ts";
export { type SelftestOptions, type SelftestResult, selftest } from "./run.ts";
export { type SuitesResult, selftestSuites, suiteModels } from "./run-suites.ts";
