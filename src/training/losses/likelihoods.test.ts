/** Values of the losses of heads that keep several modes, against their densities written out. */
import { expect, it } from "vitest";
import {
  createGraph,
  createSession,
  type Graph,
  input,
  output,
  type Tensor,
  type Value,
} from "../../graph/index.ts";
import { couplingNoise, type HeadGraph, headShapes, type LatentHead } from "../../reasoning/index.ts";
import { random } from "../../util/index.ts";
import { type LatentLoss, lossRecord } from "./index.ts";

const [width, rows] = [4, 3];
const r = random(0, "likelihoods");
const draws = (...shape: number[]): Value => {
  const data = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => r.normal() / 2);
  return { dtype: "float64", shape, data };
};
const numbers = (value: Value): number[] => [...(value.data as Float64Array)];
const row = (values: number[], i: number, n: number): number[] => values.slice(i * n, (i + 1) * n);
const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const mapped = (weights: Record<string, Value>, name: string, x: number[]): number[] => {
  const w = numbers(weights[`${name}.weight`]!);
  return numbers(weights[`${name}.bias`]!).map((b, i) =>
    x.reduce((sum, v, j) => sum + v * w[i * x.length + j]!, b),
  );
};
const silu = (x: number): number => x / (1 + Math.exp(-x));

/** Tensors of a head, a function that runs what `build` makes of states and latents, and those. */
function prepared(head: LatentHead) {
  const shapes = headShapes({ head, space: { kind: "raw" } }, { width, k: 1, cells: 0 });
  const weights = Object.fromEntries(
    [...shapes].map(([name, shape]) => [name.replace("latent_head.", ""), draws(...shape)]),
  );
  const [state, wanted] = [draws(rows, width), draws(rows, width)];
  const run = async (
    build: (site: {
      graph: Graph;
      headGraph: HeadGraph;
      state: Tensor;
      wanted: Tensor;
    }) => Record<string, Tensor>,
    values: Record<string, Value> = {},
  ) => {
    const graph = createGraph("loss");
    const declared = new Map<string, Tensor>();
    const parameter = (name: string, shape: readonly number[]): Tensor => {
      if (!declared.has(name)) declared.set(name, input(graph, name, "float64", shape));
      return declared.get(name)!;
    };
    const headGraph = { parameter, intoSpace: (x: Tensor) => x, outOfSpace: (x: Tensor) => x } as HeadGraph;
    const site = {
      ...{ graph, headGraph },
      state: input(graph, "state", "float64", ["L", width]),
      wanted: input(graph, "wanted", "float64", ["L", width]),
    };
    for (const [name, tensor] of Object.entries(build(site))) output(name, tensor);
    const session = await createSession(graph, { threads: 1 });
    const kept = Object.fromEntries(Object.entries(weights).filter(([name]) => declared.has(name)));
    const out = await session.run({ ...kept, state, wanted, ...values });
    await session.release();
    return Object.fromEntries(Object.entries(out).map(([name, value]) => [name, numbers(value)]));
  };
  const lossOf = async (loss: LatentLoss, values: Record<string, Value> = {}) => {
    const out = await run(({ graph, headGraph, state, wanted }) => {
      const site = { graph, dtype: "float64", head, headGraph, state, wanted: () => wanted } as never;
      return { loss: lossRecord(loss).loss!(site, loss) };
    }, values);
    return out.loss![0]!;
  };
  return { weights, states: numbers(state), latents: numbers(wanted), run, lossOf };
}

it("a mixture’s is −log of the sum of its components’ densities, per element", async () => {
  const components = 3;
  const { weights, states, latents, lossOf } = prepared({ kind: "mixture", components });
  const deviations = numbers(weights.log_deviation!).map(Math.exp);
  const each = Array.from({ length: rows }, (_, i) => {
    const [state, latent] = [row(states, i, width), row(latents, i, width)];
    const weight = mapped(weights, "logits", state).map(Math.exp);
    const total = weight.reduce((a, b) => a + b, 0);
    const means = mapped(weights, "means", state);
    const density = deviations.reduce((sum, s, m) => {
      const squares = latent.reduce((a, y, d) => a + (y - means[m * width + d]!) ** 2, 0);
      return sum + ((weight[m]! / total) * Math.exp(-squares / (2 * s * s))) / s ** width;
    }, 0);
    return -Math.log(density) / width;
  });
  expect(await lossOf({ kind: "mixture-likelihood" })).toBeCloseTo(mean(each), 10);
});

it("an evidence bound is the error of what a drawn code decodes to, and β times the divergence of its distributions", async () => {
  const [hidden, code, beta] = [5, 2, 0.3];
  const { weights, states, latents, lossOf } = prepared({ kind: "vae", hidden, code });
  const codeNoise = draws(rows, code);
  const errors: number[] = [];
  const divergences: number[] = [];
  for (let i = 0; i < rows; i++) {
    const [state, latent, noise] = [
      row(states, i, width),
      row(latents, i, width),
      row(numbers(codeNoise), i, code),
    ];
    const p = mapped(weights, "prior", state);
    const q = mapped(
      weights,
      "posterior_out",
      mapped(weights, "posterior_in", [...state, ...latent]).map(silu),
    );
    const drawn = noise.map((e, c) => q[c]! + Math.exp(q[code + c]!) * e);
    const decoded = mapped(weights, "proj", mapped(weights, "in", [...state, ...drawn]).map(silu));
    errors.push(...decoded.map((y, d) => (y - latent[d]!) ** 2));
    for (let c = 0; c < code; c++) {
      const [sp, sq] = [Math.exp(p[code + c]!), Math.exp(q[code + c]!)];
      divergences.push(Math.log(sp / sq) + (sq ** 2 + (q[c]! - p[c]!) ** 2) / (2 * sp ** 2) - 0.5);
    }
  }
  const loss = await lossOf({ kind: "evidence-bound", beta }, { codeNoise });
  expect(loss).toBeCloseTo(mean(errors) + beta * mean(divergences), 10);
});

it("a coupling flow’s is −log of the normal density of its noise times the determinant of the map to it, per element", async () => {
  const head = { kind: "coupling-flow", hidden: 5, layers: 3 } as const;
  const { latents, run, lossOf } = prepared(head);
  const noiseAt = async (values: Record<string, Value> = {}) =>
    (await run(({ headGraph, state, wanted }) => couplingNoise(headGraph, head, state, wanted), values))
      .noise!;
  const noise = await noiseAt();
  // Column d of every row’s Jacobian, by central differences.
  const h = 1e-5;
  const columns: number[][] = [];
  for (let d = 0; d < width; d++) {
    const [up, down] = await Promise.all(
      [h, -h].map((by) => {
        const data = Float64Array.from(latents, (y, at) => (at % width === d ? y + by : y));
        return noiseAt({ wanted: { dtype: "float64", shape: [rows, width], data } });
      }),
    );
    columns.push(up!.map((x, i) => (x - down![i]!) / (2 * h)));
  }
  const each = Array.from({ length: rows }, (_, i) => {
    const jacobian = Array.from({ length: width }, (_, a) => columns.map((column) => column[i * width + a]!));
    const squares = row(noise, i, width).reduce((sum, x) => sum + x * x, 0);
    return (squares / 2 - Math.log(Math.abs(determinant(jacobian)))) / width;
  });
  expect(await lossOf({ kind: "flow-likelihood" })).toBeCloseTo(mean(each), 6);
});

/** Laplace expansion along the first row. */
function determinant(matrix: number[][]): number {
  const [first, ...others] = matrix;
  if (!first) return 1;
  return first.reduce(
    (sum, x, j) =>
      sum + (j % 2 ? -x : x) * determinant(others.map((line) => line.filter((_, at) => at !== j))),
    0,
  );
}
