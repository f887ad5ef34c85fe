/** Latent losses: how the states before slots, and the head's predictions from them, are pulled to the oracle latents. */
import { z } from "zod";
import type { LossMethods } from "./define.ts";
import { latentLosses } from "./registry.ts";

export { defineLoss, type FittedHead, type LossBatch, type LossSite } from "./define.ts";

export type LatentLoss = {
  [Kind in keyof typeof latentLosses]: z.infer<(typeof latentLosses)[Kind]["schema"]>;
}[keyof typeof latentLosses];

const schemas = Object.values(latentLosses).map(({ schema }) => schema);

export const latentLossSchema = z.discriminatedUnion(
  "kind",
  schemas as [(typeof schemas)[number]],
) as unknown as z.ZodType<LatentLoss, LatentLoss>;

/**
 * The record of a loss.
 *
 * @example
 * lossRecord({ kind: "codes" }).head; // "codebook"
 */
export const lossRecord = ({ kind }: LatentLoss): LossMethods<LatentLoss> =>
  latentLosses[kind] as LossMethods<LatentLoss>;
