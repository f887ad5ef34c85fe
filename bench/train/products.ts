/**
 * The ceiling of one case of `npm run bench:train`: bench/train/products.ts CASE THREADS. Prints one JSON line.
 * A graph of nothing but the matrix products of the step's graph, of the same shapes, on random numbers: as fast as
 * ONNX Runtime itself computes them here. What is one tensor in the step is one here, so that it merges the same ones.
 */
import {
  apply,
  createGraph,
  createSession,
  evaluateDim,
  float32,
  type Graph,
  input,
  type Node,
  output,
  type Tensor,
  type Value,
} from "../../src/graph/index.ts";
import { answersOf, batcher } from "../../src/training/batch.ts";
import { createStores } from "../../src/training/pocket-model.ts";
import { microbatchSize } from "../../src/training/step.ts";
import { trainingGraph } from "../../src/training/training-graph.ts";
import { random } from "../../src/util/index.ts";
import { median } from "../pairs.ts";
import { type CaseName, cases, sequencesOf } from "./cases.ts";

const [name, threads] = [process.argv[2] as CaseName, Number(process.argv[3])];
const { batch, steps } = cases[name];
const { config, set } = sequencesOf(cases[name]);
const { length } = set;
const parameters = createStores(config).decoder.flat.length;
const part = microbatchSize({ batch, length, width: config.text.intermediateSize, parameters });
const { graph: step } = trainingGraph({
  config: config.text,
  batch: part,
  length,
  answers: answersOf(set),
  latentWeight: 0.1,
});

// Sizes that only a batch knows (rows of features, supervised rows), from a batch.
const values = batcher(set, config, part)(Array.from({ length: part }, (_, i) => i));
const sizes: Record<string, number> = {};
for (const { name: key, shape } of step.inputs) {
  for (const [axis, dim] of shape.entries())
    if (typeof dim === "string") sizes[dim] ??= values[key]!.shape[axis]!;
}
const shapeOf = ({ shape }: Tensor): number[] => shape.map((dim) => evaluateDim(dim, sizes));
const count = (shape: readonly number[]): number => shape.reduce((n, dim) => n * dim, 1);

/** Products that the outputs depend on, also those inside of operators that are made of others. */
function products(graph: Graph): Node[] {
  const seen = new Set<Node>();
  const found: Node[] = [];
  const stack = [...graph.outputs.values()];
  for (let t = stack.pop(); t; t = stack.pop()) {
    const { node } = t;
    if (!node || seen.has(node)) continue;
    seen.add(node);
    if (/^(MatMul|FusedMatMul|Gemm)$/.test(node.operator.name)) found.push(node);
    // The body stands in the node's place where there is one; its results are what the node gives.
    stack.push(...node.inputs, ...(node.body?.outputs ?? []));
  }
  return found;
}

const graph = createGraph("products");
const r = random(0, "products");
const inputs: Record<string, Value> = {};
const results: Record<string, Value> = {};
const made = new Map<Tensor, Tensor>();
const stand = (t: Tensor): Tensor => {
  const known = made.get(t);
  if (known) return known;
  const shape = shapeOf(t);
  const key = `x${made.size}`;
  const tensor = input(graph, key, t.dtype, shape);
  made.set(t, tensor);
  inputs[key] = float32(
    Float32Array.from({ length: count(shape) }, () => r.normal()),
    shape,
  );
  return tensor;
};
const found = products(step);
let operations = 0;
for (const [i, { operator, inputs: operands, attributes, outputs }] of found.entries()) {
  const y = apply(operator, operands.map(stand), attributes);
  output(`y${i}`, y);
  const shape = shapeOf(outputs[0]!);
  const [a, b] = operands.map((t) => count(shapeOf(t))) as [number, number];
  // a = batch·M·K, b = batch·K·N or K·N, y = batch·M·N: K from what is left of a when y's columns are known.
  const columns = shape.at(-1)!;
  const inner = a / (count(shape) / columns);
  operations += 2 * count(shape) * inner;
  if (!Number.isInteger(inner) || b % inner !== 0)
    throw new Error(`product ${i}: ${operands.map((t) => `[${shapeOf(t)}]`)} → [${shape}]`);
  results[`y${i}`] = float32(new Float32Array(count(shape)), shape);
}
const session = await createSession(graph, { threads });
const parts = batch / part;
const seconds: number[] = [];
for (let i = 0; i < steps; i++) {
  const start = performance.now();
  for (let p = 0; p < parts; p++) await session.run(inputs, results);
  seconds.push((performance.now() - start) / 1000);
}
await session.release();
const best = Math.min(...seconds);
console.log(
  JSON.stringify({
    case: name,
    threads,
    products: found.length,
    parts,
    operations: operations * parts,
    seconds: median(seconds.slice(3)),
    best,
    gflops: (operations * parts) / best / 1e9,
  }),
);
