/** The inputs that interventions are planned from: latents of the split, counterfactual oracles, random crops. */

import type { Family } from "../../families/index.ts";
import {
  engineOf,
  type LatentModel,
  ofSameWords,
  oracleMaker,
  oracleSize,
  oraclesMissingReason,
  oraclesOf,
  type PlanContext,
  type Planned,
  promptOf,
  type ResolvedIntervention,
  randomRegionFeatures,
  type SplitStatistics,
} from "../../reasoning/index.ts";
import type { Example } from "../../tasks/index.ts";
import { ensure, random } from "../../util/index.ts";
import { asLongAsOwn, isVariable } from "./block-lengths.ts";

export interface Planner {
  interventions: readonly ResolvedIntervention[];
  split: SplitStatistics;
  seed: number;
  /** Embeddings [D] of the slot's placeholder and of the last token of a prompt. */
  pad: Float32Array;
  filler: Float32Array;
}

/** A planner for a model and a split. */
export async function createPlanner(
  model: LatentModel,
  examples: readonly Example[],
  given: Pick<Planner, "interventions" | "split" | "seed">,
): Promise<Planner> {
  const { ids } = await promptOf(model, examples[0]!);
  const embed = (id: number): Promise<Float32Array> => engineOf(model.network).embed([id]);
  return { ...given, pad: await embed(model.rules.padId), filler: await embed(ids.at(-1)!) };
}

/** Throws "usage" for an intervention on a slot above K. */
export function checkSlots(interventions: readonly ResolvedIntervention[], k: number): void {
  for (const { name, lastSlot } of interventions) {
    ensure(lastSlot <= k, "usage", () => ({
      where: `intervention ${name}`,
      expected: `slots from 1 to ${k}, as many as the model's blocks have`,
      got: `slot ${lastSlot}`,
    }));
  }
}

/**
 * Throws "usage" for an intervention that means nothing in a family.
 *
 * @example
 * checkControls({ name: "mine" }, []); // undefined
 */
export function checkControls(
  { name: family, controls }: Pick<Family, "name" | "controls">,
  interventions: readonly Pick<ResolvedIntervention, "name" | "base">[],
): void {
  for (const { name, base } of interventions)
    ensure(!controls || controls.offers.includes(base), "usage", () => ({
      where: `intervention ${name}, family ${family}`,
      expected: `one of ${controls!.offers.join(", ")}: ${controls!.why}`,
      got: name,
      attempt: "--interventions with these",
    }));
}

export const needs = (interventions: readonly ResolvedIntervention[], what: string): boolean =>
  interventions.some((i) => (i.needs as readonly string[] | undefined)?.includes(what));

/** Oracle-like latents [K·D] of a random region of one of the example's images; null where it has none. */
async function cropOf(model: LatentModel, example: Example, seed: number): Promise<Float32Array | null> {
  if (example.images.length === 0 || oraclesMissingReason(model) !== undefined) return null;
  const rows = await randomRegionFeatures(model, example, random(seed, "random-crop", example.id));
  const width = model.network.config.text.hiddenSize;
  const { k } = model.rules;
  // A region smaller than K tokens has nothing to be averaged: its tokens are used in turn.
  if (rows.length / width >= k) return model.family.compress(rows, width, k);
  return Float32Array.from({ length: k * width }, (_, i) => rows[i % rows.length]!);
}

/** Plans of one example under every intervention; null where one does not apply. */
export async function planExample(
  model: LatentModel,
  example: Example,
  index: number,
  { interventions, split, seed, pad, filler }: Planner,
  searched: PlanContext["searched"] = new Map(),
): Promise<(Planned | null)[]> {
  const counterfactual: (readonly Float32Array[] | null)[] = [];
  if (needs(interventions, "counterfactual")) {
    for (const helpers of example.counterfactuals) {
      // The boxes are those of the right option's helpers.
      const wrong = { ...example, helpers: helpers ?? [], regions: [] };
      counterfactual.push(helpers ? await oraclesOf(model, wrong) : null);
    }
  }
  const width = model.network.config.text.hiddenSize;
  const oracleOf = await oracleMaker(model, example);
  const own = split.own[index] ?? [];
  const variable = isVariable(model.rules);
  const { apart } = model.rules;
  const planned = planAll(interventions, seed, {
    example,
    index,
    k: variable ? (own[0]?.length ?? 0) / width || model.rules.k : model.rules.k,
    width,
    rules: model.rules,
    own,
    oracle: oracleOf(oracleSize(model.rules)),
    oracleOf,
    counterfactual,
    split: apart ? ofSameWords(split, index) : split,
    crop: needs(interventions, "crop") ? await cropOf(model, example, seed) : null,
    pad,
    filler,
    searched,
  });
  // Latents of other words than these stand for nothing here.
  const fits = (given: readonly Float32Array[]): boolean => given[0]?.length === own[0]?.length;
  if (apart) return planned.map((p) => (p?.plan.kind === "fixed" && !fits(p.plan.blocks) ? null : p));
  if ((!variable && !model.family.keepsRows) || own.length === 0) return planned;
  return planned.map((p, j) => p && { ...p, plan: asLongAsOwn(p.plan, interventions[j]!, own, width) });
}

/** Every intervention's plan from the same material, each with its own random numbers. */
export function planAll(
  interventions: readonly ResolvedIntervention[],
  seed: number,
  material: Omit<PlanContext, "random" | "randomOf">,
): (Planned | null)[] {
  const randomOf = (name: string) => random(seed, name, material.example.id);
  return interventions.map((intervention) =>
    intervention.plan({ ...material, random: randomOf(intervention.base), randomOf }),
  );
}
