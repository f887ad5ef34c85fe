// Compiles the WebAssembly kernels: node scripts/kernels/build.mjs. Writes src/nn/kernels.ts; a test compares the two.
import { writeFileSync } from "node:fs";
import wabt from "wabt";
import { wat } from "./optimizer.mjs";

/** Base64 of the compiled module. */
export async function compile() {
  const module = (await wabt()).parseWat("optimizer.wat", wat, { simd: true });
  module.validate();
  return Buffer.from(module.toBinary({}).buffer).toString("base64");
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const lines = (await compile()).match(/.{1,100}/g);
  writeFileSync(
    new URL("../../src/nn/kernels.ts", import.meta.url),
    `/** WebAssembly of scripts/kernels, compiled by scripts/kernels/build.mjs; not written by hand. */
export const kernelModule = [
${lines.map((line) => `  "${line}",`).join("\n")}
].join("");
`,
  );
}
