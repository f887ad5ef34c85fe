/** Replays whole sequences, prompts included, and their gradients by latents and by the features of images. */
import { bool, float32, int64, type SessionOptions, type Value } from "../../graph/index.ts";
import { concatenated } from "../../numeric/index.ts";
import type { QwenConfig } from "../config/types.ts";
import { ropeIndex } from "../decoder/position-ids.ts";
import { decoderRotary } from "../decoder/rotary-embedding.ts";
import type { EncodedImage } from "../vision/deepstack.ts";
import { type CompiledGraph, lazySession } from "../weights/lazy-session.ts";
import type { WeightStore } from "../weights/weight-store.ts";
import { countUp, MASK_VALUE } from "./decode-inputs.ts";
import { batchInputs, type ReplayRow } from "./replay.ts";
import type { Prompt } from "./types.ts";
import { wholeGraph } from "./whole-graph.ts";

/** A prompt, and the continuation behind it. */
export interface WholeRow {
  prompt: Pick<Prompt, "ids" | "visuals" | "deep" | "grids">;
  row: ReplayRow;
}

/** Results by row of the batch. */
export interface WholeReplay {
  /** Post-norm states [slots, D] before each slot: what a model that feeds its own states would put there. */
  states: Float32Array[];
  /** Logits of the options, and log p(chosen) − log p(another option). */
  scores: Float32Array[];
  logOdds: number[];
  /** Gradient of log-odds + Σ cotangent · states, by latents [slots, D] and by what the prompt's images are; null without. */
  gradient: { latents: Float32Array; visuals: Omit<EncodedImage, "cells"> }[] | null;
}

/** The whole-sequence graph over `weights`, compiled at first use. */
export const wholeSession = (
  { text, vision }: QwenConfig,
  weights: WeightStore,
  options: SessionOptions,
  gradient: boolean,
) => {
  const deepLayers = vision.deepstackBlocks.length;
  return lazySession(
    (parameters) => wholeGraph({ config: text, parameters, deepLayers, gradient }),
    weights,
    options,
    ["whole", text, deepLayers, gradient],
  );
};

interface WholeParts {
  config: QwenConfig;
  embed: (ids: ArrayLike<number>) => Float32Array;
  forward: () => Promise<CompiledGraph>;
  backward: () => Promise<CompiledGraph>;
}

/** Splits [rows, width] by the number of values of each row. */
function split(values: Float32Array, sizes: readonly number[]): Float32Array[] {
  let at = 0;
  return sizes.map((size) => {
    at += size;
    return values.slice(at - size, at);
  });
}

/** `QwenModel.replayWhole`. @param cotangents - By row [slots, D]; with them gradients are computed. */
export function createWholeReplay({ config, embed, forward, backward }: WholeParts) {
  const { hiddenSize: width, headDim } = config.text;
  const deepLayers = config.vision.deepstackBlocks.length;
  const rotary = decoderRotary(config.text);
  return async (whole: readonly WholeRow[], cotangents?: readonly Float32Array[]): Promise<WholeReplay> => {
    const rows = whole.map(
      ({ prompt, row }): ReplayRow => ({
        ...row,
        ids: [...prompt.ids, ...row.ids],
        slots: row.slots.map((slot) => prompt.ids.length + slot),
      }),
    );
    const batch = rows.length;
    const length = Math.max(...rows.map((row) => row.ids.length));
    const { options, values } = batchInputs(rows, length, width);
    const ids = rows.map((row) => countUp(length).map((i) => row.ids[i] ?? 0));
    // Only the prompts' image tokens are images: a slot may be recorded as any id.
    const imageAt = (b: number, i: number) =>
      i < whole[b]!.prompt.ids.length && ids[b]![i] === config.tokens.image;
    const isVisual = new Uint8Array(batch * length);
    const visualRow = new Int32Array(batch * length);
    let used = 0;
    for (let b = 0; b < batch; b++)
      for (let i = 0; i < length; i++)
        if (imageAt(b, i)) {
          isVisual[b * length + i] = 1;
          visualRow[b * length + i] = used++;
        }
    const { positions } = ropeIndex(
      {
        ids: rows.map((row, b) =>
          ids[b]!.map((id, i) =>
            i >= row.ids.length || (!imageAt(b, i) && id === config.tokens.image) ? -1 : id,
          ),
        ),
        mask: rows.map((row) => countUp(length).map((i) => Number(i < row.ids.length))),
        grids: whole.flatMap(({ prompt }) => prompt.grids),
      },
      config,
    );
    const { cos, sin } = rotary(positions);
    const mask = new Float32Array(length * length).fill(MASK_VALUE);
    for (let q = 0; q < length; q++) mask.fill(0, q * length, q * length + q + 1);
    const before = rows.flatMap(({ slots }, b) => slots.map((slot) => b * length + slot - 1));
    const features = (of: (prompt: WholeRow["prompt"]) => Float32Array): Value =>
      float32(concatenated(whole.map(({ prompt }) => of(prompt))), [used, width]);
    const { session, parameters } = await (cotangents ? backward() : forward());
    const out = await session.run({
      ...parameters,
      ...values,
      words: float32(embed(ids.flat()), [batch * length, width]),
      visuals: features(({ visuals }) => visuals),
      ...Object.fromEntries(countUp(deepLayers).map((i) => [`deep.${i}`, features(({ deep }) => deep![i]!)])),
      isVisual: bool(isVisual, [batch * length, 1]),
      visualRow: int64(visualRow, [batch * length]),
      cos: float32(cos, [batch * length, headDim / 2]),
      sin: float32(sin, [batch * length, headDim / 2]),
      rows: int64(countUp(batch * length), [batch, length]),
      mask: float32(mask, [1, 1, 1, length, length]),
      before: int64(before, [before.length]),
      answer: int64(
        rows.map((row, b) => b * length + row.ids.length - 1),
        [batch],
      ),
      ...(cotangents && { cotangent: float32(concatenated(cotangents), [before.length, width]) }),
    });
    const data = (name: string) => out[name]!.data as Float32Array;
    const slots = rows.map((row) => row.slots.length * width);
    const tokens = whole.map(({ prompt }) => prompt.visuals.length);
    const byRow = cotangents && {
      latents: split(data("gradient"), slots),
      rows: split(data("visualGradient"), tokens),
      deep: countUp(deepLayers).map((i) => split(data(`deepGradient.${i}`), tokens)),
    };
    return {
      states: split(data("states"), slots),
      scores: rows.map((row, b) => data("scores").slice(b * options, b * options + row.options.length)),
      logOdds: [...data("logOdds")],
      gradient: byRow
        ? rows.map((_, b) => ({
            latents: byRow.latents[b]!,
            visuals: { rows: byRow.rows[b]!, deep: byRow.deep.map((each) => each[b]!) },
          }))
        : null,
    };
  };
}
