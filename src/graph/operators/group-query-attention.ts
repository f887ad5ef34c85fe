import { ensure } from "../../util/index.ts";
import { addDims, type Dim } from "../dims.ts";
import { type Attributes, applyAll, constant, type Operator, type Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import { concat } from "./concat.ts";
import { matMul } from "./mat-mul.ts";
import { mul, scaled } from "./mul.ts";
import { reduceSum } from "./reduce-sum.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { softmax } from "./softmax.ts";
import { sub } from "./sub.ts";
import { swapLast, transpose } from "./transpose.ts";

export interface GroupQueryInputs {
  /** [B, T, heads·d]. */
  q: Tensor;
  /** [B, T, kvHeads·d]; a group of query heads shares one key head. */
  k: Tensor;
  v: Tensor;
  /** [B, kvHeads, P, d]: what was cached before these tokens. */
  pastK: Tensor;
  pastV: Tensor;
  /** int32 [B], P + T − 1 each, and int32 scalar P + T: how much of the caches counts after this step. */
  lengths: Tensor;
  total: Tensor;
  /** Added to the scores, [B, 1, T, P + T]. Blocks what comes later, too: here and in the kernel. */
  bias: Tensor;
}

export interface GroupQueryOutputs {
  /** [B, T, heads·d]. */
  context: Tensor;
  /** [B, kvHeads, P + T, d]. */
  k: Tensor;
  v: Tensor;
}

/**
 * softmax(α·Q·Kᵀ + bias)·V over cached and new tokens, of which the keys and values are appended to the caches: one
 * kernel. Where a run gives the same buffer as cache and as its place among the outputs, with room for more tokens
 * than `total`, the new ones are written into it and nothing is copied.
 *
 * The kernel takes heads of a multiple of 8, and several examples only where nothing is cached or T = 1.
 */
export function groupQueryAttention(
  { q, k, v, pastK, pastV, lengths, total, bias }: GroupQueryInputs,
  heads: number,
  alpha: number,
): GroupQueryOutputs {
  const kvHeads = pastK.shape[1] as number;
  const inputs = [q, k, v, pastK, pastV, lengths, total, bias];
  const made = applyAll(GroupQueryAttention, inputs, {
    num_heads: heads,
    kv_num_heads: kvHeads,
    scale: { float: alpha },
  });
  return { context: made[0]!, k: made[1]!, v: made[2]! };
}

const alphaOf = (attributes: Attributes): number => (attributes.scale as { float: number }).float;

/** [B, T, heads·d] → [B, kvHeads, group, T, d], and back. */
function split(x: Tensor, kvHeads: number, d: number): Tensor {
  const [B, T, width] = x.shape as [Dim, Dim, number];
  return transpose(reshape(x, [B, T, kvHeads, width / kvHeads / d, d]), [0, 2, 3, 1, 4]);
}
const merge = (x: Tensor, like: Tensor): Tensor => reshape(transpose(x, [0, 3, 1, 2, 4]), like.shape);

/** What gradient and composition share: queries by group, all keys and values, and the weights. */
function parts(inputs: readonly Tensor[], attributes: Attributes) {
  const [q, k, v, pastK, pastV, , , bias] = inputs as Tensor[];
  const [B, kvHeads, P, d] = pastK!.shape as [Dim, number, Dim, number];
  const T = q!.shape[1]!;
  const total = addDims(P, T);
  /** New keys or values as caches have them. */
  const cached = (x: Tensor): Tensor => reshape(split(x, kvHeads, d), [B, kvHeads, T, d]);
  const keys = concat([pastK!, cached(k!)], 2);
  const values = concat([pastV!, cached(v!)], 2);
  const grouped = (x: Tensor): Tensor => reshape(x, [B, kvHeads, 1, total, d]);
  const queries = split(q!, kvHeads, d);
  const scores = scaled(matMul(queries, swapLast(grouped(keys))), alphaOf(attributes));
  const weights = softmax(add(scores, reshape(bias!, [bias!.shape[0]!, 1, 1, T, total])));
  return { queries, keys, values, grouped, weights, dims: { kvHeads, P, d, total } };
}

export const GroupQueryAttention: Operator = {
  name: "GroupQueryAttention",
  infer: ([q, k, v, pastK, pastV, lengths, total, bias], { num_heads, kv_num_heads }) => {
    const [B, T, width] = q!.shape;
    const d = (width as number) / (num_heads as number);
    const fits =
      q!.shape.length === 3 &&
      [k!, v!].every((t) => t.shape.join() === [B, T, (kv_num_heads as number) * d].join()) &&
      pastK!.shape.join() === [B, kv_num_heads, pastK!.shape[2], d].join() &&
      pastV!.shape.join() === pastK!.shape.join() &&
      lengths!.dtype === "int32" &&
      total!.dtype === "int32" &&
      bias!.shape.length === 4;
    ensure(fits, "graph", () => ({
      where: "GroupQueryAttention",
      expected: `q [B, T, ${num_heads}·d], k and v [B, T, ${kv_num_heads}·d], caches [B, ${kv_num_heads}, P, d], int32 lengths, a bias of rank 4`,
      got: [q!, k!, v!, pastK!, pastV!, lengths!, total!, bias!]
        .map(({ dtype, shape }) => `${dtype} [${shape}]`)
        .join(", "),
    }));
    const present = {
      dtype: q!.dtype,
      shape: [B!, kv_num_heads as number, addDims(pastK!.shape[2]!, T!), d],
    };
    return [{ dtype: q!.dtype, shape: q!.shape }, present, present];
  },
  onnx: ({ inputs, outputs, attributes }) => ({
    type: "GroupQueryAttention",
    domain: "com.microsoft",
    // Rows are rotated before: no tables, no positions.
    inputs: [...inputs.slice(0, 7), null, null, null, inputs[7]!],
    outputs,
    attributes: { ...attributes, do_rotary: 0 },
  }),
  // WebGPU's kernel is wrong for prompts of 32 tokens and more (ONNX Runtime 1.30, docs/devices.md).
  deviceReplacement: ({ inputs, attributes }, { device }) =>
    device === "webgpu" ? GroupQueryAttention.compose!(inputs, attributes) : null,
  compose: (inputs, attributes) => {
    const { weights, keys, values, grouped } = parts(inputs, attributes);
    return [merge(matMul(weights, grouped(values)), inputs[0]!), keys, values];
  },
  gradient: ({ inputs, attributes, outputGradients: [g, gKeys, gValues] }) => {
    const { queries, keys, values, grouped, weights, dims } = parts(inputs, attributes);
    const { kvHeads, P, d, total } = dims;
    const [q, k] = inputs as [Tensor, Tensor];
    const back = (all: Tensor | null): [Tensor | null, Tensor | null] => {
      if (!all) return [null, null];
      const fresh = slice(all, 2, P, total);
      return [slice(all, 2, 0, P), reshape(transpose(fresh, [0, 2, 1, 3]), k.shape)];
    };
    const sum = (a: Tensor | null, b: Tensor | null | undefined): Tensor | null =>
      a && b ? add(a, b) : (a ?? b ?? null);
    let [dq, dKeys, dValues]: (Tensor | null)[] = [null, null, null];
    if (g) {
      const dContext = split(g, kvHeads, d);
      const dWeights = matMul(dContext, swapLast(grouped(values)));
      const pull = sub(dWeights, reduceSum(mul(dWeights, weights), [-1], true));
      const dScores = scaled(mul(weights, pull), alphaOf(attributes));
      dq = merge(matMul(dScores, grouped(keys)), q);
      dKeys = reduceSum(matMul(swapLast(dScores), queries), [2]);
      dValues = reduceSum(matMul(swapLast(weights), dContext), [2]);
    }
    const [dPastK, dk] = back(sum(dKeys, gKeys));
    const [dPastV, dv] = back(sum(dValues, gValues));
    // The bias is data.
    return [dq, dk, dv, dPastK, dPastV, null, null, null];
  },
  cases: (
    [
      ["a prompt", { B: 1, T: 3, P: 0, heads: 1, kvHeads: 1 }, "context"],
      ["prompts, padded on the left", { B: 2, T: 3, P: 0, heads: 2, kvHeads: 1 }, "context"],
      ["a step", { B: 1, T: 1, P: 2, heads: 2, kvHeads: 2 }, "context"],
      ["steps of several, grouped queries", { B: 2, T: 1, P: 3, heads: 4, kvHeads: 2 }, "context"],
      ["several tokens of one", { B: 1, T: 2, P: 2, heads: 2, kvHeads: 1 }, "context"],
      ["keys", { B: 1, T: 1, P: 2, heads: 2, kvHeads: 1 }, "k"],
      ["values", { B: 2, T: 1, P: 1, heads: 1, kvHeads: 1 }, "v"],
    ] as const
  ).map(([name, { B, T, P, heads, kvHeads }, part]) => {
    const d = 8;
    const cache = { shape: [B, kvHeads, P, d] };
    const row = { shape: [B, T, kvHeads * d] };
    return {
      name,
      inputs: [{ shape: [B, T, heads * d] }, row, row, ...(P > 0 ? [cache, cache] : [])],
      build: (q, k, v, pastK, pastV) => {
        const g = q!.graph;
        const [empty, count] = [() => constant(g, q!.dtype, cache.shape, []), P + T];
        // The first token of the last example is hidden from the others, as where a prompt is padded.
        const bias = Array.from({ length: B * T * count }, (_, i) => {
          const [b, t, key] = [Math.floor(i / count / T), Math.floor(i / count) % T, i % count];
          return key > P + t || (B > 1 && b === B - 1 && key === 0 && P + t > 0) ? -1e9 : 0.1 * key;
        });
        return groupQueryAttention(
          {
            q: q!,
            k: k!,
            v: v!,
            pastK: pastK ?? empty(),
            pastV: pastV ?? empty(),
            lengths: constant(g, "int32", [B], Array<number>(B).fill(count - 1)),
            total: constant(g, "int32", [], [count]),
            bias: constant(g, q!.dtype, [B, 1, T, count], bias),
          },
          heads,
          0.4,
        )[part];
      },
    };
  }),
};
