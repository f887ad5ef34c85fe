/** The memory that a training will take, before its first step. */
import { largest } from "../numeric/index.ts";
import type { QwenConfig } from "../qwen/index.ts";
import { headRecord, type LocalModel, previewQuestion } from "../reasoning/index.ts";
import type { Example } from "../tasks/index.ts";
import { type MemoryParts, PROCESS_BYTES, requireMemory } from "../util/index.ts";
import { roundsOf } from "./components/index.ts";
import type { PocketShape } from "./pocket-model.ts";
import type { Recipe } from "./recipes/index.ts";
import { microbatchSize } from "./step.ts";

interface TrainingMemoryInputs
  extends Pick<PocketShape, "hiddenSize" | "layers" | "heads" | "intermediateSize"> {
  vocabSize: number;
  /** Parameters that are trained. */
  parameters: number;
  batch: number;
  threads: number;
  /** Tokens of a sequence, and how many of them are learned. */
  length: number;
  learned: number;
  /** Passes over a sequence whose activations are kept. */
  passes: number;
  /** Vectors that replace token embeddings, in all examples. */
  vectors: number;
}

/**
 * Bytes of a training by what they are for. Activations of a layer are those that its backward pass reads: about twelve as
 * wide as the residual stream, four as wide as the MLP, and two of attention.
 *
 * @example
 * const shape = { hiddenSize: 96, layers: 2, heads: 2, intermediateSize: 192, vocabSize: 100 };
 * const sizes = { parameters: 190_000, batch: 128, threads: 1, length: 36, learned: 6, passes: 1, vectors: 0 };
 * trainingMemory({ ...shape, ...sizes }).parameters; // 3_800_000
 */
export function trainingMemory(sizes: TrainingMemoryInputs): MemoryParts {
  const { hiddenSize, layers, heads, intermediateSize, vocabSize, parameters, batch, threads, length } =
    sizes;
  const part = microbatchSize({ batch, length, width: intermediateSize, parameters });
  const atOnce = Math.min(batch, part * (threads <= batch / part ? threads : 1));
  const perToken = layers * (12 * hiddenSize + 4 * intermediateSize + 2 * heads * length);
  const floats = atOnce * (sizes.passes * length * perToken + 3 * sizes.learned * vocabSize);
  return {
    process: PROCESS_BYTES,
    // Weights, gradients of a step and of a micro-batch, and AdamW's two moments.
    parameters: 5 * 4 * parameters,
    // The table is copied while it grows.
    features: 2 * 4 * sizes.vectors * hiddenSize,
    activations: 4 * floats,
  };
}

/** Tokens that a sequence of the pocket model has, where no dataset tells. */
const USUAL_LENGTH = 64;
const USUAL_WORDS = 256;

/**
 * Bytes of a pocket model's training whose data are not there yet.
 *
 * @example
 * const { activations } = pocketMemory({ shape: pocketShape, batch: 128, threads: 1 });
 * activations > 0; // true
 */
export function pocketMemory({
  shape,
  batch,
  threads,
}: {
  shape: PocketShape;
  batch: number;
  threads: number;
}): MemoryParts {
  const { hiddenSize: D, layers, intermediateSize } = shape;
  return trainingMemory({
    ...shape,
    vocabSize: USUAL_WORDS,
    parameters: layers * (4 * D * D + 3 * D * intermediateSize) + 2 * USUAL_WORDS * D,
    batch,
    threads,
    length: USUAL_LENGTH,
    learned: USUAL_LENGTH / 4,
    passes: 1,
    vectors: 0,
  });
}

/**
 * Refuses a training that does not fit into the memory that is available.
 *
 * Errors: "runtime" with both figures.
 */
export async function requireTrainingMemory(
  where: string,
  { running, config, parameters }: { running: LocalModel; config: QwenConfig; parameters: number },
  { latents, stages, head }: Recipe,
  { examples, batch, threads }: { examples: readonly Example[]; batch: number; threads: number },
): Promise<void> {
  const [first] = examples;
  if (!first) return;
  const { tokens, images } = await previewQuestion(
    { ...running, processor: running.processor!, config },
    first,
  );
  const { text } = config;
  const slots = latents ? running.rules.k * first.helpers.length : 0;
  const blockwise = headRecord(head).beside !== undefined;
  const words = (first.reasoning ?? []).join(" ").split(" ").length;
  const learned = slots + words + 8;
  const visual = images.reduce((sum, each) => sum + (each.tokens ?? 0), 0);
  const parts = trainingMemory({
    hiddenSize: text.hiddenSize,
    layers: text.layers,
    heads: text.heads,
    intermediateSize: text.intermediateSize,
    vocabSize: text.vocabSize,
    parameters,
    batch,
    threads,
    length: tokens + learned,
    learned,
    passes:
      1 +
      largest(
        stages.map((stage) => roundsOf(stage.slots, blockwise ? first.helpers.length : slots)),
        0,
      ),
    vectors: examples.length * (visual + slots),
  });
  requireMemory(where, parts, "a smaller batch, shape or dataset, or fewer --threads");
}
