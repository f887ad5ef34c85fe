export * from "./answer.ts";
export type { Ending } from "./block.ts";
export * from "./continue.ts";
export * from "./features.ts";
export * from "./latent-heads/index.ts";
export { checkFits, type Fitting, type PixelRange, pixelRange, readsNoWords } from "./fits.ts";
export * from "./generation.ts";
export * from "./greedy.ts";
export type { StateHead } from "./head.ts";
export * from "./interventions/index.ts";
export {
  type AssembleOptions,
  assembleModel,
  type BlockShape,
  type LoadOptions,
  loadLatentModel,
  type ModelParts,
  readBlockShape,
} from "./load.ts";
export * from "./model.ts";
export * from "./oracles.ts";
export * from "./perturb.ts";
export * from "./pictures.ts";
export type { Continuation, Hidden, Plan } from "./plan.ts";
export * from "./prefix.ts";
export * from "./replay.ts";
export * from "./seen.ts";
export * from "./statistics.ts";
export { withTargets } from "./targets/open.ts";
export type { TargetNetwork } from "./targets/types.ts";
