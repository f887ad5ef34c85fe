/** A head beside the decoder: what training makes of a block is what decoding makes, all at once. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSession, type Value } from "../graph/index.ts";
import { createModel } from "../qwen/index.ts";
import {
  type Continuation,
  continueFrom,
  createBlockMaker,
  decodeToBlock,
  type LatentConfig,
  type LocalModel,
  loadLatentModel,
  promptOf,
  type SlotPlan,
} from "../reasoning/index.ts";
import { type Example, generateDataset, readSplit } from "../tasks/index.ts";
import { random } from "../util/index.ts";
import { answersOf, batcher } from "./batch.ts";
import { K, randomSet, weightsOf } from "./random-set.fixture.ts";
import { recipes } from "./recipes/index.ts";
import type { TrainingSet } from "./sequences.ts";
import { trainModel } from "./train.ts";
import { trainingGraph } from "./training-graph.ts";

const [width, batch] = [16, 3];
const r = random(0, "branch test");

const configOf = (startImage: number | null): LatentConfig => ({
  head: { kind: "branch", layers: 1, placement: "bottom", hidden: 8, startImage },
  space: { kind: "standardised" },
});

/** Weights with fitted tensors drawn as well. */
function drawn(startImage: number | null) {
  const latent = configOf(startImage);
  const model = weightsOf(width, 1, latent);
  for (const [name, view] of model.buffers.views)
    for (let i = 0; i < view.length; i++) view[i] = name.endsWith("scale") ? 0.5 + r.uniform() : r.normal();
  return { latent, ...model };
}

describe("a branch in training and in decoding", () => {
  /** Losses of a set, with own latents in the slots. */
  async function trained(set: TrainingSet, model: ReturnType<typeof drawn>) {
    const { graph } = trainingGraph({
      config: model.config.text,
      ...{ batch, length: set.length, answers: answersOf(set), latentWeight: 1 },
      latent: { loss: { kind: "mse" }, config: model.latent, k: K, slots: K, negatives: 0 },
      feedback: { rounds: 1, gradient: true },
    });
    const one: Value = { dtype: "float32", shape: [], data: Float32Array.of(1) };
    const fromImage = (model.latent.head as { startImage: number | null }).startImage !== null;
    const inputs = batcher(set, model.config, batch, { feedbackRounds: 1, beside: { k: K, fromImage } })([
      0, 1, 2,
    ]);
    const session = await createSession(graph, { threads: 1 });
    const values = {
      ...inputs,
      ...model.decoder.values,
      ...model.buffers.values,
      textShare: one,
      latentShare: one,
    };
    const out = await session.run(values);
    await session.release();
    return { text: Number(out.textLoss!.data[0]), latent: Number(out.latentLoss!.data[0]) };
  }

  /** Latents [K, D] that decoding makes of each example, in the space of image features. */
  async function decoded(set: TrainingSet, model: ReturnType<typeof drawn>): Promise<Float32Array[]> {
    const weights = { ...model.decoder.values, ...model.vision.values, ...model.buffers.values };
    const network = createModel(model.config, weights, { threads: 1 });
    const source = { k: K, compress: (rows: Float32Array) => Float32Array.from([...rows, ...rows]) };
    const maker = createBlockMaker(model.latent, model.config, source, weights, { threads: 1 })!;
    const latents: Float32Array[] = [];
    for (const s of set.sequences) {
      const first = s.beforeSlot[0]! + 1;
      const visuals = Float32Array.from([...s.rows.slice(0, 2)].flatMap((row) => [...rowOf(set, row)]));
      const prompt = { ids: [...s.ids.slice(0, first)], visuals, grids: s.grids };
      const { prefix } = await network.prefill([prompt]);
      const starts = maker.start(prompt);
      latents.push(
        await maker.make({
          k: maker.layers.map((layer) => prefix.k[layer]!.data as Float32Array),
          v: maker.layers.map((layer) => prefix.v[layer]!.data as Float32Array),
          ...{ mask: prefix.mask, positions: prefix.next, starts },
        }),
      );
    }
    await maker.release();
    await network.release();
    return latents;
  }

  const rowOf = ({ table }: TrainingSet, row: number) => table.subarray(row * width, (row + 1) * width);

  /** The mean squared error of latents to oracles, in the target space. */
  function distance(
    set: TrainingSet,
    model: ReturnType<typeof drawn>,
    latents: readonly Float32Array[],
  ): number {
    const scale = model.buffers.views.get("latent_head.scale")!;
    let sum = 0;
    for (const [b, { oracle }] of set.sequences.entries())
      for (const [j, row] of oracle.entries())
        for (let d = 0; d < width; d++)
          sum += ((latents[b]![j * width + d]! - rowOf(set, row)[d]!) / scale[d]!) ** 2;
    return sum / (batch * K * width);
  }

  it.each([
    ["noise", null],
    ["an image", 1],
  ])("makes the same latents from %s", async (_, startImage) => {
    const model = drawn(startImage);
    const plain = randomSet(width, batch);
    const sequences = plain.sequences.map((s) => ({ ...s, start: Int32Array.of(s.rows[1]!, s.rows[1]!) }));
    const set = { ...plain, sequences };
    const { latent } = await trained(set, model);
    expect(distance(set, model, await decoded(set, model))).toBeCloseTo(latent, 3);
    expect(latent).toBeGreaterThan(0.1);
  });

  it("makes all of a block at once: where one slot starts changes every other, and nothing before the block", async () => {
    const model = drawn(null);
    const set = randomSet(width, batch);
    // What is said before the block, and behind it.
    const before = {
      ...set,
      sequences: set.sequences.map((s) => ({ ...s, supervised: Int32Array.of(3, s.beforeSlot[0]! - 1) })),
    };
    const of = async () => ({
      latents: await decoded(set, model),
      before: (await trained(before, model)).text,
      behind: (await trained(set, model)).text,
    });
    const start = model.buffers.views.get("latent_head.start")!;
    const plain = await of();
    for (const slot of [0, 1]) {
      start[slot * width + 2]! += 1;
      const moved = await of();
      start[slot * width + 2]! -= 1;
      for (const [b, latents] of moved.latents.entries())
        for (const other of [0, 1]) {
          const change = latents
            .subarray(other * width, (other + 1) * width)
            .map((x, d) => x - plain.latents[b]![other * width + d]!);
          expect(Math.max(...change.map(Math.abs))).toBeGreaterThan(1e-4);
        }
      expect(moved.before).toBe(plain.before);
      expect(Math.abs(moved.behind - plain.behind)).toBeGreaterThan(1e-5);
    }
  });

  it("gives starts in another order latents in that order, where places do not matter", async () => {
    const model = drawn(null);
    // Queries of zero attend to everything alike, wherever it stands.
    for (const part of ["weight", "bias"])
      model.decoder.views.get(`latent_head.layers.0.self_attn.q_proj.${part}`)!.fill(0);
    const weights = { ...model.decoder.values, ...model.buffers.values };
    const source = { k: K, compress: (rows: Float32Array) => rows };
    const maker = createBlockMaker(model.latent, model.config, source, weights, { threads: 1 })!;
    const { kvHeads, headDim } = model.config.text;
    const cached = 5;
    const draw = (n: number) => Float32Array.from({ length: n }, () => r.normal());
    const rows = { k: [draw(kvHeads * cached * headDim)], v: [draw(kvHeads * cached * headDim)] };
    const [a, b] = [draw(width), draw(width)];
    const make = (starts: Float32Array) =>
      maker.make({ ...rows, mask: new Float32Array(cached), positions: Int32Array.of(0), starts });
    const plain = await make(Float32Array.from([...a, ...b]));
    const swapped = await make(Float32Array.from([...b, ...a]));
    await maker.release();
    const back = Float32Array.from([...swapped.subarray(width), ...swapped.subarray(0, width)]);
    expect(worst(plain, swapped)).toBeGreaterThan(0.05);
    expect(worst(plain, back)).toBeLessThan(1e-5);
  });
});

const worst = (x: Float32Array, y: Float32Array): number =>
  x.reduce((most, v, i) => Math.max(most, Math.abs(v - y[i]!)), 0);

describe("a model with a branch", () => {
  let scratch: string;
  let model: LocalModel;
  let examples: readonly Example[];
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), "lintel-branch-"));
    const data = join(scratch, "tetris");
    const parameters = { rendering: "pocket", tokens: "four", by: "words", plan: "brief" };
    await generateDataset({ task: "tetris", out: data, train: 40, eval: 4, heldOut: 0, parameters });
    const out = join(scratch, "model");
    const head = { ...recipes["wm-vlm"].head, layers: 1, hidden: 16, startImage: 0 };
    const recipe = { ...recipes["wm-vlm"], head };
    await trainModel({ recipe, data, out, steps: 10, batch: 4, warmup: 0, followExamples: 2 });
    model = await loadLatentModel(out, { threads: 1 });
    ({ examples } = await readSplit(data, "eval"));
  });
  afterAll(async () => {
    await model.network.release();
    rmSync(scratch, { recursive: true });
  });

  const limits = { cue: [], maxTokens: 16 };
  const run = async (plans: readonly SlotPlan[]) => {
    const prompts = await Promise.all(examples.map((example) => promptOf(model, example)));
    const { prefix, rows } = await decodeToBlock(model, prompts, limits);
    // So little trained, it may not open a block by itself.
    const opened = { prefix, rows: rows.map((row) => ({ ...row, state: "block" as const, instead: null })) };
    return continueFrom(
      model,
      opened,
      prompts.map(() => plans),
      limits,
    );
  };

  it("is trained, saved, read again, and writes blocks of four latents that its words depend on", async () => {
    const rows = await run([{ kind: "own" }, { kind: "own" }]);
    for (const [first, second] of rows) {
      expect(first!.latents[0]!.length).toBe(4 * model.network.config.text.hiddenSize);
      expect(first!.latents[0]).toEqual(second!.latents[0]);
      expect(first!.ids.slice(1, 5)).toEqual(Array(4).fill(model.rules.padId));
      expect(first!.ids[5]).toBe(model.rules.endId);
    }
    // Another image, another start.
    expect(rows[0]![0]!.latents[0]).not.toEqual(rows[1]![0]!.latents[0]);
  });

  it("goes on alike behind its latents and behind the same ones given, and keeps the others where one is given", async () => {
    const width = model.network.config.text.hiddenSize;
    const [[own]] = (await run([{ kind: "own" }])) as [[Continuation]];
    const vector = new Float32Array(width).fill(2);
    const [[given, put]] = (await run([
      { kind: "fixed", blocks: [own.latents[0]!] },
      { kind: "own", put: [{ slot: 1, vector }] },
    ])) as [[Continuation, Continuation]];
    expect(given.ids).toEqual(own.ids);
    const slotsOf = ({ latents: [block] }: Continuation) =>
      [0, 1, 2, 3].map((j) => block!.subarray(j * width, (j + 1) * width));
    const [before, after] = [slotsOf(own), slotsOf(put)];
    expect(after[1]).toEqual(vector);
    for (const j of [0, 2, 3]) expect(worst(after[j]!, before[j]!)).toBeLessThan(1e-5);
  });
});
