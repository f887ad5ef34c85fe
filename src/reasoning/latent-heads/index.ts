export { codeLogits, nearestCodes } from "./codebook.ts";
export {
  defineHead,
  type HeadGraph,
  type LatentSize,
  latentSize,
  type OptionsOf,
  optionsSchema,
} from "./define.ts";
export { type FitSource, fitLatentBuffers } from "./fit.ts";
export { flowVelocity } from "./flow.ts";
export * from "./head-graph.ts";
export * from "./head-runner.ts";
export { initializeHead } from "./initialize.ts";
export { pickCodes } from "./k-means.ts";
export { bothSides } from "./merger.ts";
export { checkpointTensor, createStateHead, type StateHead } from "./state-head.ts";
export { rowsInSpace, type TargetSpace, targetSpaceSchema } from "./target-spaces.ts";
export * from "./tensors.ts";
export { whitening } from "./whitening.ts";
