/** What a training rests on, shown on whole models: gradients through the feedback, equal bytes, bounded memory. */
import { describe, expect, it } from "vitest";
import { createSession, type Value } from "../graph/index.ts";
import { random } from "../util/index.ts";
import { answersOf, batcher, batchOrder } from "./batch.ts";
import { adamWStep, createAdamW } from "./optimizer.ts";
import { inDouble, K, randomSet, weightsOf } from "./random-set.fixture.ts";
import { createStep } from "./step.ts";
import { trainingGraph } from "./training-graph.ts";

describe("gradients of a whole model of two layers whose two latents are fed back", () => {
  const [width, batch] = [16, 3];
  const { config, decoder } = weightsOf(width, 1);
  const set = randomSet(width, batch);
  const build = (gradient: boolean) =>
    trainingGraph({
      config: config.text,
      batch,
      length: set.length,
      answers: answersOf(set),
      latentWeight: 0.5,
      feedback: { rounds: K, gradient },
      dtype: "float64",
    });
  const inputs = (): Record<string, Value> => {
    const one: Value = { dtype: "float64", shape: [], data: Float64Array.of(1) };
    const all = { ...batcher(set, config, batch, { feedbackRounds: K })([0, 1, 2]), ...decoder.values };
    const doubles = Object.entries(all).map(([name, value]) => [name, inDouble(value)] as const);
    return { ...Object.fromEntries(doubles), textShare: one, latentShare: one };
  };

  it("are those of central differences, for 200 random parameters, to 1e-5", async () => {
    const session = await createSession(build(true).graph, { threads: 1 });
    const values = inputs();
    const base = await session.run(values);
    const r = random(2, "parameters");
    let [worst, through] = [0, 0];
    for (let n = 0; n < 200; n++) {
      const name = r.pick(decoder.names);
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
      // Below 1e-4 the difference of two losses has too few digits left to be compared relatively.
      worst = Math.max(
        worst,
        Math.abs(numeric - analytic) / Math.max(Math.abs(numeric), Math.abs(analytic), 1e-4),
      );
      if (analytic !== 0) through++;
    }
    await session.release();
    expect(worst).toBeLessThan(1e-5);
    expect(through).toBeGreaterThan(100);
  });

  it("leave out the way through the feedback where that is detached, and nothing else", async () => {
    const [whole, detached] = await Promise.all(
      [true, false].map(async (gradient) => {
        const session = await createSession(build(gradient).graph, { threads: 1 });
        const out = await session.run(inputs());
        await session.release();
        return out;
      }),
    );
    expect(detached!.loss!.data).toEqual(whole!.loss!.data);
    const differing = decoder.names.filter(
      (name) => String(detached![`gradient:${name}`]!.data) !== String(whole![`gradient:${name}`]!.data),
    );
    expect(differing).toContain("model.layers.0.self_attn.q_proj.weight");
    // The head comes after all of it.
    expect(differing).not.toContain("lm_head.weight");
  });
});

describe("long trainings", () => {
  const [width, batch] = [16, 8];
  const set = randomSet(width, 32);

  /** Trains; calls `at` after every step. */
  async function train(steps: number, at?: (step: number) => void): Promise<Float32Array> {
    const { config, decoder } = weightsOf(width, 1);
    const optimizer = createAdamW(decoder);
    const step = await createStep(set, decoder, optimizer, { config, batch, latentWeight: 0.1, threads: 1 });
    const orderOf = batchOrder({ count: set.sequences.length, batch, seed: 0 });
    for (let i = 0; i < steps; i++) {
      await step.run(orderOf(i));
      adamWStep(optimizer, decoder, 1e-3);
      at?.(i);
    }
    await step.release();
    return decoder.flat;
  }

  it("take batches of more examples than a sequence has tokens, in one part or several", async () => {
    const { config, decoder } = weightsOf(width, 1);
    const optimizer = createAdamW(decoder);
    const all = Array.from({ length: 32 }, (_, i) => i);
    expect(set.length).toBeLessThan(32);
    const step = await createStep(set, decoder, optimizer, {
      config,
      batch: 32,
      latentWeight: 0.1,
      threads: 1,
    });
    const { loss } = await step.run(all);
    await step.release();
    const whole = optimizer.gradients.flat.slice();
    const parts = await createStep(set, decoder, optimizer, {
      config,
      batch: 4,
      latentWeight: 0.1,
      threads: 1,
    });
    const losses: number[] = [];
    const summed = new Float64Array(whole.length);
    for (let at = 0; at < 32; at += 4) {
      losses.push((await parts.run(all.slice(at, at + 4))).loss);
      for (const [i, g] of optimizer.gradients.flat.entries()) summed[i]! += g / 8;
    }
    await parts.release();
    expect(losses.reduce((a, b) => a + b) / 8).toBeCloseTo(loss, 5);
    expect(Math.max(...summed.map((g, i) => Math.abs(g - whole[i]!)))).toBeLessThan(1e-5);
  });

  it("end with the same bytes: 200 steps, one thread, one seed", async () => {
    const [one, other] = [await train(200), await train(200)];
    expect(
      Buffer.from(one.buffer, 0, one.byteLength).equals(Buffer.from(other.buffer, 0, other.byteLength)),
    ).toBe(true);
    expect(one.every(Number.isFinite)).toBe(true);
  });

  it("keep their memory: 1,000 steps grow it by less than 50 MB", async () => {
    const rss: number[] = [];
    await train(1100, (step) => {
      if (step >= 99 && (step + 1) % 100 === 0) rss.push(process.memoryUsage().rss);
    });
    expect(Math.max(...rss.slice(1)) - rss[0]!).toBeLessThan(50e6);
  });
});
