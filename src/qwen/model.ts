/** A Qwen2.5-VL or Qwen3-VL model that runs: vision tower, prefill and cached steps over shared prefixes. */
import { type Device, float32, int64, type SessionOptions, type Value } from "../graph/index.ts";
import { ensure } from "../util/index.ts";
import type { QwenConfig } from "./config.ts";
import { type DecodeMode, decodeGraph, groupsQueries } from "./decode-graph.ts";
import { aloneInputs, BLOCKED, type Inputs, nothingPast, nothingShared } from "./decode-inputs.ts";
import { deepInputs, type EncodedImage } from "./deepstack.ts";
import { imageEncoder } from "./image-encoder.ts";
import { lazySession } from "./lazy-session.ts";
import type { ProcessedImage } from "./processor.ts";
import { type Replay, type ReplayOptions, type ReplayRow, replayer, replaySession } from "./replay.ts";
import { decoderRotary, type Grid, ropeIndex } from "./rope.ts";
import { type Blocked, countUp, type Decoding, decodedOutputs, stepper } from "./step.ts";
import { visionGraph } from "./vision.ts";
import { vision3Graph } from "./vision3.ts";
import { isWeightStore, liveWeights, type WeightStore, type WeightValues } from "./weight-store.ts";

/** One prompt: ids with image tokens expanded, the vectors that replace them in order, and the images' grids. */
export interface Prompt {
  ids: readonly number[];
  /** [image tokens, width]. */
  visuals: Float32Array;
  /** DeepStack: what each of the first decoder layers receives at the image tokens, [image tokens, width] each. */
  deep?: readonly Float32Array[];
  grids: readonly Grid[];
}

/** What is cached of B examples up to some point, per layer [B, kvHeads, P, d]. */
export interface Prefix {
  batch: number;
  length: number;
  k: readonly Value[];
  v: readonly Value[];
  /** Additive, [B, 1, 1, P]: blocked where a row is padded. */
  mask: Float32Array;
  /** Position of the next token, the same on all three axes. */
  next: Int32Array;
}

/** What N continuations of each example have added since. */
export interface Suffix {
  continuations: number;
  length: number;
  /** Per layer [B·kvHeads, N, S, d]; of a single continuation perhaps `WholeCaches`. */
  k: readonly Value[];
  v: readonly Value[];
  whole?: { filled: number };
}

export interface Decoded {
  /** [rows, V], rows = B or B·N. */
  logits: Float32Array;
  /** Post-norm hidden states [rows, D]: what a latent block feeds back. */
  feedback: Float32Array;
}

export interface QwenModel {
  readonly config: QwenConfig;
  /** Embedding-table rows [n, D]. */
  embed(ids: ArrayLike<number>): Float32Array;
  /** What the vision tower makes of each image. */
  features(images: readonly ProcessedImage[]): Promise<EncodedImage[]>;
  /** Whole prompts, left-padded to one length T. `layers` (with `everyHidden`): [B·T, D] after each layer, then post-norm; with "last" post-norm only. */
  prefill(prompts: readonly Prompt[]): Promise<Decoded & { prefix: Prefix; layers?: Float32Array[] }>;
  /** One token for each continuation: `embeddings` [B·N, D] at `positions` [B·N]; `blocked` keeps it from some tokens. */
  step(
    prefix: Prefix,
    suffix: Suffix | null,
    embeddings: Float32Array,
    positions: Int32Array,
    blocked?: Blocked,
  ): Promise<Decoded & { suffix: Suffix }>;
  /**
   * Whole continuations read again at once: hidden states, attention and, with `gradient`, what the answer's log-odds
   * owe to the latents. Absent in stand-ins that have no inside.
   */
  replay?(prefix: Prefix, rows: readonly ReplayRow[], options?: ReplayOptions): Promise<Replay>;
  release(): Promise<void>;
}

export interface ModelOptions extends SessionOptions {
  /** Keep the hidden states of every layer of a prefill ("last": of the last one, after the norm): for parity checks and probes. */
  everyHidden?: boolean | "last";
  /** Features of images come with what the tower's merger made them of: for heads that answer in front of it. */
  cells?: boolean;
}

function decodeSession(
  config: QwenConfig,
  mode: DecodeMode,
  weights: WeightStore,
  options: ModelOptions & { perContinuation?: boolean },
) {
  const asked = {
    mode,
    everyHidden: mode !== "step" && (options.everyHidden ?? false),
    perContinuation: options.perContinuation === true,
    deepLayers: mode === "step" ? 0 : config.vision.deepstackBlocks.length,
  };
  const session = lazySession(
    (parameters) => decodeGraph({ config: config.text, ...asked, parameters }),
    weights,
    options,
    ["decode", config.text, asked],
  );
  return { ...session, mode };
}

/** Inputs of prompts before which nothing is cached; `mask` [B, T, T]. */
function promptInputs(
  text: QwenConfig["text"],
  { mode }: Decoding,
  batch: number,
  length: number,
  mask: Float32Array,
  device?: Device,
): Inputs {
  if (mode === "either")
    return aloneInputs(text, { batch, total: length, bias: mask, past: nothingPast(text, batch) });
  return {
    ...(mode === "any" && nothingShared(text, batch, device)),
    mask: float32(mask, [batch, 1, 1, 1, length, length]),
  };
}

/** The graphs that decode; roles may share one. */
function decodeSessions(config: QwenConfig, store: WeightStore, options: ModelOptions) {
  const make = (mode: DecodeMode, perContinuation = false) =>
    decodeSession(config, mode, store, { ...options, ...store.decoding, perContinuation });
  if (!store.oneGraph) {
    const [prompts, plain, masked] = [make("prefill"), make("step"), make("step", true)];
    return { prompts, plain, masked, alone: null, all: [prompts, plain, masked] };
  }
  const fused = store.large && groupsQueries(config.text, options.device);
  const one = make(fused ? "either" : "any");
  return { prompts: one, plain: one, masked: one, alone: fused ? one : null, all: [one] };
}

/**
 * A running model over `weights`: values in memory, which stay the caller's, or a store, which is released with it.
 *
 * Errors: code "checkpoint" where a tensor is missing, at the first run that needs it.
 *
 * @example
 * const config = pocketConfig({
 *   vocabSize: 24,
 *   hiddenSize: 32,
 *   layers: 1,
 *   heads: 2,
 * });
 * const weights = Object.fromEntries(
 *   [...expectedTensors(config)].map(([name, shape]) => {
 *     const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
 *     return [name, { dtype: "float32", shape, data }];
 *   }),
 * );
 * createModel(config, weights).embed([1, 2]).length; // 64
 */
export function createModel(
  config: QwenConfig,
  weights: WeightValues | WeightStore,
  options: ModelOptions = {},
): QwenModel {
  const { text, vision, tokens } = config;
  const { hiddenSize: width, kvHeads, headDim, layers } = text;
  const rotary = decoderRotary(text);
  const cells = options.cells === true;
  const store = isWeightStore(weights) ? weights : liveWeights(weights);
  const decoding = decodeSessions(config, store, options);
  const sessions = {
    replay: replaySession(config, store, options, false),
    gradient: replaySession(config, store, options, true),
    vision: lazySession(
      (parameters) =>
        vision.kind === "qwen3"
          ? vision3Graph(vision, parameters, { cells })
          : visionGraph(vision, parameters, { apart: store.large, cells }),
      store,
      options,
      ["vision", vision, store.large, cells],
    ),
  };

  const embed = (ids: ArrayLike<number>): Float32Array => {
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      ensure(id >= 0 && id < text.vocabSize, "checkpoint", () => ({
        where: `token ${i} of the input`,
        expected: `an id below ${text.vocabSize}, the rows of the embedding table`,
        got: `${id}`,
        attempt: "the tokenizer that belongs to the checkpoint",
      }));
    }
    return store.rows(ids);
  };

  return {
    config,
    embed,
    features: imageEncoder({ config, large: store.large, cells, session: () => sessions.vision.get() }),

    async prefill(prompts) {
      const batch = prompts.length;
      const length = Math.max(...prompts.map((p) => p.ids.length));
      const ids = prompts.map((p) => [...Array<number>(length - p.ids.length).fill(0), ...p.ids]);
      const attended = prompts.map((p) => countUp(length).map((i) => (i >= length - p.ids.length ? 1 : 0)));
      const embeddings = embed(ids.flat());
      const imageRows: number[] = [];
      for (const [b, prompt] of prompts.entries()) {
        let used = 0;
        for (const [i, id] of ids[b]!.entries()) {
          if (id !== tokens.image || !attended[b]![i]) continue;
          embeddings.set(prompt.visuals.subarray(used * width, (used + 1) * width), (b * length + i) * width);
          imageRows.push(b * length + i);
          used++;
        }
        ensure(used * width === prompt.visuals.length, "input", () => ({
          where: `prompt ${b}`,
          expected: `${prompt.visuals.length / width} image tokens, one per feature row`,
          got: `${used}`,
        }));
      }
      const grids = prompts.flatMap((p) => p.grids);
      const { positions, deltas } = ropeIndex(
        { ids, mask: attended, grids: grids.length > 0 ? grids : null },
        config,
      );
      const mask = new Float32Array(batch * length * length).fill(BLOCKED);
      const prefixMask = new Float32Array(batch * length);
      for (let b = 0; b < batch; b++) {
        const first = length - prompts[b]!.ids.length;
        prefixMask.fill(BLOCKED, b * length, b * length + first);
        for (let q = first; q < length; q++) {
          const row = (b * length + q) * length;
          mask.fill(0, row + first, row + q + 1);
        }
      }
      const { cos, sin } = rotary(positions);
      const half = headDim / 2;
      const { session, parameters } = await decoding.prompts.get();
      const raw = await session.run({
        ...parameters,
        ...deepInputs(vision.deepstackBlocks.length, width, prompts, imageRows, batch * length),
        ...promptInputs(text, decoding.prompts, batch, length, mask, options.device),
        embeddings: float32(embeddings, [batch * length, width]),
        cos: float32(cos, [batch * length, half]),
        sin: float32(sin, [batch * length, half]),
        rows: int64(countUp(batch * length), [batch, length]),
        last: int64(
          countUp(batch).map((b) => (b + 1) * length - 1),
          [batch],
        ),
      });
      const out = decodedOutputs(raw, layers);
      const flat = (values: readonly Value[]) =>
        values.map((value) => float32(value.data as Float32Array, [batch, kvHeads, length, headDim]));
      // A delta counts from the padded length.
      const next = deltas.map((delta) => length + delta);
      return {
        logits: out.logits,
        feedback: out.feedback,
        prefix: { batch, length, k: flat(out.k), v: flat(out.v), mask: prefixMask, next },
        ...(options.everyHidden && {
          layers: [
            ...(options.everyHidden === true ? countUp(layers).map((i) => `layer.${i}`) : []),
            "hidden",
          ].map((name) => raw[name]!.data as Float32Array),
        }),
      };
    },

    step: stepper({ config, ...decoding }),
    replay: replayer({
      config,
      embed,
      forward: () => sessions.replay.get(),
      backward: () => sessions.gradient.get(),
    }),

    async release() {
      for (const session of [...decoding.all, ...Object.values(sessions)]) await session.release();
      await store.release();
    },
  };
}
