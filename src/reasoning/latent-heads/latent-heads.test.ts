import { describe, expect, it } from "vitest";
import { float32, type Value } from "../../graph/index.ts";
import { cellSize, pocketConfig } from "../../qwen/index.ts";
import { random } from "../../util/index.ts";
import { bufferShapes, createHeadRunner, headShapes, type LatentConfig, latentConfigOf } from "./index.ts";

const small = { hiddenSize: 8, heads: 2, intermediateSize: 4 };
const shape = { vocabSize: 24, hiddenSize: 32, layers: 1, heads: 2, vision: small };
const [width, k] = [4, 2];
const vision = { ...pocketConfig(shape).vision, outHiddenSize: width };
const size = { width, k, cells: cellSize(vision) };
const r = random(0, "feed");

const mergerShapes: [string, readonly number[]][] = [
  ["visual.merger.mlp.0.weight", [size.cells, size.cells]],
  ["visual.merger.mlp.0.bias", [size.cells]],
  ["visual.merger.mlp.2.weight", [width, size.cells]],
  ["visual.merger.mlp.2.bias", [width]],
];

/** Random tensors of a head; scales positive. */
function tensorsOf(feedback: LatentConfig): Record<string, Value> {
  const shapes = [
    ...headShapes(feedback, size),
    ...bufferShapes(feedback, size),
    ...(feedback.head.kind === "merger" ? mergerShapes : []),
  ];
  return Object.fromEntries(
    shapes.map(([name, shape]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const draw = () => (name.endsWith("scale") ? 0.5 + r.uniform() : r.normal() / Math.sqrt(shape.at(-1)!));
      return [name, float32(Float32Array.from({ length: size }, draw), shape)];
    }),
  );
}

async function fed(feedback: LatentConfig, weights: Record<string, Value>, hidden: number[], slots = [0]) {
  const feed = createHeadRunner(feedback, size, weights, { threads: 1, vision })!;
  const out = await feed.run(Float32Array.from(hidden), slots);
  await feed.release();
  return [...out];
}

const at = (weights: Record<string, Value>, name: string) =>
  weights[`latent_head.${name}`]!.data as Float32Array;
const product = (w: Float32Array, x: number[], rows: number) =>
  Array.from({ length: rows }, (_, i) => x.reduce((sum, v, j) => sum + w[i * x.length + j]! * v, 0));
const close = (got: number[], want: number[]) => {
  expect(got.length).toBe(want.length);
  for (const [i, x] of want.entries()) expect(got[i]!).toBeCloseTo(x, 4);
};

const hidden = [0.3, -1, 2, 0.5];

describe("what is fed", () => {
  it("by a linear head over standardised targets: (W·h + b) ∘ scale + mean", async () => {
    const feedback: LatentConfig = { head: { kind: "linear" }, space: { kind: "standardised" } };
    const weights = tensorsOf(feedback);
    const y = product(at(weights, "proj.weight"), hidden, width).map(
      (v, i) => v + at(weights, "proj.bias")[i]!,
    );
    close(
      await fed(feedback, weights, hidden),
      y.map((v, i) => v * at(weights, "scale")[i]! + at(weights, "mean")[i]!),
    );
  });

  it("by no head over whitened targets: C·h + mean", async () => {
    const feedback: LatentConfig = { head: { kind: "none" }, space: { kind: "whitened" } };
    const weights = tensorsOf(feedback);
    const y = product(at(weights, "colour"), hidden, width);
    close(
      await fed(feedback, weights, hidden),
      y.map((v, i) => v + at(weights, "mean")[i]!),
    );
  });

  it("by a codebook: the likeliest code of each group, or their mean", async () => {
    const head = { kind: "codebook", codes: 3, groups: 2 } as const;
    const hard: LatentConfig = { head: { ...head, fed: "straight-through" }, space: { kind: "raw" } };
    const weights = tensorsOf(hard);
    const logits = product(at(weights, "proj.weight"), hidden, 6).map(
      (v, i) => v + at(weights, "proj.bias")[i]!,
    );
    const codes = at(weights, "codes");
    const groups = [0, 1].map((g) => logits.slice(3 * g, 3 * g + 3));
    const code = (g: number, c: number) => [...codes.subarray((g * 3 + c) * 2, (g * 3 + c + 1) * 2)];
    close(
      await fed(hard, weights, hidden),
      groups.flatMap((each, g) => code(g, each.indexOf(Math.max(...each)))),
    );
    const soft: LatentConfig = { head: { ...head, fed: "soft" }, space: { kind: "raw" } };
    const mixed = groups.flatMap((each, g) => {
      const total = each.reduce((sum, v) => sum + Math.exp(v), 0);
      return [0, 1].map((d) => each.reduce((sum, v, c) => sum + (Math.exp(v) / total) * code(g, c)[d]!, 0));
    });
    close(await fed(soft, weights, hidden), mixed);
  });

  it("by a head in front of the merger: what the merger makes of its answer, whatever the target space", async () => {
    const head = { kind: "merger", hidden: 3 } as const;
    const feedback: LatentConfig = { head, space: { kind: "standardised" } };
    const weights = tensorsOf(feedback);
    const tensor = (name: string) => weights[name]!.data as Float32Array;
    const layer = (name: string, x: number[], rows: number) =>
      product(tensor(`${name}.weight`), x, rows).map(
        (v, i) => v + (weights[`${name}.bias`] ? tensor(`${name}.bias`)[i]! : 0),
      );
    const silu = (x: number) => x / (1 + Math.exp(-x));
    const gated = (at: string, x: number[], rows: number) => {
      const up = layer(`latent_head.${at}up`, x, 3);
      const inner = layer(`latent_head.${at}gate`, x, 3).map((v, i) => silu(v) * up[i]!);
      return layer(`latent_head.${at}down`, inner, rows);
    };
    const first = gated("first.", hidden, width).map((v, i) => v + hidden[i]!);
    const straight = layer("latent_head.proj", first, size.cells);
    const cells = gated("", first, size.cells)
      .map((v, i) => v + straight[i]!)
      .map((v, i) => v * tensor("latent_head.cells.scale")[i]! + tensor("latent_head.cells.mean")[i]!);
    // x·Φ(x) by the error function's series is too coarse here: Abramowitz and Stegun 7.1.26 has 1.5e-7.
    const erf = (x: number) => {
      const t = 1 / (1 + 0.3275911 * Math.abs(x));
      const poly =
        ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
      return Math.sign(x) * (1 - poly * Math.exp(-x * x));
    };
    const inner = layer("visual.merger.mlp.0", cells, size.cells).map(
      (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
    );
    close(await fed(feedback, weights, hidden), layer("visual.merger.mlp.2", inner, width));
  });

  it("by a flow of one step: its start and the velocity there", async () => {
    const head = { kind: "flow", hidden: 3, steps: 1 } as const;
    const feedback: LatentConfig = { head, space: { kind: "raw" } };
    const weights = tensorsOf(feedback);
    const silu = (x: number) => x / (1 + Math.exp(-x));
    const layer = (name: string, x: number[], rows: number) =>
      product(at(weights, `${name}.weight`), x, rows).map((v, i) => v + at(weights, `${name}.bias`)[i]!);
    const start = [...at(weights, "start")];
    const inner = layer("mid", layer("in", [...start, ...hidden, 0], 3).map(silu), 3).map(silu);
    close(
      await fed(feedback, weights, hidden),
      layer("proj", inner, width).map((v, i) => v + start[i]!),
    );
  });

  it("by a mixture: the mean of the likeliest component", async () => {
    const feedback: LatentConfig = { head: { kind: "mixture", components: 3 }, space: { kind: "raw" } };
    const weights = tensorsOf(feedback);
    const layer = (name: string, rows: number) =>
      product(at(weights, `${name}.weight`), hidden, rows).map((v, i) => v + at(weights, `${name}.bias`)[i]!);
    const logits = layer("logits", 3);
    const likeliest = logits.indexOf(Math.max(...logits));
    const means = layer("means", 3 * width);
    close(await fed(feedback, weights, hidden), means.slice(likeliest * width, (likeliest + 1) * width));
  });

  it("by a variational autoencoder: what is decoded from the prior’s mean", async () => {
    const feedback: LatentConfig = { head: { kind: "vae", hidden: 3, code: 2 }, space: { kind: "raw" } };
    const weights = tensorsOf(feedback);
    const layer = (name: string, x: number[], rows: number) =>
      product(at(weights, `${name}.weight`), x, rows).map((v, i) => v + at(weights, `${name}.bias`)[i]!);
    const mean = layer("prior", hidden, 4).slice(0, 2);
    const inner = layer("in", [...hidden, ...mean], 3).map((x) => x / (1 + Math.exp(-x)));
    close(await fed(feedback, weights, hidden), layer("proj", inner, width));
  });

  it("by a coupling flow: what its layers make of the center, half by half", async () => {
    const head = { kind: "coupling-flow", hidden: 3, layers: 2 } as const;
    const feedback: LatentConfig = { head, space: { kind: "raw" } };
    const weights = tensorsOf(feedback);
    const layer = (name: string, x: number[], rows: number) =>
      product(at(weights, `${name}.weight`), x, rows).map((v, i) => v + at(weights, `${name}.bias`)[i]!);
    let x = layer("proj", hidden, width);
    for (const [i, [kept, changed]] of [
      [
        [0, 1],
        [2, 3],
      ],
      [
        [2, 3],
        [0, 1],
      ],
    ].entries() as Iterable<[number, [number[], number[]]]>) {
      const inner = layer(`layers.${i}.in`, [...hidden, ...kept.map((d) => x[d]!)], 3);
      const both = layer(
        `layers.${i}.out`,
        inner.map((v) => v / (1 + Math.exp(-v))),
        4,
      );
      const next = [...x];
      for (const [j, d] of changed.entries()) next[d] = x[d]! * Math.exp(Math.tanh(both[j]!)) + both[2 + j]!;
      x = next;
    }
    close(await fed(feedback, weights, hidden), x);
  });

  it("by placeholders: their vectors, whatever the state", async () => {
    const feedback: LatentConfig = { head: { kind: "placeholder", distinct: true }, space: { kind: "raw" } };
    const weights = tensorsOf(feedback);
    const vectors = [...at(weights, "vectors")];
    const two = [...hidden, ...hidden];
    expect(await fed(feedback, weights, two, [1, 0])).toEqual([
      ...vectors.slice(width),
      ...vectors.slice(0, width),
    ]);
  });
});

describe("a checkpoint's head", () => {
  it("is asked for by tensors that must be there in their shapes", () => {
    const feedback: LatentConfig = { head: { kind: "linear" }, space: { kind: "raw" } };
    const weights = tensorsOf(feedback);
    delete weights["latent_head.proj.bias"];
    expect(() => createHeadRunner(feedback, size, weights)).toThrow(
      "tensor latent_head.proj.bias: expected shape [4]",
    );
  });

  it("that this version does not know is refused by name", () => {
    expect(() =>
      latentConfigOf({ lintel: { latent: { head: { kind: "oracle" }, space: { kind: "raw" } } } }),
    ).toThrow(/lintel\.latent\.head: expected one of none, linear/);
  });
});
