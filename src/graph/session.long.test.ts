import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { random } from "../util/index.ts";
import { constant, createGraph, createSession, float32, input, matMul, output } from "./index.ts";

it("a session gives its memory back: 200 times made, run and released", async () => {
  const size = 1 << 20; // 4 MiB of weights, 800 MiB if all were kept
  const r = random(0, "weights");
  const weights = Float32Array.from({ length: size }, () => r.uniform());
  const g = createGraph("large");
  const x = input(g, "x", "float32", [1, 1024]);
  output("y", matMul(x, constant(g, "float32", [1024, 1024], weights)));
  const cycle = async () => {
    const session = await createSession(g, { threads: 1 });
    await session.run({ x: float32(new Float32Array(1024).fill(1), [1, 1024]) });
    await session.release();
  };
  // Encoding leaves garbage of its own, which is not what is asked for here.
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const settle = async () => {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 0));
    return process.memoryUsage().rss;
  };
  // Allocators and the heap take some dozen rounds to reach the size that they keep: 80 MiB more after 50, none after 550.
  for (let i = 0; i < 50; i++) await cycle();
  const before = await settle();
  for (let i = 0; i < 200; i++) await cycle();
  const grown = (await settle()) - before;
  expect(grown / 2 ** 20).toBeLessThan(50);
});
