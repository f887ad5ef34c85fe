/** Large models are decoded by other kernels than small ones; here tiny checkpoints are, and must come out alike. */
import { describe, expect, it } from "vitest";
import { goldenPath, worstDifference } from "../../../test/tiny.fixture.ts";
import { float32 } from "../../graph/index.ts";
import { loadWeights, openCheckpoint } from "../checkpoint/open-checkpoint.ts";
import { createModel, type QwenModel } from "../model.ts";
import { promptVisuals } from "../vision/deepstack.ts";
import { fileWeights } from "../weights/file-weights.ts";
import { extendPrefix } from "./extend-prefix.ts";
import type { ContinuationCache, DecodeOutput, PrefixCache, Prompt } from "./types.ts";

const kinds = ["tied", "untied", "qwen3"] as const;

/** One checkpoint as weights in memory, and from its file as a large model. */
async function pair(kind: (typeof kinds)[number]): Promise<{ small: QwenModel; large: QwenModel }> {
  const checkpoint = await openCheckpoint(goldenPath(`tiny-${kind}`));
  const values = [...(await loadWeights(checkpoint))].map(
    ([name, { shape, data }]) => [name, float32(data, shape)] as const,
  );
  const small = createModel(checkpoint.config, Object.fromEntries(values), { threads: 1 });
  const store = await fileWeights(checkpoint, { large: true });
  return { small, large: createModel(checkpoint.config, store, { threads: 1 }) };
}

/** Two prompts of different lengths, the first with an image. */
async function promptsOf(model: QwenModel): Promise<Prompt[]> {
  const { tokens, vision } = model.config;
  const patchDim = vision.channels * vision.temporalPatchSize * vision.patchSize ** 2;
  const merge = vision.mergeSize;
  const patches = Float32Array.from({ length: 4 * merge * merge * patchDim }, (_, i) => Math.sin(i));
  const grid: [number, number, number] = [1, 2 * merge, 2 * merge];
  const [image] = await model.features([{ grid, patches }]);
  const ids = [5, tokens.visionStart, ...Array<number>(4).fill(tokens.image), 9];
  return [
    { ids, ...promptVisuals([image!]), grids: [grid] },
    { ids: [7, 8, 9], visuals: new Float32Array(0), grids: [] },
  ];
}

/** A step of `n` continuations of each prefix, the tokens counted up from `id`. */
function step(
  model: QwenModel,
  prefix: PrefixCache,
  suffix: ContinuationCache | null,
  n: number,
  id: number,
) {
  const rows = prefix.batch * n;
  const ids = Array.from({ length: rows }, (_, r) => id + r);
  const past = suffix?.length ?? 0;
  const positions = Int32Array.from(ids, (_, r) => prefix.next[Math.floor(r / n)]! + past);
  return model.step(prefix, suffix, model.embed(ids), positions);
}

/** Largest difference, relative to the largest value. */
function apart(a: DecodeOutput, b: DecodeOutput): number {
  const of = (x: Float32Array, y: Float32Array) =>
    worstDifference(x, y) / x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Math.max(of(a.logits, b.logits), of(a.feedback, b.feedback));
}

const CLOSE = 2e-6;
type Stepped = Awaited<ReturnType<QwenModel["step"]>>;

describe.each(kinds)("a %s checkpoint as a large model", (kind) => {
  it("gives prompts, single continuations past the room of their caches, and several, as small ones do", async () => {
    const { small, large } = await pair(kind);
    const prompts = await promptsOf(small);
    const [a, b] = [await small.prefill(prompts), await large.prefill(prompts)];
    expect(apart(a, b)).toBeLessThan(CLOSE);
    expect(b.prefix.k[0]!.shape).toEqual(a.prefix.k[0]!.shape);
    for (const n of [1, 3]) {
      let x: ContinuationCache | null = null;
      let y: ContinuationCache | null = null;
      for (let t = 0; t < 40; t++) {
        const one: Stepped = await step(small, a.prefix, x, n, 20 + t);
        const other: Stepped = await step(large, b.prefix, y, n, 20 + t);
        expect(apart(one, other)).toBeLessThan(CLOSE);
        [x, y] = [one.suffix, other.suffix];
      }
    }
    await Promise.all([small.release(), large.release()]);
  });

  it("sees images of several windows, full and cut off at the border, as small ones do", async () => {
    const { small, large } = await pair(kind);
    const { vision } = small.config;
    const patchDim = vision.channels * vision.temporalPatchSize * vision.patchSize ** 2;
    const grids: [number, number, number][] = [
      [1, 8, 8],
      [1, 6, 14],
      [1, 8, 8],
      [1, 2, 10],
    ];
    const images = grids.map((grid, i) => ({
      grid,
      patches: Float32Array.from({ length: grid[1] * grid[2] * patchDim }, (_, j) => Math.sin(j * (1 + i))),
    }));
    const [want, found] = [await small.features(images), await large.features(images)];
    for (const [i, { rows }] of want.entries()) {
      const most = rows.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
      expect(worstDifference(rows, found[i]!.rows) / most).toBeLessThan(CLOSE);
    }
    await Promise.all([small.release(), large.release()]);
  });

  it("goes on twice from one suffix, and from a prefix that was made longer", async () => {
    const { small, large } = await pair(kind);
    const prompts = await promptsOf(small);
    const extended = async (model: QwenModel) => {
      const { prefix } = await model.prefill(prompts);
      const first = await step(model, prefix, null, 1, 30);
      const then = await step(model, prefix, first.suffix, 1, 40);
      const other = await step(model, prefix, first.suffix, 1, 50);
      const again = await step(model, prefix, first.suffix, 1, 40);
      expect(worstDifference(again.logits, then.logits)).toBe(0);
      expect(worstDifference(other.logits, then.logits)).toBeGreaterThan(0.01);
      const valid = prompts.map(() => [true, true]);
      const longer = extendPrefix(
        prefix,
        then.suffix,
        valid,
        prefix.next.map((p) => p + 2),
      );
      expect(longer.k[0]!.shape[2]).toBe(prefix.length + 2);
      return [other, await step(model, longer, null, 1, 60), await step(model, longer, null, 2, 70)];
    };
    const [want, found] = [await extended(small), await extended(large)];
    for (const [i, decoded] of want.entries()) expect(apart(decoded, found[i]!)).toBeLessThan(CLOSE);
    await Promise.all([small.release(), large.release()]);
  });

  it("keeps single continuations from what they may not see, whatever stands there", async () => {
    const { large } = await pair(kind);
    const { prefix } = await large.prefill(await promptsOf(large));
    const { batch, length } = prefix;
    const blocked = { prefix: new Float32Array(batch * length), suffix: new Float32Array(batch) };
    for (let b = 0; b < batch; b++) blocked.prefix.fill(-1e9, b * length + length - 2, (b + 1) * length - 1);
    const garbled = {
      ...prefix,
      k: prefix.k.map((value) => ({ ...value, data: (value.data as Float32Array).slice() })),
    };
    const { headDim, kvHeads } = large.config.text;
    for (const { data } of garbled.k) {
      for (let i = 0; i < batch * kvHeads; i++) {
        (data as Float32Array).fill(
          9,
          (i * length + length - 2) * headDim,
          (i * length + length - 1) * headDim,
        );
      }
    }
    const run = (from: PrefixCache, mask?: typeof blocked) =>
      large.step(from, null, large.embed([11, 12]), from.next, mask);
    const [seen, hidden, elsewhere] = [
      await run(prefix),
      await run(prefix, blocked),
      await run(garbled, blocked),
    ];
    expect(worstDifference(elsewhere.logits, hidden.logits)).toBe(0);
    expect(worstDifference(seen.logits, hidden.logits)).toBeGreaterThan(1e-3);
    await large.release();
  });
});

it("keeps every layer's states of a prompt where they are asked for", async () => {
  const checkpoint = await openCheckpoint(goldenPath("tiny-tied"));
  const store = await fileWeights(checkpoint, { large: true });
  const model = createModel(checkpoint.config, store, { threads: 1, everyHidden: true });
  const prompts = await promptsOf(model);
  const { layers, feedback } = await model.prefill(prompts);
  const { hiddenSize, layers: depth } = checkpoint.config.text;
  expect(layers).toHaveLength(depth + 1);
  const length = prompts[0]!.ids.length;
  const lastRow = layers!.at(-1)!.subarray((length - 1) * hiddenSize, length * hiddenSize);
  expect(worstDifference(lastRow, feedback.subarray(0, hiddenSize))).toBe(0);
  await model.release();
});
