/** Replay: given continuations in one teacher-forced run, with hidden states, attention and gradients at every position. */
import {
  bool,
  createGraph,
  float32,
  input,
  int64,
  output,
  type SessionOptions,
  type Value,
} from "../../graph/index.ts";
import { rmsNorm } from "../../nn/index.ts";
import { concatenated } from "../../numeric/index.ts";
import type { QwenConfig } from "../config/types.ts";
import { languageHead } from "../decoder/decoder.ts";
import { decoderRotary } from "../decoder/rotary-embedding.ts";
import { type CompiledGraph, lazySession } from "../weights/lazy-session.ts";
import type { WeightStore } from "../weights/weight-store.ts";
import { countUp, MASK_VALUE, threeAxes } from "./decode-inputs.ts";
import { replayGraph } from "./replay-graph.ts";
import type { PrefixCache } from "./types.ts";

/** One continuation, up to the position that predicts the answer (its last id). */
export interface ReplayRow {
  ids: readonly number[];
  /** Indices of the latents in `ids`, in order. */
  slots: readonly number[];
  /** [slots, D]. */
  latents: Float32Array;
  /** First token of each option, at least two, all different. */
  options: readonly number[];
  /** Option whose log-odds are computed. */
  chosen: number;
  /** Indices in `ids` whose attention is returned; default: the last one, which predicts the answer. */
  read?: readonly number[];
  /** Only with `inspect`: states [D] that stand in the place of the row's own after a layer, at an index in `ids`. */
  exchange?: readonly { layer: number; at: number; state: Float32Array }[];
}

export interface ReplayOptions {
  gradient?: boolean;
  /** Heads one by one, the states after every layer, and rows whose states are exchanged. Not with `gradient`. */
  inspect?: boolean;
}

/** Results per row of the batch. */
export interface Replay {
  /** Post-norm hidden states [L, D] of the ids of the row. */
  hidden: Float32Array[];
  /** Logits of the options. */
  scores: Float32Array[];
  /** log p(chosen) − log p(another option). */
  logOdds: number[];
  /**
   * Per row, per layer: attention of the row's `read` positions to prefix and continuation, mean over heads,
   * [positions, P + L].
   */
  attention: Float32Array[][];
  /** Only with `gradient`: gradient of the log-odds with respect to the latents, [slots, D]. */
  gradient: Float32Array[] | null;
  /** Only with `gradient`: attention × its gradient, summed over heads; per row, per layer [positions, P + L]. */
  attribution: Float32Array[][] | null;
  /** Only with `gradient`: |attention × gradient|, summed over heads. */
  saliency: Float32Array[][] | null;
  /** Only with `inspect`: per row, per layer [positions, heads, P + L]. */
  heads: Float32Array[][] | null;
  /** Only with `inspect`: per row, the states [L, D] after each layer, before the final norm. */
  states: Float32Array[][] | null;
}

/** The replay graph over `weights`, compiled at first use. */
export function replaySession(
  config: QwenConfig,
  weights: WeightStore,
  options: SessionOptions,
  kind: "replay" | "gradient" | "inspect",
) {
  const gradient = kind === "gradient";
  const inspect = kind === "inspect";
  return lazySession(
    (parameters) => replayGraph({ config: config.text, gradient, inspect, parameters }),
    weights,
    options,
    ["replay", config.text, gradient, ...(inspect ? [inspect] : [])],
  );
}

/**
 * Logits over the vocabulary of states between layers, as if the decoder ended there: norm and output matrix. `normed`: of
 * states behind the norm, the output matrix alone.
 */
export const lensSession = (
  { text }: QwenConfig,
  weights: WeightStore,
  options: SessionOptions,
  normed: boolean,
) =>
  lazySession(
    (parameters) => {
      const g = createGraph("lens");
      const parameter = parameters(g);
      const states = input(g, "states", "float32", ["N", text.hiddenSize]);
      const read = normed ? states : rmsNorm(parameter, "model.norm", states, text.rmsNormEps);
      output("logits", languageHead(text, parameter, read));
      return g;
    },
    weights,
    options,
    ["lens", text, ...(normed ? [normed] : [])],
  );

interface ReplayParts {
  config: QwenConfig;
  embed: (ids: ArrayLike<number>) => Float32Array;
  forward: () => Promise<CompiledGraph>;
  backward: () => Promise<CompiledGraph>;
  inspection: () => Promise<CompiledGraph>;
}

/** Inputs of states that are exchanged, by layer. */
function exchangeInputs(
  rows: readonly ReplayRow[],
  { length, width, layers }: { length: number; width: number; layers: number },
): Record<string, Value> {
  const states: Float32Array[] = [];
  const [there, from] = [
    countUp(layers).map(() => new Uint8Array(rows.length * length)),
    countUp(layers).map(() => new Int32Array(rows.length * length)),
  ];
  for (const [b, { exchange = [] }] of rows.entries())
    for (const { layer, at, state } of exchange) {
      there[layer]![b * length + at] = 1;
      from[layer]![b * length + at] = states.push(state) - 1;
    }
  // at least one row: gather needs a non-empty input
  const all = states.length > 0 ? states : [new Float32Array(width)];
  const inputs: Record<string, Value> = { exchanged: float32(concatenated(all), [all.length, width]) };
  for (const i of countUp(layers)) {
    inputs[`isExchanged.${i}`] = bool(there[i]!, [rows.length * length, 1]);
    inputs[`exchangedRow.${i}`] = int64(from[i]!, [rows.length * length]);
  }
  return inputs;
}

/** The inputs of a batch except caches, right-padded to the longest continuation. */
export function batchInputs(rows: readonly ReplayRow[], length: number, width: number) {
  const batch = rows.length;
  const options = Math.max(...rows.map((row) => row.options.length));
  const replaced = new Uint8Array(batch * length);
  const latentRow = new Int32Array(batch * length);
  // at least one row: gather needs a non-empty input
  const latents = new Float32Array(
    Math.max(
      width,
      rows.reduce((n, row) => n + row.latents.length, 0),
    ),
  );
  const choices = new Int32Array(batch * options * 2);
  const [chosen, firstOther] = [new Float32Array(batch * options), new Float32Array(batch * options)];
  const notOther = new Float32Array(batch * options).fill(MASK_VALUE);
  let at = 0;
  for (const [b, row] of rows.entries()) {
    latents.set(row.latents, at * width);
    for (const place of row.slots) {
      replaced[b * length + place] = 1;
      latentRow[b * length + place] = at++;
    }
    for (let o = 0; o < options; o++) {
      choices[(b * options + o) * 2] = b;
      choices[(b * options + o) * 2 + 1] = row.options[o] ?? row.options[0]!;
      if (o < row.options.length && o !== row.chosen) notOther[b * options + o] = 0;
    }
    chosen[b * options + row.chosen] = 1;
    firstOther[b * options + (row.chosen === 0 ? 1 : 0)] = 1;
  }
  return {
    options,
    values: {
      latents: float32(latents, [latents.length / width, width]),
      replaced: bool(replaced, [batch * length, 1]),
      latentRow: int64(latentRow, [batch * length]),
      options: int64(choices, [batch * options, 2]),
      chosen: float32(chosen, [batch, options]),
      firstOther: float32(firstOther, [batch, options]),
      notOther: float32(notOther, [batch, options]),
    },
  };
}

/** `QwenModel.replay`: row i continues row i of the prefix. */
export function createReplay({ config, embed, forward, backward, inspection }: ReplayParts) {
  const { hiddenSize: width, headDim, layers } = config.text;
  const rotary = decoderRotary(config.text);
  return async (
    prefix: PrefixCache,
    rows: readonly ReplayRow[],
    { gradient = false, inspect = false }: ReplayOptions = {},
  ): Promise<Replay> => {
    const batch = rows.length;
    const length = Math.max(...rows.map((row) => row.ids.length));
    const { options, values } = batchInputs(rows, length, width);
    const ids = rows.flatMap((row) => countUp(length).map((i) => row.ids[i] ?? 0));
    const positions = Int32Array.from(ids, (_, i) => prefix.next[Math.floor(i / length)]! + (i % length));
    const { cos, sin } = rotary(threeAxes(positions));
    const reads = rows.map((row) => row.read ?? [row.ids.length - 1]);
    const mask = new Float32Array(length * length).fill(MASK_VALUE);
    for (let q = 0; q < length; q++) mask.fill(0, q * length, q * length + q + 1);
    const { session, parameters } = await (gradient ? backward() : inspect ? inspection() : forward());
    const inputs: Record<string, Value> = {
      ...parameters,
      ...values,
      ...(inspect && exchangeInputs(rows, { length, width, layers })),
      words: float32(embed(ids), [batch * length, width]),
      cos: float32(cos, [batch * length, headDim / 2]),
      sin: float32(sin, [batch * length, headDim / 2]),
      rows: int64(countUp(batch * length), [batch, length]),
      mask: float32(mask, [1, 1, 1, length, length]),
      prefixMask: float32(prefix.mask, [batch, 1, 1, prefix.length]),
      answer: int64(
        rows.map((row, b) => b * length + row.ids.length - 1),
        [batch],
      ),
      readers: int64(
        reads.flatMap((places, b) => places.map((place) => b * length + place)),
        [reads.reduce((n, { length: count }) => n + count, 0)],
      ),
    };
    for (const i of countUp(layers)) {
      inputs[`prefix.k.${i}`] = prefix.k[i]!;
      inputs[`prefix.v.${i}`] = prefix.v[i]!;
    }
    const out = await session.run(inputs);
    const data = (name: string) => out[name]!.data as Float32Array;
    const span = prefix.length + length;
    let read = 0;
    const spans = reads.map((places) => {
      const from = read;
      read += places.length;
      return [from * span, read * span] as const;
    });
    const byLayer = (name: string, times = 1): Float32Array[][] =>
      spans.map(([from, to]) =>
        countUp(layers).map((i) => data(`${name}.${i}`).slice(from * times, to * times)),
      );
    const ofRow = (name: string, b: number, { ids }: ReplayRow): Float32Array =>
      data(name).slice(b * length * width, (b * length + ids.length) * width);
    let at = 0;
    const perSlot = rows.map((row) => {
      at += row.latents.length;
      return [at - row.latents.length, at] as const;
    });
    return {
      hidden: rows.map((row, b) => ofRow("hidden", b, row)),
      scores: rows.map((row, b) => data("scores").slice(b * options, b * options + row.options.length)),
      logOdds: [...data("logOdds")],
      attention: byLayer("attention"),
      gradient: gradient ? perSlot.map(([from, to]) => data("gradient").slice(from, to)) : null,
      attribution: gradient ? byLayer("attribution") : null,
      saliency: gradient ? byLayer("saliency") : null,
      heads: inspect ? byLayer("heads", config.text.heads) : null,
      states: inspect ? rows.map((row, b) => countUp(layers).map((i) => ofRow(`states.${i}`, b, row))) : null,
    };
  };
}
