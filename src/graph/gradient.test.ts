import { expect, it } from "vitest";
import { createGraph, createSession, detach, gradients, input, mul, output, reduceSum } from "./index.ts";

it("takes a detached value for a constant", async () => {
  const g = createGraph("detached");
  const x = input(g, "x", "float64", [3]);
  output("gradient", gradients(reduceSum(mul(x, detach(x)), [0]), [x])[0]!);
  const session = await createSession(g, { threads: 1 });
  const data = Float64Array.of(1, -2, 0.5);
  const out = await session.run({ x: { dtype: "float64", shape: [3], data } });
  await session.release();
  expect([...(out.gradient!.data as Float64Array)]).toEqual([1, -2, 0.5]); // x, not 2x
});
