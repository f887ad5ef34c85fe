/** A recipe's stages as steps: each stage has a graph of its own, made when the training comes to it. */
import type { Device, Value } from "../graph/index.ts";
import type { ParameterStore } from "../nn/index.ts";
import type { LatentModel } from "../reasoning/index.ts";
import type { Example } from "../tasks/index.ts";
import { ensure } from "../util/index.ts";
import { type Stage, stageAt, valueAt } from "./components/index.ts";
import type { Extras } from "./losses/loss-inputs.ts";
import type { AdamW } from "./optimizer.ts";
import { fitBuffers } from "./parts/fit.ts";
import type { TrainableModel } from "./pocket-model.ts";
import { isPlainRecipe, type Recipe } from "./recipes/index.ts";
import { type TrainingSet, trainingSet } from "./sequences.ts";
import { createStep, type Losses, type Step, type StepParts } from "./step.ts";

export interface StagedModel {
  recipe: Recipe;
  model: TrainableModel;
  running: LatentModel;
  examples: readonly Example[];
  optimizer: AdamW;
}

export interface StagesOptions {
  steps: number;
  batch: number;
  latentWeight: number | null;
  seed: number;
  threads: number;
  device: Device;
}

export interface Stages {
  /** Step `at` (from 0) on the examples with these indices; gradients are left in the optimizer. */
  run(indices: readonly number[], at: number): Promise<Losses>;
  release(): Promise<void>;
}

/**
 * The frozen weights that a merger head sends its answer through.
 *
 * @example
 * const weight = { dtype: "float32", shape: [1], data: Float32Array.of(1) };
 * const values = { "visual.merger.mlp.0.weight": weight, "visual.merger.ln_q.weight": weight };
 * Object.keys(mergerWeights({ values })); // ["visual.merger.mlp.0.weight"]
 */
export const mergerWeights = ({ values }: ParameterStore): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(values).filter(([name]) => /^visual\.merger\.(mlp|linear_fc)/.test(name)),
  );

/** Slots of an example, where all have as many; else the loss cannot take blocks for vectors of one length. */
function slotsOf({ sequences }: TrainingSet): number {
  const counts = new Set(sequences.map(({ beforeSlot }) => beforeSlot.length));
  const [first = 0] = counts;
  ensure(counts.size <= 1, "dataset", () => ({
    where: "contrast between blocks",
    expected: "as many helpers in every example",
    got: `${[...counts].sort().join(", ")} slots`,
    attempt: "a recipe with another latent loss",
  }));
  return first;
}

/**
 * Prepares a recipe's training: sets of sequences, fitted tensors, and a step for each stage once it is reached. A
 * resumed training fits the same and draws the same.
 *
 * Errors: as `trainingSet` and `createStep`; "dataset" where blocks are contrasted that differ in number.
 */
export async function createStages(
  { recipe, model, running, examples, optimizer }: StagedModel,
  { steps, batch, latentWeight, seed, threads, device }: StagesOptions,
): Promise<Stages> {
  const { loss, head } = recipe;
  const feedback = model.feedback;
  const plain = isPlainRecipe(recipe);
  const contrasts = loss.kind === "infonce" && loss.hardNegatives;
  const sets = new Map<boolean, TrainingSet>();
  const setOf = async (latents: boolean): Promise<TrainingSet> => {
    const known = sets.get(latents);
    if (known) return known;
    const made = await trainingSet(running, examples, latents, {
      negatives: contrasts && latents,
      bare: recipe.plan === "bare",
    });
    sets.set(latents, made);
    return made;
  };
  let codes: Int32Array | null = null;
  if (!plain && recipe.latents) codes = fitBuffers(model.buffers, feedback, await setOf(true), seed);

  const partsOf = (stage: Stage, set: TrainingSet): StepParts => {
    const blockwise = loss.kind === "infonce" ? slotsOf(set) : 1;
    const most = set.sequences.reduce((n, { negatives }) => Math.max(n, negatives?.length ?? 0), 0);
    const negatives = contrasts && blockwise > 0 ? most / blockwise : 0;
    const { k } = running.rules;
    const extras: Extras = {
      placeholders: head.kind === "placeholder" ? (head.distinct ? k : 1) : 0,
      together: stage.slots.kind === "own" && stage.slots.passes === "one",
      view: stage.view,
      loss,
      negatives,
      cells: set.cells ?? null,
      codes: codes && head.kind === "codebook" ? { of: codes, groups: head.groups } : null,
    };
    const { vision } = model.config;
    const latent = { loss, feedback, k, slots: blockwise, negatives, vision };
    const buffers: Readonly<Record<string, Value>> = {
      ...model.buffers.values,
      ...(head.kind === "merger" && mergerWeights(model.vision)),
    };
    return { latent, slots: stage.slots, extras, buffers, seed };
  };

  let current: { index: number; step: Step } | null = null;
  const stepOf = async (stage: Stage, index: number): Promise<Step> => {
    if (current?.index === index) return current.step;
    await current?.step.release();
    current = null;
    const latents = recipe.latents && stage.response === "latents";
    const set = await setOf(latents);
    const step = await createStep(set, model.decoder, optimizer, {
      config: model.config,
      batch,
      latentWeight: latents ? latentWeight : null,
      ...(!plain && { parts: partsOf(latents ? stage : { ...stage, slots: { kind: "oracle" } }, set) }),
      threads,
      device,
    });
    current = { index, step };
    return step;
  };

  return {
    async run(indices, at) {
      const { stage, index, progress } = stageAt(recipe.stages, at, steps);
      const step = await stepOf(stage, index);
      if (plain) return step.run(indices);
      return step.run(indices, {
        step: at,
        textWeight: valueAt(stage.textWeight, progress),
        latentWeight: (latentWeight ?? 0) * valueAt(stage.latentFactor, progress),
        ownShare: stage.slots.kind === "own" ? valueAt(stage.slots.share, progress) : 0,
      });
    },
    release: async () => current?.step.release(),
  };
}
