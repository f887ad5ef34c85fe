/** Gradients of every loss, head and target space, by central differences on whole models in double precision. */
import { describe, expect, it } from "vitest";
import { createSession, type Value } from "../graph/index.ts";
import {
  fitLatentBuffers,
  headRecord,
  type LatentConfig,
  plainLatentConfig,
  rowsInSpace,
} from "../reasoning/index.ts";
import { random } from "../util/index.ts";
import { answersOf, batcher } from "./batch.ts";
import { roundsOf, type Slots, type View, wholeView } from "./components/index.ts";
import { type LatentLoss, lossRecord, lossShapes } from "./losses/index.ts";
import { inDouble, K, randomSet, weightsOf } from "./random-set.fixture.ts";
import { distinctOracles, mergerWeights } from "./stages.ts";
import { trainingGraph } from "./training-graph.ts";

const [width, batch] = [16, 3];

interface Case {
  loss?: LatentLoss;
  latentConfig?: LatentConfig;
  slots?: Slots;
  view?: View;
  latentWeight?: number;
  /** Blocks of the two slots of an example. */
  blocks?: 1 | 2;
  headOnly?: boolean;
}

const own = (gradient: boolean, passes: "one" | "each"): Slots => ({
  kind: "own",
  share: { kind: "constant", value: 0.5 },
  gradient,
  passes,
});
const standardised = { kind: "standardised" } as const;
const book = { kind: "codebook", codes: 5, groups: 2 } as const;

const beside = { kind: "branch", layers: 2, placement: "top", hidden: 12 } as const;

const cases: Record<string, Case> = {
  "cosine, whitened": {
    loss: { kind: "cosine" },
    latentConfig: { head: { kind: "linear" }, space: { kind: "whitened" } },
  },
  "smooth L1, an MLP": {
    loss: { kind: "smooth-l1", beta: 0.7 },
    latentConfig: { head: { kind: "mlp", hidden: 12 }, space: standardised },
  },
  "contrast with hard negatives": { loss: { kind: "infonce", temperature: 0.5, hardNegatives: true } },
  "codes, fed as their mean": {
    loss: { kind: "codes" },
    latentConfig: { head: { ...book, fed: "soft" }, space: { kind: "raw" } },
    slots: own(true, "each"),
  },
  "flow through what it integrates": {
    loss: { kind: "flow" },
    latentConfig: { head: { kind: "flow", hidden: 12, steps: 3 }, space: standardised },
    slots: own(true, "each"),
  },
  "a mixture’s likelihood": {
    loss: { kind: "mixture-likelihood" },
    latentConfig: { head: { kind: "mixture", components: 3 }, space: standardised },
  },
  "evidence bound of a variational autoencoder, through what it decodes": {
    loss: { kind: "evidence-bound", beta: 0.3 },
    latentConfig: { head: { kind: "vae", hidden: 12, code: 3 }, space: standardised },
    slots: own(true, "each"),
  },
  "likelihood of a coupling flow, through what it makes": {
    loss: { kind: "flow-likelihood" },
    latentConfig: { head: { kind: "coupling-flow", hidden: 12, layers: 3 }, space: standardised },
    slots: own(true, "each"),
  },
  "cells in front of the merger, through the merger that feeds": {
    loss: { kind: "cells" },
    latentConfig: { head: { kind: "merger", hidden: 12 }, space: standardised },
    slots: own(true, "one"),
  },
  // The teacher is taken for given: what is left of the loss without the alignment can be checked.
  "distillation, text of teacher and student": {
    loss: { kind: "distillation" },
    slots: own(true, "each"),
    latentWeight: 0,
  },
  "own latents of one pass, with gradient": {
    latentConfig: { head: { kind: "linear" }, space: standardised },
    slots: own(true, "one"),
  },
  "words that a decoder of the loss reads off a block": {
    loss: { kind: "auxiliary-decoder", hidden: 6, words: 2, weight: 0.5 },
    latentConfig: { head: { kind: "linear" }, space: standardised },
  },
  "a branch from noise, read in the slots": {
    latentConfig: { head: { ...beside, startImage: null }, space: standardised },
    slots: own(true, "each"),
  },
  "two blocks of a branch from an image that text cannot see": {
    latentConfig: { head: { ...beside, startImage: 1 }, space: standardised },
    slots: own(true, "each"),
    view: { kind: "hidden-image", from: "answer", share: 1 },
    blocks: 2,
  },
  "a branch in front of the merger": {
    loss: { kind: "cells" },
    latentConfig: {
      head: { ...beside, kind: "branch-merger", merger: 12, layers: 1, startImage: null },
      space: standardised,
    },
    slots: own(true, "each"),
  },
  "a branch alone, the decoder as it is": {
    latentConfig: { head: { ...beside, startImage: null }, space: standardised },
    slots: own(true, "each"),
    headOnly: true,
  },
  "placeholders, images hidden from text": {
    latentConfig: { head: { kind: "placeholder", distinct: true }, space: { kind: "raw" } },
    view: { kind: "hidden-image", from: "question", share: 1 },
  },
};

function prepared({
  loss = { kind: "mse" },
  latentConfig = plainLatentConfig,
  slots,
  view = wholeView,
  latentWeight = 0.7,
  blocks = 1,
  headOnly = false,
}: Case) {
  const plain = randomSet(width, batch);
  const set = {
    ...plain,
    // The blocks of the others stand for wrong options; the last example has one less.
    sequences: plain.sequences.map((s, i) => ({
      ...s,
      start: Int32Array.from(s.beforeSlot, () => s.rows[1]!),
      negatives: Int32Array.from(plain.sequences.slice(i ? 0 : 2).flatMap(({ oracle }) => [...oracle])),
    })),
  };
  const k = K / blocks;
  const { config, decoder, vision, buffers } = weightsOf(width, 1, latentConfig, k, () =>
    lossShapes(loss, { width, slots: K }),
  );
  const { head, space } = latentConfig;
  fitLatentBuffers(buffers, latentConfig, distinctOracles(set), 0);
  const buffer = (name: string) => buffers.views.get(`latent_head.${name}`)!;
  const intoSpace = (rows: Float32Array) => rowsInSpace(space, rows, width, buffer);
  const prepared = lossRecord(loss).prepare?.({ config: latentConfig, set, buffer, intoSpace });
  const isBranch = headRecord(head).beside !== undefined;
  const rounds = slots ? roundsOf(slots, isBranch ? blocks : K) : 0;
  const negatives = loss.kind === "infonce" ? 3 : 0;
  const options = {
    feedbackRounds: rounds,
    together: slots?.kind === "own" && slots.passes === "one",
    slotVectors: headRecord(head).slotVectors?.(head, { k: K }) ?? 0,
    ...("startImage" in head && { beside: { k, fromImage: head.startImage !== null } }),
    view,
    loss,
    negatives,
    prepared,
  };
  const { graph } = trainingGraph({
    config: config.text,
    batch,
    length: set.length,
    answers: answersOf(set),
    latentWeight: head.kind === "placeholder" ? null : 1,
    latent: { loss, config: latentConfig, k, slots: K, negatives, vision: config.vision },
    givenWeights: true,
    headOnly,
    paddedMask: view.kind !== "whole",
    ...(slots?.kind === "own" && { feedback: { rounds, gradient: slots.gradient } }),
    dtype: "float64",
  });
  const draws = { random: random(3, "draws"), ownShare: 0.5 };
  const all = {
    ...batcher(set, config, batch, options)([0, 1, 2], draws),
    ...decoder.values,
    ...buffers.values,
    ...(headRecord(head).usesMerger && mergerWeights(vision)),
  };
  const number = (x: number): Value => ({ dtype: "float64", shape: [], data: Float64Array.of(x) });
  const values: Record<string, Value> = {
    ...Object.fromEntries(Object.entries(all).map(([name, value]) => [name, inDouble(value)])),
    ...{
      textShare: number(1),
      latentShare: number(1),
      textWeight: number(0.3),
      latentWeight: number(latentWeight),
    },
  };
  const trained = headOnly ? decoder.names.filter((name) => name.startsWith("latent_head.")) : decoder.names;
  return { graph, values, names: trained };
}

describe("gradients are those of central differences, to 1e-5", () => {
  it.each(Object.entries(cases))("%s", async (_, each) => {
    const { graph, values, names } = prepared(each);
    const session = await createSession(graph, { threads: 1 });
    const base = await session.run(values);
    const r = random(2, "parameters");
    const ofHead = names.filter((name) => name.startsWith("latent_head.") || name.startsWith("auxiliary."));
    let worst = 0;
    let through = 0;
    for (let n = 0; n < 60; n++) {
      const name = r.pick(n % 3 === 0 && ofHead.length > 0 ? ofHead : names);
      const data = values[name]!.data as Float64Array;
      const i = r.integer(data.length);
      const kept = data[i]!;
      const h = 1e-5;
      const lossAt = async (x: number): Promise<number> => {
        data[i] = x;
        return Number((await session.run(values)).loss!.data[0]);
      };
      const numeric = ((await lossAt(kept + h)) - (await lossAt(kept - h))) / (2 * h);
      data[i] = kept;
      const analytic = Number(base[`gradient:${name}`]!.data[i]);
      const size = Math.max(Math.abs(numeric), Math.abs(analytic), 1e-4);
      worst = Math.max(worst, Math.abs(numeric - analytic) / size);
      if (analytic !== 0 && (ofHead.length === 0 || ofHead.includes(name))) through++;
    }
    await session.release();
    expect(worst).toBeLessThan(1e-5);
    expect(through).toBeGreaterThan(5);
  });

  it("where codes are fed one at a time, are those of their mean at the place: straight through", async () => {
    const run = async (fed: "soft" | "straight-through") => {
      const latentConfig = { head: { ...book, fed }, space: { kind: "raw" } } as const;
      const { graph, values } = prepared({
        loss: { kind: "codes" },
        latentConfig,
        slots: own(true, "one"),
        latentWeight: 0,
      });
      const session = await createSession(graph, { threads: 1 });
      const out = await session.run(values);
      await session.release();
      return out;
    };
    const [soft, hard] = [await run("soft"), await run("straight-through")];
    expect(soft.loss!.data).not.toEqual(hard.loss!.data);
    const proj = "gradient:latent_head.proj.weight";
    expect((hard[proj]!.data as Float64Array).some((x) => x !== 0)).toBe(true);
  });

  const distillations = [{ kind: "distillation" }, { kind: "answer-distillation", temperature: 2 }] as const;

  /** Distillation by itself: the text weighs nothing. */
  const distilled = async (loss: LatentLoss, gradient: boolean) => {
    const { graph, values, names } = prepared({
      loss,
      slots: own(gradient, "each"),
      latentWeight: 1,
    });
    const still = { ...values, textWeight: { ...values.textWeight!, data: Float64Array.of(0) } };
    return { session: await createSession(graph, { threads: 1 }), values, still, names };
  };

  it.each(distillations)(
    "with $kind draw students to the teacher: a step down the gradient lowers the distance",
    async (loss) => {
      const { session, values, still, names } = await distilled(loss, true);
      const before = await session.run(still);
      // The teacher moves as well; its states are taken for given, so few tensors are moved, a little.
      for (const name of names.filter((each) => each.includes("self_attn"))) {
        const data = values[name]!.data as Float64Array;
        const gradient = before[`gradient:${name}`]!.data as Float64Array;
        for (let i = 0; i < data.length; i++) data[i] = data[i]! - 1e-3 * gradient[i]!;
      }
      const after = await session.run(still);
      await session.release();
      expect(Number(before.latentLoss!.data[0])).toBeGreaterThan(1e-3);
      expect(Number(after.latentLoss!.data[0])).toBeLessThan(Number(before.latentLoss!.data[0]));
    },
  );

  it.each(distillations)("with $kind reach parameters through fed latents alone", async (loss) => {
    const gradients = async (gradient: boolean) => {
      const { session, still, names } = await distilled(loss, gradient);
      const out = await session.run(still);
      await session.release();
      return names.filter((name) => (out[`gradient:${name}`]!.data as Float64Array).some((x) => x !== 0));
    };
    expect(await gradients(false)).toEqual([]);
    expect((await gradients(true)).length).toBeGreaterThan(20);
  });
});
