import { expect, it } from "vitest";
import { compile } from "../scripts/kernels/build.mjs";
import { kernelModule } from "../src/nn/kernels.ts";

it("holds the kernels that their text compiles to: node scripts/kernels/build.mjs", async () => {
  expect(kernelModule).toBe(await compile());
});
