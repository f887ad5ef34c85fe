/** Parts of a step on threads of their own, as built: workers cannot be started from sources. */

import { describe, expect, it } from "vitest";
import type * as graph from "../src/graph/index.ts";
import type * as nn from "../src/nn/index.ts";
import type * as runner from "../src/training/microbatch-runner.ts";
import type * as optimizer from "../src/training/optimizer.ts";
import { random } from "../src/util/index.ts";

const built = (file: string): Promise<unknown> => import(new URL(`../dist/${file}`, import.meta.url).href);
const { add, createGraph, float32, gradients, input, matMul, mul, output, reduceSum, silu } = (await built(
  "graph/index.js",
)) as typeof graph;
const { createStore } = (await built("nn/index.js")) as typeof nn;
const { createMicrobatchRunner } = (await built("training/microbatch-runner.js")) as typeof runner;
const { createAdamW } = (await built("training/optimizer.js")) as typeof optimizer;

const SIZE = 24;
const PARTS = 5;

/** A loss of two matrices whose terms are far apart in size, so that the order of sums shows in the bits. */
async function run(threads: number, columns: (part: number) => number = () => SIZE) {
  const store = createStore(
    new Map([
      ["u", [SIZE, SIZE]],
      ["v", [SIZE, SIZE]],
    ]),
  );
  const r = random(0, "crew");
  store.flat.forEach((_, i) => {
    store.flat[i] = r.normal();
  });
  const g = createGraph("loss");
  const x = input(g, "x", "float32", ["B", SIZE]);
  const [u, v] = ["u", "v"].map((name) => input(g, name, "float32", [SIZE, SIZE]));
  const loss = reduceSum(mul(silu(matMul(x, u!)), add(matMul(x, v!), x)), [0, 1]);
  const [du, dv] = gradients(loss, [u!, v!]);
  output("loss", loss);
  output("gradient:u", du!);
  output("gradient:v", dv!);
  const adamw = createAdamW(store);
  const made = await createMicrobatchRunner(g, store, adamw, { microbatches: PARTS, threads });
  try {
    const parts = Array.from({ length: PARTS }, (_, part) => () => {
      const draw = random(part, "x");
      const data = Float32Array.from({ length: 16 * columns(part) }, () => draw.normal() * 10 ** (part - 2));
      return { x: float32(data, [16, columns(part)]) };
    });
    const results = [await made.run(parts), await made.run(parts)];
    return {
      losses: results.map((step) => step.map(({ loss: value }) => Number(value!.data[0]))),
      gradients: Buffer.from(adamw.gradients.flat.slice().buffer).toString("hex"),
    };
  } finally {
    await made.release();
  }
}

describe("a microbatch runner", () => {
  it("gives the same bits on one, two and three threads, step after step", async () => {
    const alone = await run(1);
    expect(alone.gradients).not.toMatch(/^0*$/);
    expect(alone.losses[0]).toHaveLength(PARTS);
    expect(alone.losses[1]).toEqual(alone.losses[0]);
    expect(await run(2)).toEqual(alone);
    expect(await run(3)).toEqual(alone);
  });

  it.each([0, 1])("says what went wrong in part %i, and ends its threads", async (wrong) => {
    await expect(run(2, (part) => (part === wrong ? SIZE - 1 : SIZE))).rejects.toThrow(/graph loss/);
  });
});
