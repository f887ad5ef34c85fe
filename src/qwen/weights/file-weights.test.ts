import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { goldenPath, worstDifference } from "../../../test/tiny.fixture.ts";
import {
  type Dtype,
  readSafetensors,
  type Tensor,
  toFloat32,
  writeSafetensors,
} from "../../formats/index.ts";
import { float32 } from "../../graph/index.ts";
import { loadWeights, openCheckpoint } from "../checkpoint/open-checkpoint.ts";
import type { Prompt } from "../decoding/types.ts";
import { createModel, type QwenModel } from "../model.ts";
import { promptVisuals } from "../vision/deepstack.ts";
import { fileWeights } from "./file-weights.ts";
import type { WeightFormat } from "./quantized-file.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-file-weights-"));
let count = 0;

beforeEach(() => {
  vi.stubEnv("LINTEL_CACHE", join(scratch, "cache"));
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** The upper half of a float32: what bfloat16 keeps, without rounding. */
const upperHalves = (values: Float32Array): Uint16Array =>
  Uint16Array.from(new Uint32Array(values.buffer, values.byteOffset, values.length), (bits) => bits >>> 16);

/** Half precision of numbers that it holds without subnormals; the rest is cut off. */
function halves(values: Float32Array): Uint16Array {
  return Uint16Array.from(new Uint32Array(values.slice().buffer), (bits) => {
    const exponent = ((bits >>> 23) & 255) - 127;
    if (exponent < -14) return (bits >>> 16) & 0x8000;
    return ((bits >>> 16) & 0x8000) | ((exponent + 15) << 10) | ((bits >>> 13) & 1023);
  });
}

function as(dtype: Dtype, tensor: Tensor): Tensor {
  const values = toFloat32(tensor).slice();
  const { shape } = tensor;
  if (dtype === "BF16") return { dtype, shape, data: upperHalves(values) };
  if (dtype === "F16") return { dtype, shape, data: halves(values) };
  return { dtype: "F32", shape, data: values };
}

/** A golden checkpoint whose weights are stored as `dtype`, in one file or two. */
async function stored(kind: "tied" | "untied" | "qwen3", dtype: Dtype, sharded = false): Promise<string> {
  const directory = join(scratch, `${count++}`);
  cpSync(goldenPath(`tiny-${kind}`), directory, { recursive: true });
  const path = join(directory, "model.safetensors");
  const tensors = [...(await readSafetensors(path))].map(([name, t]) => [name, as(dtype, t)] as const);
  if (!sharded) {
    await writeSafetensors(path, new Map(tensors));
    return directory;
  }
  rmSync(path);
  const map: Record<string, string> = {};
  for (const [i, part] of [tensors.slice(0, 11), tensors.slice(11)].entries()) {
    const file = `model-0000${i + 1}-of-00002.safetensors`;
    await writeSafetensors(join(directory, file), new Map(part));
    for (const [name] of part) map[name] = file;
  }
  writeFileSync(join(directory, "model.safetensors.index.json"), JSON.stringify({ weight_map: map }));
  return directory;
}

async function live(directory: string): Promise<QwenModel> {
  const checkpoint = await openCheckpoint(directory);
  const values = [...(await loadWeights(checkpoint))].map(
    ([name, { shape, data }]) => [name, float32(data, shape)] as const,
  );
  return createModel(checkpoint.config, Object.fromEntries(values), { threads: 1 });
}

async function mapped(directory: string, form?: WeightFormat): Promise<QwenModel> {
  const checkpoint = await openCheckpoint(directory);
  return createModel(checkpoint.config, await fileWeights(checkpoint, { ...(form && { form }) }), {
    threads: 1,
  });
}

/** An image, two prompts of different lengths and three steps of two continuations, one of which is blinkered. */
async function outputs(model: QwenModel): Promise<Float32Array[]> {
  const { tokens, vision, text } = model.config;
  const patchDim = vision.channels * vision.temporalPatchSize * vision.patchSize ** 2;
  const merge = vision.mergeSize;
  const patches = Float32Array.from({ length: 4 * merge * merge * patchDim }, (_, i) => Math.sin(i));
  const grid: [number, number, number] = [1, 2 * merge, 2 * merge];
  const [image] = await model.features([{ grid, patches }]);
  const prompts: Prompt[] = [
    {
      ids: [5, tokens.visionStart, ...Array<number>(4).fill(tokens.image), 9],
      ...promptVisuals([image!]),
      grids: [grid],
    },
    { ids: [7, 8, 9], visuals: new Float32Array(0), grids: [] },
  ];
  const start = await model.prefill(prompts);
  const found = [image!.rows, start.logits, start.feedback];
  let suffix = null;
  for (let t = 0; t < 3; t++) {
    const positions = Int32Array.from([0, 0, 1, 1], (b) => start.prefix.next[b]! + t);
    const blocked = {
      prefix: new Float32Array(4 * start.prefix.length).fill(
        -1e9,
        start.prefix.length,
        2 * start.prefix.length - 1,
      ),
      suffix: new Float32Array(4 * (t + 1)),
    };
    const next = await model.step(
      start.prefix,
      suffix,
      model.embed([11 + t, 12, 13, 14]),
      positions,
      t === 1 ? blocked : undefined,
    );
    found.push(next.logits, next.feedback);
    suffix = next.suffix;
  }
  expect(found.at(-1)!.length).toBe(4 * text.hiddenSize);
  return found;
}

/** Largest difference over all outputs, relative to the largest value of each. */
const apart = (a: readonly Float32Array[], b: readonly Float32Array[]): number =>
  Math.max(
    ...a.map(
      (values, i) => worstDifference(values, b[i]!) / Math.max(...values.map((value) => Math.abs(value))),
    ),
  );

describe.each(["tied", "untied", "qwen3"] as const)("a %s checkpoint that stays in its files", (kind) => {
  it("gives float32 weights' outputs bit for bit", async () => {
    const directory = await stored(kind, "F32");
    const [a, b] = [await live(directory), await mapped(directory)];
    expect(apart(await outputs(a), await outputs(b))).toBe(0);
    await Promise.all([a.release(), b.release()]);
  });

  it.each(["BF16", "F16"] as const)(
    "gives the outputs of %s weights, from one graph, from shards too",
    async (dtype) => {
      const [whole, sharded] = [await stored(kind, dtype), await stored(kind, dtype, true)];
      const models = [await live(whole), await mapped(whole), await mapped(sharded)];
      const [want, one, many] = await Promise.all(models.map(outputs));
      expect(apart(want!, one!)).toBeLessThan(1e-5);
      expect(apart(one!, many!)).toBe(0);
      await Promise.all(models.map((model) => model.release()));
    },
  );

  it("comes near with 8 bits, less so with 4, and keeps what was rounded", async () => {
    const directory = await stored(kind, "BF16");
    const exact = await live(directory);
    const want = await outputs(exact);
    const errors: number[] = [];
    for (const form of ["int8", "int4"] as const) {
      const model = await mapped(directory, form);
      const found = await outputs(model);
      errors.push(apart(want, found));
      await model.release();
      const again = await mapped(directory, form);
      expect(apart(await outputs(again), found)).toBe(0);
      await again.release();
    }
    expect(errors[0]).toBeLessThan(0.15);
    expect(errors[1]).toBeGreaterThan(errors[0]!);
    expect(errors[1]).toBeLessThan(1);
    await exact.release();
  });
});

it("is read again with gradients, also where it was rounded", async () => {
  const directory = await stored("tied", "F32");
  const again = async (model: QwenModel): Promise<Float32Array[]> => {
    const { prefix } = await model.prefill([{ ids: [7, 8, 9], visuals: new Float32Array(0), grids: [] }]);
    const latents = Float32Array.from({ length: model.config.text.hiddenSize }, (_, i) => Math.cos(i));
    const row = { ids: [5, 6, 7], slots: [1], latents, options: [3, 4], chosen: 0 };
    const { hidden, scores, gradient } = await model.replay!(prefix, [row], { gradient: true });
    await model.release();
    return [...hidden, ...scores, ...gradient!];
  };
  const want = await again(await live(directory));
  expect(apart(want, await again(await mapped(directory)))).toBe(0);
  const rounded = apart(want, await again(await mapped(directory, "int8")));
  expect(rounded).toBeGreaterThan(0);
  expect(rounded).toBeLessThan(0.3);
});

describe("rounded weights", () => {
  const kept = (): string[] =>
    readdirSync(join(scratch, "cache/weights"))
      .filter((name) => name.endsWith(".safetensors"))
      .sort();

  it("are made again where their file was cut short, and anew where the weights changed", async () => {
    rmSync(join(scratch, "cache"), { recursive: true, force: true });
    const directory = await stored("tied", "BF16");
    const model = await mapped(directory, "int4");
    const want = await outputs(model);
    await model.release();
    const [file] = kept();
    expect(kept()).toHaveLength(1);
    truncateSync(join(scratch, "cache/weights", file!), 1000);
    const again = await mapped(directory, "int4");
    expect(apart(await outputs(again), want)).toBe(0);
    await again.release();
    expect(kept()).toEqual([file]);
    const path = join(directory, "model.safetensors");
    await writeSafetensors(path, await readSafetensors(path));
    await (await mapped(directory, "int4")).release();
    expect(kept()).toHaveLength(2);
  });
});

describe("a cache of rounded weights", () => {
  /** Files by name: the weights, and their checksum. */
  const folder = () => join(scratch, "cache/weights");
  const names = (): string[] => readdirSync(folder()).sort();

  it.each([
    [
      "one flipped bit in a packed value",
      (bytes: Buffer) => bytes.writeUInt8(bytes.at(-9)! ^ 1, bytes.length - 9),
    ],
    ["a flipped byte early in the values", (bytes: Buffer) => bytes.writeUInt8(bytes.at(5000)! ^ 0xff, 5000)],
    ["two values in each other's place", (bytes: Buffer) => bytes.subarray(-64, -32).swap32()],
  ])("is not read with %s, even where the time of the file was set back", async (_, damage) => {
    rmSync(join(scratch, "cache"), { recursive: true, force: true });
    const directory = await stored("tied", "BF16");
    const model = await mapped(directory, "int4");
    const want = await outputs(model);
    await model.release();
    const path = join(folder(), names().find((name) => name.endsWith(".safetensors"))!);
    const [whole, { atime, mtime }] = [readFileSync(path), statSync(path)];
    const bytes = Buffer.from(whole);
    damage(bytes);
    expect(bytes.equals(whole)).toBe(false);
    writeFileSync(path, bytes);
    utimesSync(path, atime, mtime);
    const again = await mapped(directory, "int4");
    expect(apart(await outputs(again), want)).toBe(0);
    await again.release();
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it("is made again where its checksum is missing or another's, as after a kill", async () => {
    rmSync(join(scratch, "cache"), { recursive: true, force: true });
    const directory = await stored("tied", "BF16");
    await (await mapped(directory, "int4")).release();
    const before = names();
    const digest = join(folder(), before.find((name) => name.endsWith(".sha256"))!);
    const said = readFileSync(digest, "utf8");
    for (const damage of [() => rmSync(digest), () => writeFileSync(digest, said.replace(/^./, "x"))]) {
      damage();
      await (await mapped(directory, "int4")).release();
      expect(readFileSync(digest, "utf8")).toBe(said);
    }
    expect(names()).toEqual(before);
  });
});

it("maps files that are links, as the Hub's cache has them", async () => {
  const real = await stored("tied", "F32");
  const linked = join(scratch, "linked");
  mkdirSync(linked);
  for (const name of readdirSync(real))
    symlinkSync(join("..", real.slice(scratch.length + 1), name), join(linked, name));
  const [a, b] = [await mapped(real), await mapped(linked)];
  expect(apart(await outputs(a), await outputs(b))).toBe(0);
  await Promise.all([a.release(), b.release()]);
});

it("refuses ids that the table does not have", async () => {
  const model = await mapped(await stored("tied", "F32"));
  expect(() => model.embed([300])).toThrow(
    /expected an id below 300, the number of rows of the embedding table, got 300/,
  );
  await model.release();
});
