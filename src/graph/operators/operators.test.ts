/** The registry drives the checks: every operator, every case, five seeds, against central differences. */
import { describe, expect, it } from "vitest";
import { LintelError, random } from "../../util/index.ts";
import { createSession } from "../compile.ts";
import { gradients } from "../gradient.ts";
import { constant, createGraph, input, type OperatorCase, output, type Tensor } from "../tensor.ts";
import type { Value } from "../value.ts";
import { add } from "./add.ts";
import { mul } from "./mul.ts";
import { reduceSum } from "./reduce-sum.ts";
import { operators } from "./registry.ts";

const SEEDS = [0, 1, 2, 3, 4];

/** Σ wᵢ·outputᵢ with random weights, so that no symmetry hides an error. */
function scalarOf(outputs: readonly Tensor[], seed: number): Tensor {
  const r = random(seed, "weights");
  return outputs
    .map((y) => {
      const count = (y.shape as number[]).reduce((a, b) => a * b, 1);
      const weights = constant(
        y.graph,
        y.dtype,
        y.shape as number[],
        Array.from({ length: count }, () => r.normal()),
      );
      const product = mul(y, weights);
      return product.shape.length === 0
        ? product
        : reduceSum(
            product,
            product.shape.map((_, i) => i),
          );
    })
    .reduce((a, b) => add(a, b));
}

async function check(c: OperatorCase, seed: number): Promise<number> {
  const g = createGraph("check");
  const xs = c.inputs.map(({ shape }, i) => input(g, `x${i}`, "float64", shape));
  const built = c.build(...xs);
  const outputs = Array.isArray(built) ? (built as Tensor[]) : [built as Tensor];
  const loss = scalarOf(outputs, seed);
  const grads = gradients(loss, xs);
  output("loss", loss);
  for (const [i, t] of grads.entries()) output(`g${i}`, t);
  for (const [i, t] of outputs.entries()) output(`y${i}`, t);
  const session = await createSession(g, { threads: 1 });
  try {
    const r = random(seed, "inputs");
    const values: Record<string, Value> = {};
    c.inputs.forEach(({ shape, range }, i) => {
      const count = shape.reduce((a, b) => a * b, 1);
      const draw = () => (range ? range[0] + (range[1] - range[0]) * r.uniform() : r.normal());
      const numbers = Array.from({ length: count }, draw);
      values[`x${i}`] = { dtype: "float64", shape, data: Float64Array.from(numbers) };
    });
    const base = await session.run(values);
    for (const [i, t] of outputs.entries())
      expect(base[`y${i}`]!.shape, `shape of output ${i}`).toEqual(t.shape);
    let worst = 0;
    for (const [i] of c.inputs.entries()) {
      const data = values[`x${i}`]!.data as Float64Array;
      const analytic = base[`g${i}`]!.data as Float64Array;
      for (let k = 0; k < data.length; k++) {
        const kept = data[k]!;
        const h = 1e-6 * Math.max(1, Math.abs(kept));
        data[k] = kept + h;
        const up = Number((await session.run(values)).loss!.data[0]);
        data[k] = kept - h;
        const down = Number((await session.run(values)).loss!.data[0]);
        data[k] = kept;
        const numeric = (up - down) / (2 * h);
        // Relative to the size of the numbers at hand; the floor keeps exact zeros from dividing by nothing.
        const scale = Math.max(Math.abs(numeric), Math.abs(analytic[k]!), 1e-2);
        worst = Math.max(worst, Math.abs(numeric - analytic[k]!) / scale);
      }
    }
    return worst;
  } finally {
    await session.release();
  }
}

describe.each(Object.entries(operators))("%s", (key, operator) => {
  it("is registered under its name and has at least four cases", () => {
    expect(operator.name).toBe(key);
    expect(operator.cases.length).toBeGreaterThanOrEqual(4);
  });
  it.each(operator.cases.map((c) => [c.name, c] as const))("gradient, %s", async (_name, c) => {
    for (const seed of SEEDS) expect(await check(c, seed), `seed ${seed}`).toBeLessThan(1e-6);
  });
});

describe("gradients", () => {
  it("refuses a loss that is no scalar", () => {
    const g = createGraph("bad");
    const x = input(g, "x", "float32", [2]);
    expect(() => gradients(x, [x])).toThrow(LintelError);
  });
});
