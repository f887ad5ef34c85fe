/** Random graphs for property tests: matrices through random operators, with gradients. */
import fc from "fast-check";
import {
  add,
  concat,
  createGraph,
  evaluateDim,
  exp,
  type Graph,
  gradients,
  input,
  matMul,
  mul,
  multiplyDims,
  output,
  reduceMean,
  reduceSum,
  reshape,
  slice,
  softmax,
  swapLast,
  type Tensor,
  tanh,
} from "./index.ts";

/** One step of a random program: which operator, on which of the tensors so far. */
export interface Step {
  kind: number;
  a: number;
  b: number;
}

const kinds: ((a: Tensor, b: Tensor) => Tensor)[] = [
  (a) => tanh(a),
  (a) => softmax(a),
  (a) => exp(tanh(a)),
  (a) => swapLast(a),
  (a) => add(a, a),
  (a) => concat([a, a], 0),
  (a) => reduceSum(a, [1], true),
  (a) => reduceMean(a, [0], true),
  (a) => slice(a, 0, 0, 1),
  (a) => reshape(reshape(a, [1, multiplyDims(...a.shape)]), a.shape),
  (a) => matMul(a, swapLast(a)),
  (a, b) => (a.shape.join() === b.shape.join() ? mul(a, b) : a),
  (a, b) => (a.shape[1] === b.shape[1] ? concat([a, b], 0) : b),
];

/** Random programs. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.integer({ min: 0, max: kinds.length - 1 }),
    a: fc.nat(100),
    b: fc.nat(100),
  }),
  { minLength: 1, maxLength: 8 },
);

/** Matrices only, so that every operator applies; sizes are kept small by leaving out what grew too large. */
export function build(program: readonly Step[], sizes: Record<string, number>): Graph {
  const g = createGraph("random");
  const tensors = [input(g, "x", "float32", ["M", "N"]), input(g, "y", "float32", ["N", 3])];
  const small = (t: Tensor) => t.shape.reduce<number>((n, dim) => n * evaluateDim(dim, sizes), 1) <= 512;
  for (const { kind, a, b } of program) {
    const made = kinds[kind]!(tensors[a % tensors.length]!, tensors[b % tensors.length]!);
    if (small(made)) tensors.push(made);
  }
  for (const [i, t] of tensors.entries()) output(`out${i}`, t);
  const last = tensors.at(-1)!;
  for (const [i, t] of gradients(reduceSum(last, [0, 1]), tensors.slice(0, 2)).entries()) {
    output(`gradient${i}`, t);
  }
  return g;
}
