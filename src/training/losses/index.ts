/** Latent losses: how the states before slots, and the head's predictions from them, are pulled to the oracle latents. */
import { type OptionsOf, optionsSchema } from "../../reasoning/index.ts";
import type { LossMethods } from "./define.ts";
import { latentLosses } from "./registry.ts";

export type LatentLoss = OptionsOf<typeof latentLosses>;

export const latentLossSchema = optionsSchema(latentLosses);

/**
 * The record of a loss.
 *
 * @example
 * lossRecord({ kind: "codes" }).head; // "codebook"
 */
export const lossRecord = ({ kind }: LatentLoss): LossMethods<LatentLoss> =>
  latentLosses[kind] as LossMethods<LatentLoss>;
