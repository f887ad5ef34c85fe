/**
 * What every engine has to do, whatever it is: the ONNX engine in this process, on WebGPU as well where `LINTEL_DEVICES` names
 * it (scripts/devices/run.sh), the fake engine over the protocol, and the one that `LINTEL_ENGINE` names (a command that
 * starts a Python with torch).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { float32 } from "../src/graph/index.ts";
import { expectedTensors, type Prompt, type Replay, saveCheckpoint } from "../src/qwen/index.ts";
import {
  type Continuation,
  continueFrom,
  decodeToBlock,
  type LatentModel,
  type Likely,
  loadLatentModel,
  loadRemoteModel,
  replay,
  replayRow,
  type SharedPrefix,
  type SlotPlan,
} from "../src/reasoning/index.ts";
import { imageGradients, pixelNetworkOf } from "../src/reasoning/pixels/image-gradient.ts";
import { processor, randomModel } from "../src/reasoning/reasoning.fixture.ts";
import { random } from "../src/util/index.ts";
import { fakeEngine } from "./engine.fixture.ts";
import { worstDifference } from "./tiny.fixture.ts";

const K = 3;
const OPTIONS = ["up", "down", "left", "right"];
const own: SlotPlan = { kind: "own" };
const python = process.env.LINTEL_ENGINE;
const devices = (process.env.LINTEL_DEVICES ?? "").split(",");

let directory: string;
let reference: Readonly<Record<string, Continuation[][]>>;
/** States behind a prompt whose images are hidden, of the first engine. */
let hiddenStates: Float32Array[] | undefined;
/** What single layers say, of the first engine. */
type Layers = Pick<Replay, "heads" | "states"> & { likeliest: Likely[][]; exchanged: number[] };
let layers: Layers | undefined;
/** Gradients of an answer by the patches of an image, of the first engine. */
let pixels: Awaited<ReturnType<typeof imageGradients>>[number] | undefined;
/** Prompts of words and images, and a start marker at the end: blocks open at once. */
let prompts: (Prompt & { named: number[] })[];
let names: number[];

/** The model of the fixture as a checkpoint: random weights, and images among its prompts. */
async function save(): Promise<void> {
  const model = randomModel(K);
  const { config } = model.network;
  const r = random(3, "engines");
  const weights = new Map(
    [...expectedTensors(config)].map(([name, shape]) => {
      const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
        shape.length === 1 ? 1 + 0.1 * r.normal() : 0.3 * r.normal(),
      );
      return [name, { shape, data: float32(values, shape).data as Float32Array }] as const;
    }),
  );
  await saveCheckpoint(directory, { config, weights, processor, files: model.tokenizer.files });
  names = OPTIONS.map((option) => model.tokenizer.encode(option)[0]!);
  const width = config.text.hiddenSize;
  const { image, visionStart, visionEnd } = config.tokens;
  const words = (text: string): number[] => model.tokenizer.encode(text);
  const visuals = Float32Array.from({ length: 4 * width }, () => r.normal());
  const picture = [visionStart, image, image, image, image, visionEnd];
  prompts = [
    { ids: words("<|im_start|>user up down left <|im_end|>"), visuals: new Float32Array(0), grids: [] },
    {
      ids: [...words("<|im_start|>user right a"), ...picture, ...words("b c d up")],
      visuals,
      grids: [[1, 4, 4] as const],
    },
    { ids: words("<|im_start|>user left left"), visuals: new Float32Array(0), grids: [] },
  ].map((prompt) => ({ ...prompt, named: names }));
  await model.network.release();
}

/** The prefixes of prompts in which every example is about to open a block. */
async function open(model: LatentModel, which: readonly Prompt[]): Promise<SharedPrefix> {
  const { startId } = model.rules;
  const shared = await decodeToBlock({ ...model, eos: [] }, which, { cue: [], maxTokens: 0 });
  return {
    ...shared,
    rows: shared.rows.map((row, b) => ({
      ...row,
      state: "block",
      instead: row.instead ?? startId!,
      named: names,
      layout: { ...row.layout, images: prompts[b]!.grids.length > 0 ? row.layout.images : [] },
    })),
  };
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "lintel-engines-"));
  await save();
});
afterAll(() => rmSync(directory, { recursive: true }));

const engines: Record<string, (() => Promise<LatentModel>) | null> = {
  "ONNX in this process": () => loadLatentModel(directory, { threads: 1, everyHidden: "last" }),
  "ONNX on WebGPU (LINTEL_DEVICES)": devices.includes("webgpu")
    ? () => loadLatentModel(directory, { threads: 1, device: "webgpu", everyHidden: "last" })
    : null,
  "the protocol": () => loadRemoteModel(directory, { command: fakeEngine() }, { threads: 1 }),
  "PyTorch (LINTEL_ENGINE)": python
    ? () =>
        loadRemoteModel(directory, { command: python, dtype: "float32", deviceMap: "cpu" }, { threads: 1 })
    : null,
};

describe.each(Object.entries(engines))("%s", (_name, load) => {
  const test = it.skipIf(load === null);
  let model: LatentModel;
  let shared: SharedPrefix;
  /** The end marker is the "cue": the logits right behind a block can be compared. */
  const limits = () => ({ cue: [model.rules.endId!], maxTokens: 10 });
  const run = (plans: readonly (readonly SlotPlan[])[], from = shared): Promise<Continuation[][]> =>
    continueFrom({ ...model, eos: [] }, from, plans, limits());
  const alike = (plans: readonly SlotPlan[]): Promise<Continuation[][]> => run(prompts.map(() => plans));
  const logits = ({ answerLogits }: Continuation): Float32Array =>
    Float32Array.from(names, (id) => answerLogits![id]!);
  const width = () => model.network.config.text.hiddenSize;
  const noise = (seed: number): Float32Array => {
    const r = random(seed, "noise");
    return Float32Array.from({ length: K * width() }, () => r.normal());
  };
  const fixed = (z: Float32Array): SlotPlan => ({ kind: "fixed", blocks: [z] });
  beforeAll(async () => {
    if (!load) return;
    model = await load();
    shared = await open(model, prompts);
  }, 120_000);
  afterAll(() => model?.network.release());

  test("has the ids, latents and logits of the ONNX engine (1e-4)", async () => {
    const plans: Record<string, SlotPlan> = {
      own,
      skip: { kind: "skip" },
      suppressed: { kind: "suppressed", words: 2 },
      fixed: fixed(noise(1)),
      bare: { ...fixed(noise(1)), bare: true } as SlotPlan,
      longer: { kind: "own", steps: 5 },
      blind: { kind: "own", hidden: ["slots", "markers", "image"] },
    };
    const found = Object.fromEntries(
      await Promise.all(Object.entries(plans).map(async ([key, plan]) => [key, await alike([plan])])),
    ) as Record<string, Continuation[][]>;
    reference ??= found;
    for (const [key, rows] of Object.entries(found))
      for (const [b, [c]] of rows.entries()) {
        const [theirs] = reference[key]![b] as [Continuation];
        expect({ key, b, ids: c!.ids, endings: c!.endings, slots: c!.slots }).toEqual({
          ...{ key, b, ids: theirs.ids, endings: theirs.endings, slots: theirs.slots },
        });
        for (const [i, z] of c!.latents.entries())
          expect(worstDifference(z, theirs.latents[i]!)).toBeLessThan(1e-4);
        expect(c!.answerAt).toBe(theirs.answerAt);
        if (theirs.answerLogits) expect(worstDifference(logits(c!), logits(theirs))).toBeLessThan(1e-4);
      }
  });

  test("changes nothing where own latents are put in again", async () => {
    const first = (await alike([own])).map(([c]) => c!);
    const again = await run(first.map(({ latents }) => [{ kind: "fixed", blocks: latents }]));
    for (const [b, [c]] of again.entries()) {
      expect(c!.ids).toEqual(first[b]!.ids);
      expect(worstDifference(logits(c!), logits(first[b]!))).toBeLessThan(1e-5);
    }
  });

  test("leaves what lies before an intervention as it was", async () => {
    const first = (await alike([own])).map(([c]) => c!);
    const late = first.map(({ latents }) => {
      const z = noise(2);
      z.set(latents[0]!.subarray(0, width()));
      return z;
    });
    const rows = (z: Float32Array, c: Continuation) =>
      replayRow(model, { ...c, latents: [z, ...c.latents.slice(1)] }, OPTIONS).row!;
    const changed = await run(late.map((z) => [fixed(z)]));
    const [a, b] = [
      await replay(
        model,
        shared.prefix,
        first.map((c) => rows(c.latents[0]!, c)),
      ),
      await replay(
        model,
        shared.prefix,
        changed.map(([c], i) => rows(late[i]!, c!)),
      ),
    ];
    for (const i of prompts.keys()) {
      // The start marker and the first slot; the states behind them differ.
      expect(
        worstDifference(a.hidden[i]!.subarray(0, 2 * width()), b.hidden[i]!.subarray(0, 2 * width())),
      ).toBeLessThan(1e-5);
      expect(
        worstDifference(
          a.hidden[i]!.subarray(3 * width()),
          b.hidden[i]!.subarray(3 * width(), a.hidden[i]!.length),
        ),
      ).toBeGreaterThan(1e-3);
    }
  });

  test("says the same of rows alone, together, in another order and beside others", async () => {
    const together = await alike([own, fixed(noise(1)), { kind: "skip" }]);
    const order = [2, 0, 1];
    const other = await open(
      model,
      order.map((b) => prompts[b]!),
    );
    const turned = await run(
      order.map(() => [fixed(noise(1)), own]),
      other,
    );
    for (const [i, b] of order.entries()) {
      const alone = await run([[own]], await open(model, [prompts[b]!]));
      for (const c of [turned[i]![1]!, alone[0]![0]!]) {
        expect(c.ids).toEqual(together[b]![0]!.ids);
        expect(worstDifference(c.latents[0]!, together[b]![0]!.latents[0]!)).toBeLessThan(1e-5);
        expect(worstDifference(logits(c), logits(together[b]![0]!))).toBeLessThan(1e-5);
      }
      expect(turned[i]![0]!.ids).toEqual(together[b]![1]!.ids);
    }
  });

  test("hides what it is told to hide: text is blind to the slots, whatever stands there", async () => {
    const hidden = ["slots" as const];
    const rows = await alike([
      { kind: "fixed", blocks: [noise(1)], hidden },
      { kind: "fixed", blocks: [noise(2)], hidden },
      fixed(noise(1)),
    ]);
    for (const [a, b, seen] of rows as [Continuation, Continuation, Continuation][]) {
      expect(a.ids).toEqual(b.ids);
      expect(worstDifference(logits(a), logits(b))).toBeLessThan(1e-6);
      expect(worstDifference(logits(a), logits(seen))).toBeGreaterThan(1e-4);
    }
  });

  test("counts ids of prompt and reply for the repetition penalty", async () => {
    const penalized = { ...model, eos: [], generation: { ...model.generation, repetitionPenalty: 3 } };
    const found = await continueFrom(
      penalized,
      await open(penalized, prompts),
      prompts.map(() => [own]),
      limits(),
    );
    const plain = await alike([own]);
    expect(found.some(([c], b) => c!.ids.join() !== plain[b]![0]!.ids.join())).toBe(true);
    reference = { ...reference, penalized: reference.penalized ?? found };
    expect(found.map(([c]) => c!.ids)).toEqual(reference.penalized!.map(([c]) => c!.ids));
  });

  test("reads prompts whose images no token can see, beside others", async () => {
    const { engineOf } = await import("../src/reasoning/index.ts");
    const { image } = model.network.config.tokens;
    const [short, shown] = [prompts[0]!, prompts[1]!];
    const hidden = shown.ids.flatMap((id, i) => (id === image ? [i] : []));
    const program = { feed: [], hide: null, text: null, choose: [], cue: null, state: true };
    /** The state behind the second of two prompts, and behind a token that is read after it. */
    const states = async (second: Prompt): Promise<Float32Array[]> => {
      const engine = engineOf(model.network);
      const opened = await engine.open([short, second]);
      const options = { cue: [], penalty: 1 };
      const [, end] = await opened.run([program, program], options);
      const prefix = await opened.end();
      const rows = await engine.fork(prefix, 1, [[], []]);
      const [, next] = await rows.run(
        prompts.slice(0, 2).map(() => ({ ...program, feed: [{ id: names[0]! }] })),
        options,
      );
      await rows.release();
      await engine.drop(prefix);
      return [end!.state!.slice(), next!.state!.slice()];
    };
    const blind = await states({ ...shown, hidden });
    const other = await states({ ...shown, hidden, visuals: shown.visuals.map((x) => -x) });
    const seen = await states(shown);
    hiddenStates ??= blind;
    for (const [i, state] of blind.entries()) {
      expect(worstDifference(state, other[i]!)).toBeLessThan(1e-6);
      expect(worstDifference(state, seen[i]!)).toBeGreaterThan(1e-3);
      expect(worstDifference(state, hiddenStates[i]!)).toBeLessThan(1e-4);
    }
  });

  test("reads single layers, puts other states in their place, and says which ids states stand for", async () => {
    const continued = (await alike([own])).map(([c]) => c!);
    const rows = continued.map((c) => replayRow(model, c, OPTIONS).row!);
    const plain = await replay(model, shared.prefix, rows, { inspect: true });
    const from = rows.map((row) => ({ ...row, latents: row.latents.map((z) => -z) }));
    const { states, logOdds } = await replay(model, shared.prefix, from, { inspect: true });
    const found: Layers = { ...plain, likeliest: [], exchanged: [] };
    expect(worstDifference([...plain.logOdds], [...logOdds])).toBeGreaterThan(1e-3);
    const { engineOf } = await import("../src/reasoning/index.ts");
    const engine = engineOf(model.network);
    for (const layer of plain.states![0]!.keys()) {
      const whole = rows.map(({ ids }, b) =>
        ids.map((_, at) => ({
          layer,
          at,
          state: states![b]![layer]!.slice(at * width(), (at + 1) * width()),
        })),
      );
      const some = rows.map((row, b) => ({ ...row, exchange: whole[b]! }));
      const put = await replay(model, shared.prefix, some, { inspect: true });
      expect(worstDifference([...put.logOdds], [...logOdds])).toBeLessThan(1e-4);
      // One place of one row: the others stay what they were.
      const one = rows.map((row, b) => (b === 1 ? { ...row, exchange: whole[b]!.slice(1, 2) } : row));
      const { logOdds: alone } = await replay(model, shared.prefix, one, { inspect: true });
      expect(alone[0]).toBeCloseTo(plain.logOdds[0]!, 4);
      expect(alone[2]).toBeCloseTo(plain.logOdds[2]!, 4);
      found.exchanged.push(alone[1]!);
      found.likeliest.push(...(await engine.likeliest!(plain.states![0]![layer]!, 3)));
    }
    const last = await engine.likeliest!(plain.hidden[0]!, 3, true);
    const ids = (of: Layers["likeliest"]) => of.map((best) => best.map(({ id }) => id));
    expect(ids(last)).toEqual(ids(found.likeliest.slice(-last.length)));
    layers ??= found;
    expect(ids(found.likeliest)).toEqual(ids(layers.likeliest));
    for (const [i, best] of found.likeliest.entries())
      for (const [n, { probability }] of best.entries())
        expect(probability).toBeCloseTo(layers.likeliest[i]![n]!.probability, 4);
    expect(worstDifference(found.exchanged, layers.exchanged)).toBeLessThan(1e-4);
    for (const what of ["heads", "states"] as const)
      for (const [b, each] of found[what]!.entries())
        for (const [i, layer] of each.entries())
          expect(worstDifference(layer, layers[what]![b]![i]!)).toBeLessThan(1e-4);
  });

  // Gradients on devices: test/devices.
  it.skipIf(load === null || _name.includes("WebGPU"))("goes back to the pixels of images", async () => {
    const [, [c]] = (await alike([own])) as [unknown, [Continuation]];
    const { row } = replayRow(model, c, OPTIONS);
    const r = random(5, "pixels");
    const patch = 2 * 3 * processor.patchSize ** 2;
    const patches = Float32Array.from({ length: 16 * patch }, () => r.normal());
    const image = { grid: [1, 4, 4] as const, patches };
    const given = [{ ids: prompts[1]!.ids, row: row!, images: [image] }];
    const [found] = await imageGradients(pixelNetworkOf(model), given, true);
    pixels ??= found!;
    expect(found!.logOdds).toBeCloseTo(pixels.logOdds, 4);
    expect(worstDifference(found!.latents, pixels.latents)).toBeLessThan(1e-4);
    expect(found!.patches[0]!.some((x) => x !== 0)).toBe(true);
    expect(worstDifference(found!.patches[0]!, pixels.patches[0]!)).toBeLessThan(1e-3);
  });

  test("gives the states of prompts and the rows of its embedding table", async () => {
    const { engineOf } = await import("../src/reasoning/index.ts");
    const engine = engineOf(model.network);
    const rows = await engine.embed([1, 2, 1]);
    expect(rows.subarray(0, width())).toEqual(rows.subarray(2 * width()));
    const states = (await engine.states([prompts[0]!]))!;
    expect(states.length).toBe(prompts[0]!.ids.length * width());
    await expect(engine.embed([10 ** 6])).rejects.toThrow(/below|rows of the embedding/);
  });

  test("answers a wrong request with an error, and goes on", async () => {
    const bad = { ...prompts[0]!, ids: [...prompts[0]!.ids, model.network.config.tokens.image] };
    await expect(open(model, [bad])).rejects.toThrow();
    expect((await alike([own])).map(([c]) => c!.ids.length)).toHaveLength(prompts.length);
  });
});
