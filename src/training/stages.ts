/** A recipe's stages as steps: each stage has a graph of its own, built when the training reaches it. */
import type { Device, Value } from "../graph/index.ts";
import type { ParameterStore } from "../nn/index.ts";
import { largest } from "../numeric/index.ts";
import { fitLatentBuffers, headRecord, type LocalModel, PREFIX, rowsInSpace } from "../reasoning/index.ts";
import type { Example } from "../tasks/index.ts";
import { ensure } from "../util/index.ts";
import { type Curve, oracleSlots, type Stage, stageAt, valueAt } from "./components/index.ts";
import { lossRecord } from "./losses/index.ts";
import type { AdamW } from "./optimizer.ts";
import { frozenBelow, type TrainableModel } from "./pocket-model.ts";
import type { Recipe } from "./recipes/index.ts";
import { type TrainingSet, trainingSet } from "./sequences.ts";
import { createStep, type Losses, type Step, type StepOptions } from "./step.ts";

interface StagedModel {
  recipe: Recipe;
  model: TrainableModel;
  running: LocalModel;
  examples: readonly Example[];
  /** Words before the blocks of each example, also where the recipe's responses have none. */
  words?: readonly (readonly string[])[];
  optimizer: AdamW;
}

interface StagesOptions {
  steps: number;
  batch: number;
  latentWeight: number | null;
  seed: number;
  threads: number;
  device: Device;
  /** Layers of the decoder that are trained; all without. */
  upperLayers?: number;
}

interface Stages {
  /** Whether step `at` trains the head alone. */
  headOnly(at: number): boolean;
  /** Step `at` (from 0) on the examples with these indices; gradients are left in the optimizer. */
  run(indices: readonly number[], at: number): Promise<Losses>;
  release(): Promise<void>;
}

/** The frozen weights of the vision tower's merger, for heads that use it. */
export const mergerWeights = ({ values }: ParameterStore): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(values).filter(([name]) => /^visual\.merger\.(mlp|linear_fc)/.test(name)),
  );

/** The number of slots of an example; losses on whole blocks need the same number in all. */
function slotsOf({ sequences }: TrainingSet, what: string): number {
  const counts = new Set(sequences.map(({ beforeSlot }) => beforeSlot.length));
  const [first = 0] = counts;
  ensure(counts.size <= 1, "dataset", () => ({
    where: `recipe with ${what}`,
    expected: "the same number of helper images in every example",
    got: `${[...counts].sort().join(", ")} slots`,
    attempt: "a recipe with another latent loss or head",
  }));
  return first;
}

/** Distinct oracle latents of a training set [n, width], and the patch groups that the tower's merger made them of. */
export function distinctOracles({ sequences, table, width, cells }: TrainingSet) {
  const rows = [...new Set(sequences.flatMap(({ oracle }) => [...oracle]))].sort((a, b) => a - b);
  const oracles = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries())
    oracles.set(table.subarray(row * width, (row + 1) * width), i * width);
  if (!cells) return { width, oracles };
  const groups = new Float32Array(cells.rows.size * cells.width);
  for (const [i, group] of [...cells.rows.values()].entries()) groups.set(group, i * cells.width);
  return { width, oracles, cells: { width: cells.width, rows: groups } };
}

const isConstant = (curve: Curve, value: number): boolean =>
  curve.kind === "constant" && curve.value === value;

/**
 * Prepares a recipe's training: sets of sequences, fitted tensors, and a step for each stage once it is reached. A
 * resumed training fits and draws the same.
 *
 * Errors: as `trainingSet` and `createStep`; "dataset" for a loss on whole blocks where examples differ in their number.
 */
export async function createStages(
  { recipe, model, running, examples, words, optimizer }: StagedModel,
  { steps, batch, latentWeight, seed, threads, device, upperLayers }: StagesOptions,
): Promise<Stages> {
  const { loss, head, space } = recipe;
  const { beside } = headRecord(head);
  const startImage = beside?.startImage(head) ?? null;
  const record = lossRecord(loss);
  const contrasts = record.hardNegatives?.(loss) ?? false;
  const sets = new Map<boolean, TrainingSet>();
  const setOf = async (latents: boolean): Promise<TrainingSet> => {
    const known = sets.get(latents);
    if (known) return known;
    const made = await trainingSet(running, examples, latents, {
      negatives: contrasts && latents,
      bare: recipe.rationale === "bare",
      startImage,
      ...(record.explains && latents && words && { words }),
    });
    sets.set(latents, made);
    return made;
  };
  let prepared: unknown;
  if (recipe.latents) {
    const set = await setOf(true);
    fitLatentBuffers(model.buffers, model.latentConfig, distinctOracles(set), seed);
    const buffer = (name: string): Float32Array => model.buffers.views.get(`${PREFIX}${name}`)!;
    const intoSpace = (rows: Float32Array): Float32Array => rowsInSpace(space, rows, set.width, buffer);
    prepared = record.prepare?.({ config: model.latentConfig, set, buffer, intoSpace });
  }

  const frozen = frozenBelow(model.config, upperLayers);
  const frozenWeights = Object.fromEntries(
    Object.entries(model.vision.values).filter(([name]) => frozen(name)),
  );
  const optionsOf = (stage: Stage, latents: boolean, set: TrainingSet): StepOptions => {
    const blockwise =
      record.wholeBlocks || beside
        ? slotsOf(set, beside ? `the head ${head.kind}` : `the latent loss ${loss.kind}`)
        : 1;
    const most = largest(
      set.sequences.map((sequence) => sequence.negatives?.length ?? 0),
      0,
    );
    const negatives = contrasts && blockwise > 0 ? most / blockwise : 0;
    const { k } = running.rules;
    const { vision } = model.config;
    const ofBranch = beside && latents ? { beside: { k, fromImage: startImage !== null } } : {};
    return {
      config: model.config,
      batch,
      latentWeight: latents ? latentWeight : null,
      latent: { loss, config: model.latentConfig, k, slots: blockwise, negatives, vision },
      slots: latents ? stage.slots : oracleSlots,
      batches: {
        slotVectors: headRecord(head).slotVectors?.(head, { k }) ?? 0,
        view: stage.view,
        loss,
        negatives,
        prepared,
        ...ofBranch,
      },
      headOnly: stage.trains === "head",
      frozen,
      scheduledWeights: !isConstant(stage.textWeight, 1) || !isConstant(stage.latentFactor, 1),
      buffers: {
        ...model.buffers.values,
        ...frozenWeights,
        ...(headRecord(head).usesMerger && mergerWeights(model.vision)),
      },
      seed,
      threads,
      device,
    };
  };

  let current: { index: number; step: Step } | null = null;
  const stepOf = async (stage: Stage, index: number): Promise<Step> => {
    if (current?.index === index) return current.step;
    await current?.step.release();
    current = null;
    const latents = recipe.latents && stage.response === "latents";
    const set = await setOf(latents);
    const step = await createStep(set, model.decoder, optimizer, optionsOf(stage, latents, set));
    current = { index, step };
    return step;
  };

  return {
    headOnly: (at) => stageAt(recipe.stages, at, steps).stage.trains === "head",
    async run(indices, at) {
      const { stage, index, progress } = stageAt(recipe.stages, at, steps);
      const step = await stepOf(stage, index);
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
