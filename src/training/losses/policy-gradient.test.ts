/** The policy gradient against its formula written out, and what it does in a world of one step. */
import { expect, it } from "vitest";
import {
  add,
  createGraph,
  createSession,
  gradients,
  input,
  mul,
  output,
  reduceSum,
  reshape,
  scaled,
  sub,
  type Tensor,
  type Value,
} from "../../graph/index.ts";
import { mean, sum } from "../../numeric/index.ts";
import { random } from "../../util/index.ts";
import type { LossBatch } from "./define.ts";
import { fisherCosine, policyGradient } from "./policy-gradient.ts";

const [width, batch, slots] = [6, 3, 2];
const sequence = { supervised: Int32Array.of(1, 9), beforeSlot: Int32Array.of(3, 4) };

type Policy = "gaussian" | "von-mises-fisher";

const options = (policy: Policy) => ({ policy, spread: 0.5, samples: 4 });

const inputsOf = (policy: Policy, seed: number): Record<string, Value> =>
  policyGradient.inputs!(
    {
      examples: Array.from({ length: batch }, () => ({ sequence, local: new Map() })),
      ...{ random: random(seed, "policy"), slots: batch * slots, negatives: 0, prepared: null },
      set: { width },
    } as unknown as LossBatch,
    options(policy),
  );

/**
 * Loss and gradient of the mean latents where the reply's log-likelihood is the negative squared distance of an example's
 * latents to a goal; the word before the block depends on nothing.
 */
async function world(policy: Policy) {
  const graph = createGraph("policy");
  const latents = input(graph, "latents", "float64", [batch * slots, width]);
  const goal = input(graph, "goal", "float64", [batch * slots, width]);
  const loss = policyGradient.policy!(
    {
      ...{ graph, dtype: "float64", batch, slots, mean: latents },
      logLikelihood: (drawn) => {
        const apart = sub(drawn, goal);
        const perSlot: Tensor = reduceSum(mul(apart, apart), [1], true);
        const perExample = reduceSum(reshape(perSlot, [batch, slots]), [1], true);
        const before = scaled(perExample, 0);
        return reshape(add(mul(before, before), scaled(perExample, -0.1)), [batch]);
      },
    },
    options(policy),
  );
  output("loss", loss);
  output("gradient", gradients(loss, [latents])[0]!);
  const session = await createSession(graph);
  const doubles = (value: Value): Value => ({
    ...value,
    dtype: "float64",
    data: Float64Array.from(value.data as Float32Array),
  });
  return {
    async run(latentRows: number[], goalRows: number[], seed: number) {
      const given = Object.fromEntries(
        Object.entries(inputsOf(policy, seed)).map(([name, value]) => [name, doubles(value)]),
      );
      // Of the two supervised words the world gives the reply alone.
      const reply = Float64Array.from({ length: batch * batch }, (_, i) => (i % (batch + 1) === 0 ? 1 : 0));
      const rows = (values: number[]): Value => ({
        dtype: "float64",
        shape: [batch * slots, width],
        data: Float64Array.from(values),
      });
      const out = await session.run({
        ...given,
        replyTokens: { dtype: "float64", shape: [batch, batch], data: reply },
        ...{ latents: rows(latentRows), goal: rows(goalRows) },
      });
      return {
        gradient: [...(out.gradient!.data as Float64Array)],
        noise: given.policyNoise!.data as Float64Array,
      };
    },
    release: () => session.release(),
  };
}

const r = random(1, "rows");
const rows = (): number[] => Array.from({ length: batch * slots * width }, () => r.normal());

it("marks as the reply the supervised words behind the last slot of each example", () => {
  const { replyTokens } = inputsOf("gaussian", 0);
  expect(replyTokens!.shape).toEqual([batch, 2 * batch]);
  expect([...(replyTokens!.data as Float32Array)]).toEqual([
    ...[0, 1, 0, 0, 0, 0],
    ...[0, 0, 0, 1, 0, 0],
    ...[0, 0, 0, 0, 0, 1],
  ]);
});

it("is for a Gaussian the mean over draws of −advantage · noise / (scale · width), advantages within an example's draws", async () => {
  const here = await world("gaussian");
  const [latents, goal] = [rows(), rows()];
  const { gradient, noise } = await here.run(latents, goal, 5);
  const samples = 4;
  const size = batch * slots * width;
  const scaleOf = (row: number): number =>
    0.5 * Math.sqrt(mean(latents.slice(row * width, (row + 1) * width).map((x) => x * x)));
  const rewards = Array.from({ length: samples }, (_, i) =>
    Array.from({ length: batch }, (_, b) => {
      const distance = Array.from({ length: slots * width }, (_, j) => {
        const at = b * slots * width + j;
        const drawn = latents[at]! + noise[i * size + at]! * scaleOf(Math.floor(at / width));
        return (drawn - goal[at]!) ** 2;
      });
      return Math.exp(-0.1 * sum(distance));
    }),
  );
  const advantage = (i: number, b: number): number => {
    const own = rewards.map((each) => each[b]!);
    const spread = Math.sqrt(mean(own.map((x) => (x - mean(own)) ** 2)));
    return (rewards[i]![b]! - mean(own)) / (spread + 1e-4);
  };
  for (let at = 0; at < size; at++) {
    const row = Math.floor(at / width);
    const b = Math.floor(row / slots);
    const perDraw = Array.from(
      { length: samples },
      (_, i) => -advantage(i, b) * (noise[i * size + at]! / (scaleOf(row) * width * slots * batch)),
    );
    expect(gradient[at]).toBeCloseTo(mean(perDraw), 8);
  }
  await here.release();
});

it.each(["gaussian", "von-mises-fisher"] as const)(
  "of %s leads latents to where the reply is likely",
  async (policy) => {
    const here = await world(policy);
    const goal = rows();
    let latents = rows();
    const cosine = (): number =>
      sum(latents.map((x, i) => x * goal[i]!)) /
      Math.sqrt(sum(latents.map((x) => x * x)) * sum(goal.map((x) => x * x)));
    const before = cosine();
    for (let step = 0; step < 400; step++) {
      const { gradient } = await here.run(latents, goal, step);
      latents = latents.map((x, i) => x - 2 * gradient[i]!);
    }
    expect(before).toBeLessThan(0.5);
    expect(cosine()).toBeGreaterThan(0.85);
    await here.release();
  },
);

it("draws cosines of von Mises–Fisher: their mean is coth κ − 1/κ in three dimensions", () => {
  const draws = random(2, "fisher");
  for (const kappa of [1, 5, 50]) {
    const cosines = Array.from({ length: 20_000 }, () => fisherCosine(draws, 3, kappa));
    const wanted = 1 / Math.tanh(kappa) - 1 / kappa;
    // Standard deviations are below .6, so that five standard errors are below .022.
    expect(Math.abs(mean(cosines) - wanted)).toBeLessThan(0.022);
  }
});
