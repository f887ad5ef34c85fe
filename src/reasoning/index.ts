export type { Ending } from "./block-machine.ts";
export * from "./continue-prefix.ts";
export {
  type CompatibilityCheck,
  checkCompatibility,
  ignoresWords,
  type PixelRange,
  pixelRange,
} from "./data-compatibility.ts";
export * from "./feature-store.ts";
export * from "./generation-settings.ts";
export * from "./greedy.ts";
export type { StateHead } from "./head.ts";
export * from "./image-preprocessing.ts";
export * from "./interventions/index.ts";
export * from "./latent-heads/index.ts";
export * from "./latent-model.ts";
export {
  type AssembleOptions,
  assembleModel,
  type BlockShape,
  type LoadOptions,
  loadLatentModel,
  type ModelParts,
  readBlockShape,
} from "./load-model.ts";
export * from "./oracles.ts";
export * from "./perturbations.ts";
export * from "./question-preview.ts";
export * from "./read-answer.ts";
export * from "./replay.ts";
export * from "./shared-prefix.ts";
export type { Continuation, MaskedPart, SlotPlan } from "./slot-plan.ts";
export * from "./split-statistics.ts";
export { withTargetNetwork } from "./targets/open.ts";
export type { TargetNetwork } from "./targets/types.ts";
