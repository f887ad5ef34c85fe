/** One training step: forward and backward over a batch, in micro-batches that fit the processor's cache. */
import { float32, type SessionOptions, type Value } from "../graph/index.ts";
import type { ParameterStore } from "../nn/index.ts";
import { largest } from "../numeric/index.ts";
import type { QwenConfig } from "../qwen/index.ts";
import { random } from "../util/index.ts";
import { answersOf, type BatchOptions, batcher, type Draws } from "./batch.ts";
import { oracleSlots, roundsOf, type Slots, wholeView } from "./components/index.ts";
import { createMicrobatchRunner } from "./microbatch-runner.ts";
import type { AdamW } from "./optimizer.ts";
import type { TrainingSet } from "./sequences.ts";
import { type LatentOptions, trainingGraph } from "./training-graph.ts";

export interface StepOptions extends SessionOptions {
  config: QwenConfig;
  /** Examples per step. */
  batch: number;
  /** Weight γ of the latent loss; null: a recipe without latents. */
  latentWeight: number | null;
  /** Default: teacher forcing with the mean squared error of states. */
  latent?: LatentOptions;
  slots?: Slots;
  /** What the recipe adds to batches. */
  batches?: Omit<BatchOptions, "feedbackRounds" | "together">;
  /** The weights of the losses change from step to step: they are inputs of the graph instead of constants. */
  scheduledWeights?: boolean;
  /** Only the head is trained. */
  headOnly?: boolean;
  /** Tensors of the decoder that stay as they are, and are among `buffers`. */
  frozen?: (name: string) => boolean;
  /** Fitted tensors of the head. */
  buffers?: Readonly<Record<string, Value>>;
  /** Seed of the draws of each step. */
  seed?: number;
}

/** What changes from step to step. */
interface StepAt {
  /** Number of the step: draws depend on it and the seed alone. */
  step: number;
  textWeight: number;
  latentWeight: number;
  ownShare: number;
}

export interface Losses {
  loss: number;
  textLoss: number;
  latentLoss: number | null;
}

export interface Step {
  /** Loss of the examples with these indices; gradients are left in `optimizer.gradients`. */
  run(indices: readonly number[], at?: StepAt): Promise<Losses>;
  release(): Promise<void>;
}

/** The widest activation of a part should stay near this many bytes: half of a usual second-level cache. */
const MICROBATCH_BYTES = 2 ** 20;

/**
 * Examples per part: the largest divisor of the batch whose widest activation fits the cache; the whole batch where
 * summing the gradients of parts would move more memory than that saves.
 *
 * @example
 * microbatchSize({ batch: 128, length: 36, width: 192, parameters: 190_000 }); // 32
 */
export function microbatchSize({
  batch,
  length,
  width,
  parameters,
}: {
  batch: number;
  length: number;
  width: number;
  parameters: number;
}): number {
  for (let part = batch; part > 1; part--) {
    const activation = part * length * width;
    if (activation < parameters) return batch;
    if (batch % part === 0 && activation * 4 <= MICROBATCH_BYTES) return part;
  }
  return batch;
}

/**
 * Prepares the steps of a training.
 *
 * Errors: as `createSession`.
 */
export async function createStep(
  set: TrainingSet,
  parameters: ParameterStore,
  optimizer: AdamW,
  {
    config,
    batch,
    latentWeight,
    latent,
    slots = oracleSlots,
    batches = {},
    scheduledWeights = false,
    headOnly = false,
    frozen,
    buffers = {},
    seed = 0,
    ...session
  }: StepOptions,
): Promise<Step> {
  const { length } = set;
  const width = config.text.intermediateSize;
  const size = microbatchSize({ batch, length, width, parameters: parameters.flat.length });
  const answers = answersOf(set);
  const rounds = roundsOf(
    slots,
    largest(
      set.sequences.map(({ beforeSlot }) => beforeSlot.length),
      0,
    ) / (batches.beside?.k ?? 1),
  );
  const together = slots.kind === "own" && slots.passes === "one";
  const makeBatch = batcher(set, config, size, { ...batches, feedbackRounds: rounds, together });
  const { graph } = trainingGraph({
    config: config.text,
    deepLayers: set.deep?.length ?? 0,
    batch: size,
    length,
    answers,
    latentWeight,
    ...(latent && { latent }),
    givenWeights: scheduledWeights,
    headOnly,
    ...(frozen && { frozen }),
    paddedMask: (batches.view ?? wholeView).kind !== "whole",
    ...(slots.kind === "own" && rounds > 0 && { feedback: { rounds, gradient: slots.gradient } }),
  });
  const runner = await createMicrobatchRunner(graph, parameters, optimizer, {
    ...session,
    microbatches: batch / size,
  });
  const count = (indices: readonly number[], key: "supervised" | "beforeSlot"): number =>
    indices.reduce((sum, i) => sum + set.sequences[i]![key].length, 0);
  const scalarValue = (value: number): Value => float32(Float32Array.of(value), []);
  /** A stream for each micro-batch, so that its draws do not depend on the order in which micro-batches run. */
  const drawsOf = (n: number, now?: StepAt): Draws | undefined =>
    now && { random: random(seed, "draws", now.step, n), ownShare: now.ownShare };
  return {
    async run(indices, now) {
      const supervised = count(indices, "supervised");
      const before = count(indices, "beforeSlot");
      const losses: Losses = { loss: 0, textLoss: 0, latentLoss: latentWeight === null ? null : 0 };
      const groups = Array.from({ length: Math.ceil(indices.length / size) }, (_, n) =>
        indices.slice(n * size, (n + 1) * size),
      );
      const outputs = await runner.run(
        groups.map((some, n) => () => ({
          ...makeBatch(some, drawsOf(n, now)),
          ...buffers,
          textWeight: scalarValue(now?.textWeight ?? 1),
          latentWeight: scalarValue(now?.latentWeight ?? latentWeight ?? 0),
          textShare: scalarValue(count(some, "supervised") / supervised),
          latentShare: scalarValue(count(some, "beforeSlot") / before),
        })),
      );
      for (const out of outputs) {
        losses.loss += Number(out.loss!.data[0]);
        losses.textLoss += Number(out.textLoss!.data[0]);
        if (losses.latentLoss !== null) losses.latentLoss += Number(out.latentLoss!.data[0]);
      }
      return losses;
    },
    release: () => runner.release(),
  };
}
