import { z } from "zod";
import {
  add,
  concat,
  constant,
  type Dim,
  float32,
  type Graph,
  gather,
  input,
  int64,
  matMul,
  mul,
  multiplyDims,
  reduceSum,
  reshape,
  scalar,
  swapLast,
  type Tensor,
  type Value,
} from "../../graph/index.ts";
import { crossEntropy } from "../../nn/index.ts";
import { ensure } from "../../util/index.ts";
import { unitRows } from "./cosine.ts";
import { defineLoss, type LossBatch, type LossSite } from "./define.ts";

interface InfonceOptions {
  temperature: number;
  hardNegatives: boolean;
}

/** Rows i → column i, [N, 2]. */
function diagonal(g: Graph, n: Dim): Tensor {
  ensure(typeof n === "number", "graph", () => ({
    where: "latent loss infonce",
    expected: "a batch of known size",
    got: String(n),
  }));
  const size = n as number;
  const pairs = Array.from({ length: 2 * size }, (_, i) => Math.floor(i / 2));
  return constant(g, "int64", [size, 2], pairs);
}

function contrast(site: LossSite, options: InfonceOptions): Tensor {
  const { graph: g, batch, slots, negatives, features, headGraph, dtype } = site;
  const [predicted, wanted] = [site.predicted(), site.wanted()];
  const width = (predicted.shape.at(-1) as number) * slots;
  const perBlock = (x: Tensor, rows: readonly Dim[]) => unitRows(reshape(x, [...rows, width]));
  const own = perBlock(predicted, [batch]);
  const temperature = scalar(predicted, 1 / options.temperature);
  // Blocks of equal content are no negatives of each other.
  const same = input(g, "sameBlock", dtype, [batch, batch]);
  const logits = add(mul(matMul(own, swapLast(perBlock(wanted, [batch]))), temperature), same);
  const right = diagonal(g, batch);
  let forward = logits;
  if (options.hardNegatives && negatives > 0) {
    const rows = input(g, "negativeRow", "int64", [multiplyDims(batch, negatives * slots)]);
    const wrong = headGraph.intoSpace(gather(features, rows));
    const against = perBlock(wrong, [batch, negatives]);
    const dots = reduceSum(mul(reshape(own, [batch, 1, width]), against), [2]);
    // 0 or masked where an example has fewer, and log 2: each counts twice.
    const weight = input(g, "negativeMask", dtype, [batch, negatives]);
    forward = concat([logits, add(mul(dots, temperature), weight)], 1);
  }
  const both = add(crossEntropy(forward, right), crossEntropy(swapLast(logits), right));
  return mul(both, scalar(both, 0.5));
}

/** Added to logits that must not count. */
const MASKED = -1e9;

function contrastInputs({ examples, negatives }: LossBatch): Record<string, Value> {
  const n = examples.length;
  const same = new Float32Array(n * n);
  const keys = examples.map(({ sequence }) => sequence.oracle.join());
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) if (i !== j && keys[i] === keys[j]) same[i * n + j] = MASKED;
  }
  const sameBlock = float32(same, [n, n]);
  if (negatives === 0) return { sameBlock };
  const rows: number[] = [];
  const weights = new Float32Array(n * negatives).fill(Math.LN2);
  for (const [b, { sequence, local }] of examples.entries()) {
    const { oracle, negatives: wrong = new Int32Array(0) } = sequence;
    for (let h = 0; h < negatives; h++) {
      const block = wrong.subarray(h * oracle.length, (h + 1) * oracle.length);
      if (block.length === 0) weights[b * negatives + h] = MASKED;
      for (const feature of block.length > 0 ? block : oracle) rows.push(local.get(feature)!);
    }
  }
  return {
    sameBlock,
    negativeRow: int64(rows, [rows.length]),
    negativeMask: float32(weights, [n, negatives]),
  };
}

/**
 * Contrast of a block with the other blocks of its micro-batch, in both directions (LanteRn's `infonce_loss`, τ 0.07).
 * `hardNegatives`: the helpers that would make a wrong option right count as well, each twice.
 */
export const infonce = defineLoss({
  kind: "infonce",
  options: { temperature: z.number().positive(), hardNegatives: z.boolean() },
  wholeBlocks: true,
  hardNegatives: ({ hardNegatives }) => hardNegatives,
  inputs: contrastInputs,
  loss: contrast,
});
