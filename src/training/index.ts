export { type DeviceProof, proveDevice, provenDevice } from "./known-answer.ts";
export * from "./optimizer.ts";
export * from "./parts/index.ts";
export * from "./pocket.ts";
export * from "./recipes/index.ts";
export * from "./train.ts";
export { fitWaves, type Wave } from "./waves.ts";
