/** A Qwen2.5-VL or Qwen3-VL model that runs: vision tower, prefill, and cached decode steps over shared prefixes. */
import { float32 } from "../graph/index.ts";
import { ensure } from "../util/index.ts";
import type { QwenConfig } from "./config/types.ts";
import { createStep } from "./decoding/decode-step.ts";
import { decoderSessions } from "./decoding/decoder-sessions.ts";
import { createPrefill } from "./decoding/prefill.ts";
import {
  createReplay,
  lensSession,
  type Replay,
  type ReplayOptions,
  type ReplayRow,
  replaySession,
} from "./decoding/replay.ts";
import type {
  BlockMaker,
  ContinuationCache,
  DecodeOutput,
  ModelOptions,
  PrefixCache,
  Prompt,
  StepMask,
} from "./decoding/types.ts";
import { createWholeReplay, type WholeReplay, type WholeRow, wholeSession } from "./decoding/whole-replay.ts";
import type { ProcessedImage } from "./processor/image-processor.ts";
import type { EncodedImage } from "./vision/deepstack.ts";
import { imageEncoder } from "./vision/image-encoder.ts";
import { qwen25VisionGraph } from "./vision/vision-qwen2-5.ts";
import { qwen3VisionGraph } from "./vision/vision-qwen3.ts";
import { lazySession } from "./weights/lazy-session.ts";
import { isWeightStore, memoryWeights, type WeightStore, type WeightValues } from "./weights/weight-store.ts";

export interface QwenModel {
  readonly config: QwenConfig;
  /** Embedding-table rows [n, D]. */
  embed(ids: ArrayLike<number>): Float32Array;
  /** The features of each image from the vision tower. */
  features(images: readonly ProcessedImage[]): Promise<EncodedImage[]>;
  /** Runs full prompts, left-padded to one length T. `layers` (with `everyHidden`): [B·T, D] after each layer, then post-norm; with "last" post-norm only. */
  prefill(
    prompts: readonly Prompt[],
  ): Promise<DecodeOutput & { prefix: PrefixCache; layers?: Float32Array[] }>;
  /** Runs one token per continuation: `embeddings` [B·N, D] at `positions` [B·N]; `blocked` masks further tokens. */
  step(
    prefix: PrefixCache,
    suffix: ContinuationCache | null,
    embeddings: Float32Array,
    positions: Int32Array,
    blocked?: StepMask,
  ): Promise<DecodeOutput & { suffix: ContinuationCache }>;
  /**
   * Runs given continuations at once: hidden states, attention and, with `gradient`, the gradient of the answer's log-odds
   * with respect to the latents. Absent in models without internals, such as test doubles.
   */
  replay?(prefix: PrefixCache, rows: readonly ReplayRow[], options?: ReplayOptions): Promise<Replay>;
  /** Runs prompts and continuations at once; with cotangents, gradients by latents and image features. Absent where `replay` is. */
  replayWhole?(rows: readonly WholeRow[], cotangents?: readonly Float32Array[]): Promise<WholeReplay>;
  /** Gradients of Σ cotangent · features by the patches of images. Absent where `replay` is. */
  patchGradients?(
    images: readonly ProcessedImage[],
    cotangents: readonly EncodedImage[],
  ): Promise<Float32Array[]>;
  /**
   * Logits [N, V] of states [N, D] between layers, as if the decoder ended there; `normed`: of states behind the last norm.
   * Absent where `replay` is.
   */
  lens?(states: Float32Array, normed?: boolean): Promise<Float32Array>;
  /** The branch that makes blocks, of a model that has one. */
  readonly branch?: BlockMaker;
  release(): Promise<void>;
}

/**
 * A model over `weights`: values in memory, owned by the caller, or a store, which is released with the model.
 *
 * Errors: code "checkpoint" for a missing tensor, at the first run that uses it.
 */
export function createModel(
  config: QwenConfig,
  weights: WeightValues | WeightStore,
  options: ModelOptions = {},
): QwenModel {
  const { text, vision } = config;
  const cells = options.cells === true;
  const store = isWeightStore(weights) ? weights : memoryWeights(weights);
  const decoding = decoderSessions(config, store, options);
  const replay = replaySession(config, store, options, "replay");
  const gradient = replaySession(config, store, options, "gradient");
  const inspection = replaySession(config, store, options, "inspect");
  const [lens, head] = [false, true].map((normed) => lensSession(config, store, options, normed)) as [
    ReturnType<typeof lensSession>,
    ReturnType<typeof lensSession>,
  ];
  const whole = wholeSession(config, store, options, false);
  const imageGradient = wholeSession(config, store, options, true);
  const towerOf = (gradient: boolean) =>
    lazySession(
      (parameters) =>
        vision.kind === "qwen3"
          ? qwen3VisionGraph(vision, parameters, { cells, gradient })
          : qwen25VisionGraph(vision, parameters, { apart: store.large, cells, gradient }),
      store,
      options,
      ["vision", vision, store.large, cells, ...(gradient ? [gradient] : [])],
    );
  const tower = towerOf(false);
  const towerGradient = towerOf(true);
  const { single, ...sessions } = decoding;

  const embed = (ids: ArrayLike<number>): Float32Array => {
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      ensure(id >= 0 && id < text.vocabSize, "checkpoint", () => ({
        where: `token ${i} of the input`,
        expected: `an id below ${text.vocabSize}, the number of rows of the embedding table`,
        got: `${id}`,
        attempt: "the tokenizer that belongs to the checkpoint",
      }));
    }
    return store.rows(ids);
  };

  return {
    config,
    embed,
    ...imageEncoder({
      ...{ config, large: store.large, cells },
      ...{ session: tower.get, backward: towerGradient.get },
    }),
    prefill: createPrefill({ config, embed, session: decoding.prefill, options }),
    step: createStep(config, decoding),
    replay: createReplay({
      config,
      embed,
      forward: replay.get,
      backward: gradient.get,
      inspection: inspection.get,
    }),
    replayWhole: createWholeReplay({ config, embed, forward: whole.get, backward: imageGradient.get }),
    async lens(states, normed = false) {
      const { session, parameters } = await (normed ? head : lens).get();
      const shape = [states.length / text.hiddenSize, text.hiddenSize];
      const { logits } = await session.run({ ...parameters, states: float32(states, shape) });
      return logits!.data as Float32Array;
    },
    async release() {
      const replays = [replay, gradient, inspection, whole, imageGradient];
      for (const session of [...Object.values(sessions), ...replays, lens, head, tower, towerGradient])
        await session.release();
      await store.release();
    },
  };
}
