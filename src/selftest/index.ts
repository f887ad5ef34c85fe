export { knownWeights, saveKnownModel } from "./checkpoint.ts";
export { knownExamples } from "./examples.ts";
export { type Fact, type KnownModel, knownModels } from "./models.ts";
export { type SelftestOptions, type SelftestResult, type SelftestRow, selftest } from "./run.ts";
