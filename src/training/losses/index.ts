/** Latent losses: how the states before slots, and the head's predictions from them, are pulled to the oracle latents. */
import { type OptionsOf, optionsSchema } from "../../reasoning/index.ts";
import type { LossMethods, PolicySite } from "./define.ts";
import { latentLosses } from "./registry.ts";

export type { PolicySite };

export type LatentLoss = OptionsOf<typeof latentLosses>;

export const latentLossSchema = optionsSchema(latentLosses);

/** Prefix of tensors that losses have for themselves. */
export const AUXILIARY = "auxiliary.";

/** Tensors of a loss, by their names in the optimizer's store. */
export const lossShapes = (
  loss: LatentLoss,
  size: { width: number; slots: number },
): Map<string, readonly number[]> =>
  new Map(
    (lossRecord(loss).tensors?.(loss, size) ?? []).map(([name, shape]) => [`${AUXILIARY}${name}`, shape]),
  );

/**
 * The record of a loss.
 *
 * @example
 * lossRecord({ kind: "codes" }).head; // "codebook"
 */
export const lossRecord = ({ kind }: LatentLoss): LossMethods<LatentLoss> =>
  latentLosses[kind] as LossMethods<LatentLoss>;
