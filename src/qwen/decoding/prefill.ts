/** Prefill: whole prompts with images in one run, which fills the key/value cache of the prefix. */
import { type Device, float32, int64, type Value } from "../../graph/index.ts";
import { ensure } from "../../util/index.ts";
import type { QwenConfig, TextConfig } from "../config/types.ts";
import { ropeIndex } from "../decoder/position-ids.ts";
import { decoderRotary } from "../decoder/rotary-embedding.ts";
import { deepInputs } from "../vision/deepstack.ts";
import type { DecodeMode } from "./decode-graph.ts";
import {
  countUp,
  emptyPast,
  emptySharedCaches,
  type Inputs,
  MASK_VALUE,
  singleInputs,
} from "./decode-inputs.ts";
import { type DecoderSession, decodedOutputs } from "./decoder-sessions.ts";
import type { DecodeOutput, ModelOptions, PrefixCache, Prompt } from "./types.ts";

/** Inputs of prompts with empty caches; `mask` [B, T, T]. */
function cacheInputs(
  text: TextConfig,
  mode: DecodeMode,
  batch: number,
  length: number,
  mask: Float32Array,
  device?: Device,
): Inputs {
  if (mode === "either")
    return singleInputs(text, { batch, total: length, bias: mask, past: emptyPast(text, batch) });
  return {
    ...(mode === "any" && emptySharedCaches(text, batch, device)),
    mask: float32(mask, [batch, 1, 1, 1, length, length]),
  };
}

/** Causal masks of left-padded prompts: `full` [B, T, T] of the prefill, `prefix` [B, T] of every later step. */
function masksOf(prompts: readonly Prompt[], length: number): { full: Float32Array; prefix: Float32Array } {
  const full = new Float32Array(prompts.length * length * length).fill(MASK_VALUE);
  const prefix = new Float32Array(prompts.length * length);
  for (const [b, { ids, hidden = [] }] of prompts.entries()) {
    const first = length - ids.length;
    prefix.fill(MASK_VALUE, b * length, b * length + first);
    for (let q = first; q < length; q++) {
      const row = (b * length + q) * length;
      full.fill(0, row + first, row + q + 1);
      for (const place of hidden) if (place < q - first) full[row + first + place] = MASK_VALUE;
    }
    for (const place of hidden) prefix[b * length + first + place] = MASK_VALUE;
  }
  return { full, prefix };
}

interface PrefillParts {
  config: QwenConfig;
  embed: (ids: ArrayLike<number>) => Float32Array;
  session: DecoderSession;
  options: ModelOptions;
}

/** `QwenModel.prefill`. */
export function createPrefill({ config, embed, session: decoder, options }: PrefillParts) {
  const { text, vision, tokens } = config;
  const { hiddenSize: width, kvHeads, headDim, layers } = text;
  const rotary = decoderRotary(text);

  /** Embeddings of padded ids, image features in place of image tokens; `imageRows` are the rows of these. */
  const embedPrompts = (prompts: readonly Prompt[], ids: readonly number[][], length: number) => {
    const embeddings = embed(ids.flat());
    const imageRows: number[] = [];
    for (const [b, prompt] of prompts.entries()) {
      let used = 0;
      for (let i = length - prompt.ids.length; i < length; i++) {
        if (ids[b]![i] !== tokens.image) continue;
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
    return { embeddings, imageRows };
  };

  return async (
    prompts: readonly Prompt[],
  ): Promise<DecodeOutput & { prefix: PrefixCache; layers?: Float32Array[] }> => {
    const batch = prompts.length;
    const length = Math.max(...prompts.map((p) => p.ids.length));
    const ids = prompts.map((p) => [...Array<number>(length - p.ids.length).fill(0), ...p.ids]);
    const attended = prompts.map((p) => countUp(length).map((i) => (i >= length - p.ids.length ? 1 : 0)));
    const { embeddings, imageRows } = embedPrompts(prompts, ids, length);
    const grids = prompts.flatMap((p) => p.grids);
    const { positions, deltas } = ropeIndex(
      { ids, mask: attended, grids: grids.length > 0 ? grids : null },
      config,
    );
    const masks = masksOf(prompts, length);
    const { cos, sin } = rotary(positions);
    const rows = batch * length;
    const { session, parameters } = await decoder.get();
    const raw = await session.run({
      ...parameters,
      ...deepInputs(vision.deepstackBlocks.length, width, prompts, imageRows, rows),
      ...cacheInputs(text, decoder.mode, batch, length, masks.full, options.device),
      embeddings: float32(embeddings, [rows, width]),
      cos: float32(cos, [rows, headDim / 2]),
      sin: float32(sin, [rows, headDim / 2]),
      rows: int64(countUp(rows), [batch, length]),
      last: int64(
        countUp(batch).map((b) => (b + 1) * length - 1),
        [batch],
      ),
    });
    const out = decodedOutputs(raw, layers);
    const perExample = (values: readonly Value[]) =>
      values.map((value) => float32(value.data as Float32Array, [batch, kvHeads, length, headDim]));
    const hiddenNames = [
      ...(options.everyHidden === true ? countUp(layers).map((i) => `layer.${i}`) : []),
      "hidden",
    ];
    return {
      logits: out.logits,
      feedback: out.feedback,
      prefix: {
        batch,
        length,
        k: perExample(out.k),
        v: perExample(out.v),
        mask: masks.prefix,
        // A delta counts from the padded length.
        next: deltas.map((delta) => length + delta),
      },
      ...(options.everyHidden && { layers: hiddenNames.map((name) => raw[name]!.data as Float32Array) }),
    };
  };
}
