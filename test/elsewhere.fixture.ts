/** Audits by a real engine (LINTEL_ENGINE) for tests, and what they are compared with. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { splitCommand } from "../src/engine/index.ts";
import type { Family } from "../src/families/index.ts";
import { encodePng, readSafetensors, type Tensor, toFloat32 } from "../src/formats/index.ts";
import type { Example } from "../src/tasks/index.ts";
import { random } from "../src/util/index.ts";
import { lintel } from "./cli/run.ts";
import { worstDifference } from "./tiny.fixture.ts";

/** A command that starts a Python with torch and transformers; undefined where none is named. */
export const python = process.env.LINTEL_ENGINE;
export const needsPython = "needs LINTEL_ENGINE, a command that starts a Python with torch: python/engine.sh";
const directory = fileURLToPath(new URL("../python", import.meta.url));

/** What a module of python/ writes to its standard output. */
export function pythonModule(module: string, args: readonly string[], input = ""): string {
  const [program, ...before] = splitCommand(python!) as [string, ...string[]];
  // Its working directory is another.
  return execFileSync(
    program.includes("/") ? resolve(program) : program,
    [...before, "-W", "ignore", "-m", module, ...args],
    {
      cwd: directory,
      input,
      maxBuffer: 1 << 28,
      env: { ...process.env, HF_HUB_OFFLINE: "1", TRANSFORMERS_VERBOSITY: "error", PYTHONPATH: "." },
    },
  ).toString();
}

/** A picture of random tiles; its size is random where none is given. */
export function tiles(seed: number, size?: { width: number; height: number }): Uint8Array {
  const r = random(seed, "architectures");
  const drawn = { width: 40 + Math.floor(40 * r.uniform()), height: 36 + Math.floor(40 * r.uniform()) };
  const { width, height } = size ?? drawn;
  const colors = Array.from({ length: 63 }, () => [0, 1, 2].map(() => Math.floor(256 * r.uniform())));
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      pixels.set(
        colors[9 * Math.floor((7 * y) / height) + Math.floor((9 * x) / width)]!,
        3 * (y * width + x),
      );
  return encodePng({ width, height, pixels });
}

/** The first `count` slots [count, D] of each example. */
function rowsOf(tensor: Tensor, count: number): Float32Array[] {
  const [n, slots, width] = tensor.shape as [number, number, number];
  const all = toFloat32(tensor);
  return Array.from({ length: n }, (_, i) => all.slice(i * slots * width, (i * slots + count) * width));
}

/** An audit by the real command in float32 on the CPU, its outcomes by example and the first `k` latents of each. */
export async function auditElsewhere(out: string, k: number, args: readonly string[]) {
  const ran = await lintel(
    ...["audit", "--engine", "torch", "--python", python!, "--device-map", "cpu", "--dtype", "float32"],
    ...["--threads", "1", "--out", out],
    ...args,
  );
  expect(ran.code, ran.err).toBe(0);
  const rows = readFileSync(join(out, "outcomes.jsonl"), "utf8").trim().split("\n");
  const latents = await readSafetensors(join(out, "latents.safetensors"));
  return {
    outcomes: rows.map((row) => JSON.parse(row).outcomes as Record<string, { text: string; blocks: number }>),
    own: rowsOf(latents.get("own")!, k),
    oracle: rowsOf(latents.get("oracle")!, k),
    result: JSON.parse(readFileSync(join(out, "audit.json"), "utf8")),
  };
}

/** Texts of an example by intervention. */
export const textsOf = (outcomes: Record<string, { text: string }>): Record<string, string> =>
  Object.fromEntries(Object.entries(outcomes).map(([name, { text }]) => [name, text]));

/** The largest difference between latents of an audit and those of a reference, relative to their size. */
export function difference(
  ours: readonly Float32Array[],
  theirs: readonly (number[][] | null | undefined)[],
): number {
  return Math.max(
    ...ours.map((rows, i) => {
      if (!theirs[i]) return 0;
      const width = theirs[i][0]!.length;
      const others = Float32Array.from(theirs[i].slice(0, rows.length / width).flat());
      const worst = worstDifference(rows.subarray(0, others.length), others);
      return worst / Math.max(1, ...others.map(Math.abs));
    }),
  );
}

/** What a family's own loop gives for an example: its texts by intervention, and the vectors that it made. */
interface LoopResult {
  texts: { [name: string]: string };
  own: number[][];
}

/** Results of a loop in Python (`python -m MODULE`), which reads images from `directory` and writes `words` words at most. */
export function loopResults(
  module: string,
  request: { model: string; words: number; family: Pick<Family, "content">; directory: string },
  examples: readonly Example[],
): LoopResult[] {
  const { model, words, family, directory } = request;
  const asked = examples.map((example, i) => ({
    content: family.content(example),
    images: example.images.map((bytes, j) => {
      const name = join(directory, `image-${i}-${j}.png`);
      writeFileSync(name, bytes);
      return name;
    }),
  }));
  return JSON.parse(pythonModule(module, [], JSON.stringify({ model, words, examples: asked })));
}
