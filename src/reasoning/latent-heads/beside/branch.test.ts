import { expect, it } from "vitest";
import { float32, type Value } from "../../../graph/index.ts";
import { MASK_VALUE, pocketConfig } from "../../../qwen/index.ts";
import { random } from "../../../util/index.ts";
import {
  bufferShapes,
  createBlockMaker,
  createHeadRunner,
  headShapes,
  type LatentConfig,
  latentSize,
} from "../index.ts";
import { branchLayers } from "./branch.ts";

const shape = { vocabSize: 24, hiddenSize: 16, layers: 3, heads: 2, kvHeads: 1, intermediateSize: 6 };
const config = pocketConfig({
  ...shape,
  tied: false,
  vision: { hiddenSize: 8, heads: 2, intermediateSize: 4 },
});
const { hiddenSize: width, headDim, heads, ropeTheta, rmsNormEps } = config.text;
const k = 2;
const cached = 3;
const r = random(0, "branch head");
const draw = (n: number, scale = 1): number[] => Array.from({ length: n }, () => scale * r.normal());

function weightsOf(latent: LatentConfig): Record<string, Value> {
  const size = latentSize(config, k);
  const drawn = [...headShapes(latent, size), ...bufferShapes(latent, size)].map(([name, dims]) => {
    const count = dims.reduce((a, b) => a * b, 1);
    return [
      name,
      float32(Float32Array.from(draw(count, name.endsWith("norm.weight") ? 1 : 0.5)), dims),
    ] as const;
  });
  return Object.fromEntries(drawn);
}

it("makes a block as written out: attention to cached keys and to each other, then the MLP, added to the start", async () => {
  const head = { kind: "branch", layers: 1, placement: "middle", hidden: 5, startImage: null } as const;
  const latent: LatentConfig = { head, space: { kind: "raw" } };
  const weights = weightsOf(latent);
  const data = (name: string) => weights[`latent_head.${name}`]!.data as Float32Array;
  const layer = (name: string, x: number[], out: number, bias = true) =>
    Array.from({ length: out }, (_, i) => {
      const sum = x.reduce((all, v, j) => all + data(`${name}.weight`)[i * x.length + j]! * v, 0);
      return sum + (bias ? data(`${name}.bias`)[i]! : 0);
    });
  const norm = (name: string, x: number[]) => {
    const size = Math.sqrt(x.reduce((all, v) => all + v * v, 0) / x.length + rmsNormEps);
    return x.map((v, i) => (v / size) * data(`${name}.weight`)[i]!);
  };
  const turned = (x: number[], position: number) => {
    const half = headDim / 2;
    return x.map((v, i) => {
      const angle = position / ropeTheta ** ((2 * (i % half)) / headDim);
      return v * Math.cos(angle) + (i < half ? -x[i + half]! : x[i - half]!) * Math.sin(angle);
    });
  };
  const [keys, values, position] = [draw(cached * headDim), draw(cached * headDim), 4];
  const rowsOf = (x: number[]) =>
    Array.from({ length: cached }, (_, i) => x.slice(i * headDim, (i + 1) * headDim));
  const starts = [0, 1].map((j) => [...data("start")].slice(j * width, (j + 1) * width));
  const read = starts.map((x) => norm("layers.0.input_layernorm", x));
  const part = (name: string, n: number) =>
    read.map((x) => layer(`layers.0.self_attn.${name}_proj`, x, n * headDim));
  const [q, ownK, ownV] = [part("q", heads), part("k", 1), part("v", 1)];
  // The second column of the cache is hidden.
  const seenK = [...rowsOf(keys).filter((_, i) => i !== 1), ...ownK.map((x, j) => turned(x, position + j))];
  const seenV = [...rowsOf(values).filter((_, i) => i !== 1), ...ownV];
  const wanted = starts.flatMap((start, j) => {
    const context = Array.from({ length: heads }, (_, h) => {
      const query = turned(q[j]!.slice(h * headDim, (h + 1) * headDim), position + j);
      const scores = seenK.map(
        (key) => key.reduce((all, v, d) => all + v * query[d]!, 0) / Math.sqrt(headDim),
      );
      const total = scores.reduce((all, s) => all + Math.exp(s), 0);
      return Array.from({ length: headDim }, (_, d) =>
        scores.reduce((all, s, i) => all + (Math.exp(s) / total) * seenV[i]![d]!, 0),
      );
    }).flat();
    const attended = layer("layers.0.self_attn.o_proj", context, width, false).map((v, d) => v + start[d]!);
    const y = norm("layers.0.post_attention_layernorm", attended);
    const up = layer("layers.0.mlp.up_proj", y, 5, false);
    const inner = layer("layers.0.mlp.gate_proj", y, 5, false).map(
      (v, i) => (v / (1 + Math.exp(-v))) * up[i]!,
    );
    const state = layer("layers.0.mlp.down_proj", inner, width, false).map((v, d) => v + attended[d]!);
    return layer("proj", norm("norm", state), width).map((v, d) => v + start[d]!);
  });
  const source = { k, compress: (rows: Float32Array) => rows };
  const maker = createBlockMaker(latent, config, source, weights, { threads: 1 })!;
  expect(maker.layers).toEqual([1]);
  const made = await maker.make({
    k: [Float32Array.from(keys)],
    v: [Float32Array.from(values)],
    mask: Float32Array.of(0, MASK_VALUE, 0),
    positions: Int32Array.of(position),
    starts: null,
  });
  await maker.release();
  for (const [i, x] of wanted.entries()) expect(made[i]!).toBeCloseTo(x, 4);
});

it("starts from the features of the image that its options name, and refuses a prompt without it", () => {
  const head = { kind: "branch", layers: 1, placement: "top", hidden: 5, startImage: 1 } as const;
  const latent: LatentConfig = { head, space: { kind: "raw" } };
  const source = { k, compress: (rows: Float32Array) => Float32Array.from([...rows, ...rows]) };
  const maker = createBlockMaker(latent, config, source, weightsOf(latent))!;
  const grid = [1, 2, 2] as [number, number, number];
  const visuals = Float32Array.from({ length: 2 * width }, (_, i) => i);
  const start = maker.start({ ids: [], visuals, grids: [grid, grid] })!;
  expect([...start]).toEqual([...visuals.subarray(width), ...visuals.subarray(width)]);
  expect(() => maker.start({ ids: [], visuals, grids: [grid] })).toThrow(
    /an image of number 1.*got 1 images/,
  );
});

it("is beside the layers that WM-VLM names, no runner of states, and refuses tensors of another shape", () => {
  expect(branchLayers({ layers: 4, placement: "middle" }, 28)).toEqual([12, 13, 14, 15]);
  expect(branchLayers({ layers: 2, placement: "top" }, 3)).toEqual([1, 2]);
  expect(() => branchLayers({ layers: 4, placement: "top" }, 3)).toThrow("at most 3");
  const head = { kind: "branch", layers: 1, placement: "top", hidden: 5, startImage: null } as const;
  const latent: LatentConfig = { head, space: { kind: "raw" } };
  const weights = weightsOf(latent);
  expect(createHeadRunner(latent, latentSize(config, k), weights)).toBeNull();
  expect(
    createBlockMaker(
      { head: { kind: "linear" }, space: { kind: "raw" } },
      config,
      { k, compress: (x) => x },
      {},
    ),
  ).toBeNull();
  const { "latent_head.start": _, ...without } = weights;
  expect(() => createBlockMaker(latent, config, { k, compress: (x) => x }, without)).toThrow(
    "latent_head.start",
  );
});
