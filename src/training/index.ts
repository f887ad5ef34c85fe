export * from "./components/index.ts";
export { type DeviceProof, proveDevice, provenDevice } from "./device-proof.ts";
export { defineLoss, type LatentLoss, latentLossSchema } from "./losses/index.ts";
export * from "./optimizer.ts";
export * from "./pocket-model.ts";
export { fitPositionalScores, type RotaryWave } from "./positional-attention.ts";
export * from "./recipes/index.ts";
export * from "./train.ts";
export * from "./train-options.ts";
