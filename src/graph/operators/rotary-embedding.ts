import { ensure } from "../../util/index.ts";
import type { Dim } from "../dims.ts";
import { apply, constant, type Operator, type Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import { cast } from "./cast.ts";
import { concat } from "./concat.ts";
import { gather } from "./gather.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";

/**
 * Rotary position embedding, rotate-half convention (Su et al. 2021 as in Hugging Face): channel i of the first half
 * of a head is rotated against channel i of its second half by the angle of its token.
 *
 * `x` [B, T, heads·d]; `cos`, `sin` [R, d/2], tables of angles; `rows` int64 [B, T] the row of each token: a row per
 * token fits any position scheme (M-RoPE), a shared table fits images of one size.
 */
export const rotaryEmbedding = (x: Tensor, heads: number, cos: Tensor, sin: Tensor, rows: Tensor): Tensor =>
  apply(RotaryEmbedding, [x, rows, cos, sin], { num_heads: heads });

/** The same from elementary operators: [x₁, x₂] → [x₁c − x₂s, x₂c + x₁s]. */
function composed(x: Tensor, heads: number, cos: Tensor, sin: Tensor, rows: Tensor): Tensor {
  const [B, T, width] = x.shape as [Dim, Dim, number];
  const half = width / heads / 2;
  const perToken = (t: Tensor) => reshape(gather(t, rows), [B, T, 1, half]);
  const c = perToken(cos);
  const s = perToken(sin);
  const h = reshape(x, [B, T, heads, 2 * half]);
  const a = slice(h, 3, 0, half);
  const b = slice(h, 3, half, 2 * half);
  return reshape(concat([add(mul(a, c), neg(mul(b, s))), add(mul(b, c), mul(a, s))], 3), x.shape);
}

export const RotaryEmbedding: Operator = {
  name: "RotaryEmbedding",
  infer: ([x, rows, cos, sin], { num_heads }) => {
    const width = x!.shape[2];
    const half = (width as number) / (num_heads as number) / 2;
    ensure(
      x!.shape.length === 3 &&
        rows!.dtype === "int64" &&
        [cos!, sin!].every((t) => t.shape.length === 2 && t.shape[1] === half) &&
        cos!.shape[0] === sin!.shape[0],
      "graph",
      () => ({
        where: "RotaryEmbedding",
        expected: `x [B, T, heads·d], rows int64 [B, T], cos and sin [R, ${half}]`,
        got: `[${x!.shape}], ${rows!.dtype} [${rows!.shape}], [${cos!.shape}], [${sin!.shape}]`,
      }),
    );
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  onnx: ({ inputs, outputs, attributes }) => ({
    type: "RotaryEmbedding",
    domain: "com.microsoft",
    inputs,
    outputs,
    // A whole head is rotated: rotary_embedding_dim = 0 says so; the kernel reads the head size from the caches.
    attributes: { num_heads: attributes.num_heads!, interleaved: 0 },
  }),
  // A rotation's transpose is the rotation by the opposite angle. Tables are data, not parameters.
  gradient: ({ inputs: [, rows, cos, sin], attributes, outputGradients: [g] }) => [
    rotaryEmbedding(g!, attributes.num_heads as number, cos!, neg(sin!), rows!),
    null,
    null,
    null,
  ],
  compose: ([x, rows, cos, sin], { num_heads }) => [composed(x!, num_heads as number, cos!, sin!, rows!)],
  cases: (
    [
      [1, 1, 1, 2],
      [2, 3, 2, 4],
      [1, 4, 2, 6],
      [3, 1, 1, 4],
    ] as const
  ).map(([B, T, heads, d]) => ({
    name: `[${B}, ${T}, ${heads}·${d}]`,
    inputs: [{ shape: [B, T, heads * d] }],
    build: (x) => {
      const angles = Array.from({ length: (B * T * d) / 2 }, (_, i) => 0.7 * i);
      const table = (f: (angle: number) => number) =>
        cast(constant(x!.graph, "float64", [B * T, d / 2], angles.map(f)), x!.dtype);
      const rows = constant(
        x!.graph,
        "int64",
        [B, T],
        Array.from({ length: B * T }, (_, i) => i),
      );
      return rotaryEmbedding(x!, heads, table(Math.cos), table(Math.sin), rows);
    },
  })),
};
