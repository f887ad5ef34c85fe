/** Compares a device with the CPU operator by operator: every case, forward and gradient, in one graph. */
import { random } from "../util/index.ts";
import { createSession } from "./compile.ts";
import { deviceCases } from "./device-cases.ts";
import type { Device } from "./device-names.ts";
import { gradients } from "./gradient.ts";
import { add } from "./operators/add.ts";
import { mul } from "./operators/mul.ts";
import { reduceSum } from "./operators/reduce-sum.ts";
import { type OperatorName, operators } from "./operators/registry.ts";
import {
  constant,
  createGraph,
  type Graph,
  input,
  type OperatorCase,
  output,
  type Tensor,
} from "./tensor.ts";
import type { Value } from "./value.ts";

/** Where a device gave other numbers than the CPU. */
export interface OperatorFault {
  operator: OperatorName;
  case: string;
  part: "value" | "gradient";
  /** Largest difference, as a share of the largest number that the CPU gave; infinite where a number is missing. */
  error: number;
}

export interface OperatorCheck {
  cases: number;
  faults: OperatorFault[];
  /** Largest share of all that agreed. */
  worst: number;
}

/** Differences from the CPU up to this share of the largest number are rounding; TensorFloat-32 stays below it. */
export const TOLERANCE = 1e-3;

/** Σ wᵢ·yᵢ with random weights, so that no symmetry hides an error. */
function weighted(outputs: readonly Tensor[], name: string): Tensor {
  const stream = random(0, "weights", name);
  const sums = outputs.map((y) => {
    const count = (y.shape as number[]).reduce((a, b) => a * b, 1);
    const weights = Array.from({ length: count }, () => stream.normal());
    const product = mul(y, constant(y.graph, "float32", y.shape as number[], weights));
    const axes = product.shape.map((_, i) => i);
    return axes.length === 0 ? product : reduceSum(product, axes);
  });
  return sums.reduce((a, b) => add(a, b));
}

interface Planned {
  operator: OperatorName;
  each: OperatorCase;
}

/** The graph of some cases, with its inputs. Outputs are called by the number of their case: `3.y0`, `3.g1`. */
function graphOf(planned: readonly Planned[]): { graph: Graph; values: Record<string, Value> } {
  const graph = createGraph("operators");
  const values: Record<string, Value> = {};
  for (const [n, { operator, each }] of planned.entries()) {
    const stream = random(0, "inputs", operator, each.name);
    const xs = each.inputs.map(({ shape, range }, i) => {
      const draw = (): number =>
        range ? range[0] + (range[1] - range[0]) * stream.uniform() : stream.normal();
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw);
      values[`${n}.x${i}`] = { dtype: "float32", shape, data };
      return input(graph, `${n}.x${i}`, "float32", shape);
    });
    const ys = [each.build(...xs)].flat() as Tensor[];
    for (const [i, y] of ys.entries()) output(`${n}.y${i}`, y);
    for (const [i, g] of gradients(weighted(ys, `${operator} ${each.name}`), xs).entries()) {
      output(`${n}.g${i}`, g);
    }
  }
  return { graph, values };
}

/** All cases of these operators: their own, and larger ones. */
const casesOf = (names: readonly OperatorName[]): Planned[] =>
  names.flatMap((operator) =>
    [...operators[operator].cases, ...(deviceCases[operator] ?? [])].map((each) => ({ operator, each })),
  );

async function results(planned: readonly Planned[], device: Device): Promise<Record<string, Value>> {
  const { graph, values } = graphOf(planned);
  const session = await createSession(graph, { device, threads: 1 });
  try {
    return await session.run(values);
  } finally {
    await session.release();
  }
}

/**
 * The largest difference of two results, as a share of the largest number expected (at least 1e-3, so that zeros divide
 * by something); infinite where sizes differ or a number is not finite.
 *
 * @example
 * difference(Float32Array.of(2, 4), Float32Array.of(2, 4.04)); // ≈ 0.01
 */
export function difference(expected: ArrayLike<number | bigint>, got: ArrayLike<number | bigint>): number {
  if (expected.length !== got.length) return Number.POSITIVE_INFINITY;
  let [worst, largest] = [0, 1e-3];
  for (let i = 0; i < expected.length; i++) {
    const [want, came] = [Number(expected[i]), Number(got[i])];
    if (Object.is(want, came)) continue;
    const off = Math.abs(want - came);
    if (Number.isNaN(off)) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, off);
  }
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(Number(expected[i])));
  return worst / largest;
}

/**
 * Runs the cases of every operator (or of those with these `names`), forward and gradient, on a device and on the CPU, and reports differences.
 *
 * Errors: "runtime" where the device does not run the graph at all.
 *
 * @example
 * (await checkOperators("cpu")).faults; // []
 */
export async function checkOperators(
  device: Device,
  names: readonly OperatorName[] = Object.keys(operators) as OperatorName[],
): Promise<OperatorCheck> {
  const planned = casesOf(names);
  const [expected, got] = [await results(planned, "cpu"), await results(planned, device)];
  const found = new Map<string, OperatorFault>();
  let worst = 0;
  for (const [name, value] of Object.entries(expected)) {
    const error = difference(value.data, got[name]?.data ?? []);
    if (error <= TOLERANCE) {
      worst = Math.max(worst, error);
      continue;
    }
    const [n, what] = name.split(".") as [string, string];
    const { operator, each } = planned[Number(n)]!;
    const part = what.startsWith("y") ? "value" : "gradient";
    const key = `${n} ${part}`;
    found.set(key, { operator, case: each.name, part, error: Math.max(error, found.get(key)?.error ?? 0) });
  }
  return { cases: planned.length, faults: [...found.values()], worst };
}

/**
 * The operators of some faults, each with what is wrong of it.
 *
 * @example
 * faultText([{ operator: "Erf", case: "[3]", part: "value", error: 0.5 }]); // "Erf (value, by up to 50 %)"
 */
export function faultText(faults: readonly OperatorFault[]): string {
  const names = [...new Set(faults.map(({ operator }) => operator))];
  return names
    .map((name) => {
      const own = faults.filter(({ operator }) => operator === name);
      const parts = [...new Set(own.map(({ part }) => part))].sort().reverse();
      const most = Math.max(...own.map(({ error }) => error));
      const by = Number.isFinite(most) ? `by up to ${Math.max(1, Math.round(100 * most))} %` : "no numbers";
      return `${name} (${parts.join(" and ")}, ${by})`;
    })
    .join(", ");
}
