/**
 * Operators whose kernel exists in float32 only. In float64 a composition of checked operators stands in place of the
 * kernel (and `operators.test.ts` checks their gradients on it), so here the kernel is compared with the composition.
 */
import { describe, expect, it } from "vitest";
import { random } from "../../util/index.ts";
import { createSession } from "../compile.ts";
import { gradients } from "../gradient.ts";
import { createGraph, type FloatType, input, type OperatorCase, output, type Tensor } from "../tensor.ts";
import type { Value } from "../value.ts";
import { erf } from "./erf.ts";
import { mul } from "./mul.ts";
import { reduceSum } from "./reduce-sum.ts";
import { operators } from "./registry.ts";

/** Σ y², so that the gradient that reaches the operator differs from place to place; and its gradient. */
async function run(c: OperatorCase, dtype: FloatType): Promise<{ y: number[]; gradient: number[] }> {
  const g = createGraph("float32-only");
  const xs = c.inputs.map(({ shape }, i) => input(g, `x${i}`, dtype, shape));
  const y = c.build(...xs) as Tensor;
  const axes = y.shape.map((_, i) => i);
  const loss = axes.length === 0 ? mul(y, y) : reduceSum(mul(y, y), axes);
  output("y", y);
  output("gradient", gradients(loss, [xs[0]!])[0]!);
  const r = random(0, "float32-only");
  const values: Record<string, Value> = {};
  for (const [i, { shape }] of c.inputs.entries()) {
    const numbers = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.fround(r.normal()));
    const data = dtype === "float64" ? Float64Array.from(numbers) : Float32Array.from(numbers);
    values[`x${i}`] = { dtype, shape, data };
  }
  const session = await createSession(g, { threads: 1 });
  const out = await session.run(values);
  await session.release();
  const numbers = (name: string) => Array.from(out[name]!.data as Float64Array);
  return { y: numbers("y"), gradient: numbers("gradient") };
}

const composed = Object.values(operators).filter((o) => "compose" in o);

it("covers the operators it is about", () => {
  expect(composed.map((o) => o.name).sort()).toEqual([
    "Attention",
    "Erf",
    "FusedMatMul",
    "GroupQueryAttention",
    "MatMulNBits",
    "MultiHeadAttention",
    "RotaryEmbedding",
    "Silu",
  ]);
});

describe.each(composed.map((o) => [o.name, o] as const))("%s", (_name, operator) => {
  it.each(operator.cases.map((c) => [c.name, c] as const))(
    "equals its composition in double, %s",
    async (_n, c) => {
      const single = await run(c, "float32");
      const double = await run(c, "float64");
      for (const part of ["y", "gradient"] as const) {
        for (const [i, want] of double[part].entries()) {
          expect(Math.abs(single[part][i]! - want)).toBeLessThan(1e-5 * Math.max(1, Math.abs(want)));
        }
      }
    },
  );
});

it("composes Erf to the last digits", async () => {
  const g = createGraph("erf");
  output("y", erf(input(g, "x", "float64", [6])));
  const session = await createSession(g, { threads: 1 });
  const out = await session.run({
    x: { dtype: "float64", shape: [6], data: Float64Array.of(-3, -0.5, 0, 1e-8, 1, 6) },
  });
  await session.release();
  // scipy.special.erf
  const want = [-0.9999779095030014, -0.5204998778130465, 0, 1.1283791670955125e-8, 0.8427007929497148, 1];
  for (const [i, y] of want.entries()) expect(Number(out.y!.data[i])).toBeCloseTo(y, 14);
});
