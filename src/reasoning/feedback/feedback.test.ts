import { describe, expect, it } from "vitest";
import { float32, type Value } from "../../graph/index.ts";
import { random } from "../../util/index.ts";
import { bufferShapes, createFeed, type Feedback, feedbackOf, headShapes } from "./index.ts";

const [width, k] = [4, 2];
const r = random(0, "feed");

/** Random tensors of a head; scales positive. */
function tensorsOf(feedback: Feedback): Record<string, Value> {
  const shapes = [...headShapes(feedback, width, k), ...bufferShapes(feedback, width)];
  return Object.fromEntries(
    shapes.map(([name, shape]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const draw = () => (name.endsWith("scale") ? 0.5 + r.uniform() : r.normal());
      return [name, float32(Float32Array.from({ length: size }, draw), shape)];
    }),
  );
}

async function fed(feedback: Feedback, weights: Record<string, Value>, hidden: number[], slots = [0]) {
  const feed = createFeed(feedback, { width, k }, weights, { threads: 1 })!;
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
    const feedback: Feedback = { head: { kind: "linear" }, space: { kind: "standardised" } };
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
    const feedback: Feedback = { head: { kind: "none" }, space: { kind: "whitened" } };
    const weights = tensorsOf(feedback);
    const y = product(at(weights, "colour"), hidden, width);
    close(
      await fed(feedback, weights, hidden),
      y.map((v, i) => v + at(weights, "mean")[i]!),
    );
  });

  it("by a codebook: the likeliest code of each group, or their mean", async () => {
    const head = { kind: "codebook", codes: 3, groups: 2 } as const;
    const hard: Feedback = { head: { ...head, fed: "straight-through" }, space: { kind: "raw" } };
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
    const soft: Feedback = { head: { ...head, fed: "soft" }, space: { kind: "raw" } };
    const mixed = groups.flatMap((each, g) => {
      const total = each.reduce((sum, v) => sum + Math.exp(v), 0);
      return [0, 1].map((d) => each.reduce((sum, v, c) => sum + (Math.exp(v) / total) * code(g, c)[d]!, 0));
    });
    close(await fed(soft, weights, hidden), mixed);
  });

  it("by a flow of one step: its start and the velocity there", async () => {
    const head = { kind: "flow", hidden: 3, steps: 1 } as const;
    const feedback: Feedback = { head, space: { kind: "raw" } };
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

  it("by placeholders: their vectors, whatever the state", async () => {
    const feedback: Feedback = { head: { kind: "placeholder", distinct: true }, space: { kind: "raw" } };
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
    const feedback: Feedback = { head: { kind: "linear" }, space: { kind: "raw" } };
    const weights = tensorsOf(feedback);
    delete weights["latent_head.proj.bias"];
    expect(() => createFeed(feedback, { width, k }, weights)).toThrow(
      "tensor latent_head.proj.bias: expected shape [4]",
    );
  });

  it("that this version does not know is refused by name", () => {
    expect(() =>
      feedbackOf({ lintel: { latent: { head: { kind: "oracle" }, space: { kind: "raw" } } } }),
    ).toThrow(/lintel\.latent\.head: expected one of none, linear/);
  });
});
