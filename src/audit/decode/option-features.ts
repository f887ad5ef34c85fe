/** The options' own features: what a block would hold if that option were right. */
import { type LatentModel, oraclesOf } from "../../reasoning/index.ts";
import type { Example } from "../../tasks/index.ts";
import { type LookAlike, lookAlike } from "../measurements/index.ts";

/** Whose blocks are compared with the options. */
const LOOKED_AT = new Set(["own", "oracle", "other-own"]);

/** Whether blocks of an intervention are compared with the options. */
export const isLookedAt = ({ name }: { name: string }): boolean => LOOKED_AT.has(name);

/**
 * What finds the option that a first block looks like; null where the example has no features of another option than the
 * right one.
 */
export async function optionFinder(
  model: LatentModel,
  example: Example,
): Promise<((name: string, block: Float32Array | undefined) => LookAlike | null) | null> {
  if (!example.counterfactuals.some((helpers) => helpers !== null)) return null;
  const features: (Float32Array | null)[] = [];
  for (const [i, helpers] of example.counterfactuals.entries()) {
    const shown = i === example.answer ? example.helpers : helpers;
    const found = shown ? await oraclesOf(model, { ...example, helpers: shown, regions: [] }) : [];
    features.push(found[0] ?? null);
  }
  const width = model.network.config.text.hiddenSize;
  return (name, block) => (LOOKED_AT.has(name) && block ? lookAlike(block, features, width) : null);
}
