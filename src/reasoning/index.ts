export type { Ending } from "./block-machine.ts";
export * from "./continue-prefix.ts";
export { checkCompatibility, ignoresWords, pixelRange } from "./data-compatibility.ts";
export { rightAnswer } from "./donors.ts";
export * from "./engine/engine-of.ts";
export { withoutColumns } from "./engine/prefix-rows.ts";
export type * from "./engine/types.ts";
export * from "./feature-store.ts";
export * from "./generation-settings.ts";
export * from "./greedy.ts";
export * from "./image-preprocessing.ts";
export * from "./inside/look-inside.ts";
export * from "./inside/token-places.ts";
export { asLongAs } from "./interventions/block-length.ts";
export * from "./interventions/index.ts";
export * from "./latent-heads/index.ts";
export * from "./latent-model.ts";
export {
  type AssembleOptions,
  assembleModel,
  type BlockShape,
  type LoadOptions,
  loadLatentModel,
} from "./load-model.ts";
export {
  type EngineAttention,
  type EngineDtype,
  type EngineRequest,
  loadRemoteModel,
  remoteQuestionReader,
  type StoredCheckpoint,
} from "./load-remote.ts";
export * from "./oracles.ts";
export * from "./perturbations.ts";
export * from "./pixels/adversarial-images.ts";
export * from "./pixels/image-gradient.ts";
export * from "./pixels/picture-rows.ts";
export * from "./prompt-layout.ts";
export * from "./question-preview.ts";
export * from "./read-answer.ts";
export * from "./replay.ts";
export * from "./shared-prefix.ts";
export type { Continuation, SlotPlan } from "./slot-plan.ts";
export * from "./split-statistics.ts";
export { withTargetNetwork } from "./targets/open.ts";
