/** What interventions are planned from: latents of the split, oracles of counterfactual helpers, random crops. */
import { decodeImage } from "../formats/index.ts";
import {
  type Intervention,
  interventionOf,
  type LatentModel,
  oraclesOf,
  type PlanContext,
  type Planned,
  randomCrop,
  type SplitStatistics,
} from "../reasoning/index.ts";
import type { Example } from "../tasks/index.ts";
import { random } from "../util/index.ts";

export interface Planner {
  names: readonly string[];
  split: SplitStatistics;
  seed: number;
}

const needs = (interventions: readonly Intervention[], what: string): boolean =>
  interventions.some((i) => (i.needs as readonly string[] | undefined)?.includes(what));

/** Oracle-like latents [K·D] of a random region of one of the example's images; null where it has none. */
async function cropOf(model: LatentModel, example: Example, seed: number): Promise<Float32Array | null> {
  if (example.images.length === 0) return null;
  const r = random(seed, "random-crop", example.id);
  const picture = await decodeImage(r.pick(example.images), `example ${example.id}`);
  const [rows] = await model.features.of([randomCrop(picture, r)]);
  const width = model.network.config.text.hiddenSize;
  const { k } = model.rules;
  // A region smaller than K tokens has nothing to be averaged: its tokens are used in turn.
  if (rows!.length / width >= k) return model.family.compress(rows!, width, k);
  return Float32Array.from({ length: k * width }, (_, i) => rows![i % rows!.length]!);
}

/** Plans of one example under every intervention; null where one does not apply. */
export async function planExample(
  model: LatentModel,
  example: Example,
  index: number,
  own: readonly Float32Array[],
  { names, split, seed }: Planner,
): Promise<(Planned | null)[]> {
  const all = names.map(interventionOf);
  const oracle = await oraclesOf(model, example);
  const counterfactual: (readonly Float32Array[] | null)[] = [];
  if (needs(all, "counterfactual")) {
    for (const helpers of example.counterfactuals) {
      counterfactual.push(helpers ? await oraclesOf(model, { ...example, helpers }) : null);
    }
  }
  const crop = needs(all, "crop") ? await cropOf(model, example, seed) : null;
  const shared: Omit<PlanContext, "random"> = {
    example,
    index,
    k: model.rules.k,
    width: model.network.config.text.hiddenSize,
    own,
    oracle,
    counterfactual,
    split,
    crop,
  };
  return all.map((intervention, i) =>
    intervention.plan({ ...shared, random: random(seed, names[i]!, example.id) }),
  );
}
