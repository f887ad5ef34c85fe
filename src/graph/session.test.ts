import { mkdir, mkdtemp, rm, symlink, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSafetensorsHeader, writeSafetensors } from "../formats/index.ts";
import { LintelError } from "../util/index.ts";
import {
  add,
  cast,
  createGraph,
  createSession,
  type DType,
  external,
  float32,
  input,
  int64,
  matMul,
  output,
} from "./index.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "lintel-session-"));
});
afterAll(() => rm(directory, { recursive: true }));

interface Place {
  dtype: DType;
  path: string;
  offset: number;
  length: number;
}

const W = [10, 20, 30, 40, 50, 60];
const B = [0.5, 1, 2, -4, 8, 16];

/** Bits of bfloat16: the upper half of float32. */
const bfloat16 = (values: readonly number[]): Uint16Array =>
  Uint16Array.from(new Uint32Array(Float32Array.from(values).buffer), (bits) => bits >>> 16);

/** A checkpoint with `w` float32 [2, 3] and `b` bfloat16 [2, 3], and where they lie in it. */
async function checkpoint(name: string): Promise<{ w: Place; b: Place }> {
  const path = join(directory, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeSafetensors(
    path,
    new Map([
      ["b", { dtype: "BF16" as const, shape: [2, 3], data: bfloat16(B) }],
      ["w", { dtype: "F32" as const, shape: [2, 3], data: Float32Array.from(W) }],
    ]),
  );
  const { tensors } = await readSafetensorsHeader(path);
  const place = (tensor: string, dtype: DType): Place => {
    const { offset, length } = tensors.get(tensor)!;
    return { dtype, path, offset, length };
  };
  return { w: place("w", "float32"), b: place("b", "bfloat16") };
}

/** Sum of tensors [2, 3] from files, cast to float32 where they are narrower, and an input of zeros. */
async function sumOf(places: readonly Place[], externalDirectory?: string): Promise<number[]> {
  const g = createGraph("external");
  const x = input(g, "x", "float32", [2, 3]);
  const terms = places.map(({ dtype, ...file }, i) => {
    const w = external(g, `w${i}`, dtype, [2, 3], file);
    return dtype === "float32" ? w : cast(w, "float32");
  });
  output("y", terms.reduce(add, x));
  const session = await createSession(g, { threads: 1, ...(externalDirectory && { externalDirectory }) });
  try {
    const { y } = await session.run({ x: float32(new Float32Array(6), [2, 3]) });
    return [...(y!.data as Float32Array)];
  } finally {
    await session.release();
  }
}

/** Code and message of the error. */
async function failure(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => null,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(LintelError);
  return `${(error as LintelError).code}: ${(error as LintelError).message}`;
}

describe("tensors of a checkpoint", () => {
  it("are read in float32 and in bfloat16, at their offset", async () => {
    const { w, b } = await checkpoint("plain/model.safetensors");
    expect(w.offset).toBeGreaterThan(8);
    expect(await sumOf([w])).toEqual(W);
    expect(await sumOf([b])).toEqual(B);
    expect(await sumOf([w, b])).toEqual(W.map((v, i) => v + B[i]!));
  });

  it("may lie in several files of different directories, and be named relative to one", async () => {
    const one = await checkpoint("shards/a/model-1.safetensors");
    const two = await checkpoint("shards/b/deeper/model-2.safetensors");
    expect(await sumOf([one.w, two.b])).toEqual(W.map((v, i) => v + B[i]!));
    const named = { ...one.w, path: relative(join(directory, "shards/b"), one.w.path) };
    expect(named.path).toBe(join("..", "a", "model-1.safetensors"));
    expect(await sumOf([named, two.b], join(directory, "shards/b"))).toEqual(W.map((v, i) => v + B[i]!));
  });

  it("may lie behind links, as in the Hub's cache", async () => {
    const { w } = await checkpoint("hub/blobs/0123abcd");
    await mkdir(join(directory, "hub/snapshots/main"), { recursive: true });
    const path = join(directory, "hub/snapshots/main/model.safetensors");
    await symlink(join("..", "..", "blobs", "0123abcd"), path);
    expect(await sumOf([{ ...w, path }])).toEqual(W);
  });

  it("are refused where the file is missing, is a directory or is cut off", async () => {
    const { w } = await checkpoint("broken/model.safetensors");
    expect(await failure(sumOf([{ ...w, path: join(directory, "no.safetensors") }]))).toMatch(
      /^checkpoint: tensor "w0" in .*no\.safetensors: expected a file that can be read, got ENOENT/,
    );
    expect(await failure(sumOf([{ ...w, path: directory }]))).toMatch(/^checkpoint: .*expected a file, got/);
    await truncate(w.path, w.offset + w.length - 1);
    expect(await failure(sumOf([w]))).toMatch(
      /^checkpoint: tensor "w0" in .*: expected bytes within the file's/,
    );
  });

  it("are refused where offset or length do not fit", async () => {
    const { w } = await checkpoint("offsets/model.safetensors");
    for (const offset of [-1, 2 ** 40]) {
      expect(await failure(sumOf([{ ...w, offset }]))).toMatch(/^checkpoint: .*expected bytes within/);
    }
    expect(await failure(sumOf([{ ...w, length: 23 }]))).toMatch(
      /^checkpoint: .*expected 24 bytes for float32 \[2,3\], got 23/,
    );
  });
});

describe("a session", () => {
  const double = () => {
    const g = createGraph("double");
    const x = input(g, "x", "float32", ["N"]);
    output("y", add(x, x));
    return g;
  };

  it("writes into the caller's buffers", async () => {
    const session = await createSession(double(), { threads: 1 });
    const y = float32(new Float32Array(2), [2]);
    await session.run({ x: float32(Float32Array.of(1, 2), [2]) }, { y });
    expect([...(y.data as Float32Array)]).toEqual([2, 4]);
    await session.release();
  });

  it("says which input is missing or of the wrong kind", async () => {
    const session = await createSession(double(), { threads: 1 });
    expect(await failure(session.run({}))).toMatch(
      /^runtime: graph double, input "x": expected float32 of shape \[N\], got nothing/,
    );
    expect(await failure(session.run({ x: int64([1], [1]) }))).toMatch(/got int64 of shape \[1\]/);
    expect(await failure(session.run({ x: float32(new Float32Array(4), [2, 2]) }))).toMatch(/\[2,2\]/);
    await session.release();
  });

  it("passes on what ONNX Runtime says of values that do not fit", async () => {
    const g = createGraph("product");
    const x = input(g, "x", "float32", ["N", 3]);
    output("y", matMul(x, input(g, "w", "float32", [3, 2])));
    const session = await createSession(g, { threads: 1 });
    const run = session.run({
      x: float32(new Float32Array(4), [1, 4]),
      w: float32(new Float32Array(6), [3, 2]),
    });
    expect(await failure(run)).toMatch(/^runtime: .*product.*(dimension|shape)/is);
    await session.release();
  });
});
