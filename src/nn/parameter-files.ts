/** Parameters that stay in files: ONNX Runtime maps them, so that no copy of them is made on the way. */
import {
  cast,
  concat,
  type DType,
  external,
  type Graph,
  gemm,
  matMulNBits,
  type QuantisedBits,
  type Tensor,
} from "../graph/index.ts";
import type { ParameterSource } from "./parameters.ts";

/** Where the bytes of a tensor lie. */
export interface FilePlace {
  dtype: DType;
  path: string;
  /** Bytes from the start of the file. */
  offset: number;
  length: number;
}

/** Where a matrix lies that was rounded to a few bits (`QuantisedMatrix`). */
export interface QuantisedPlace {
  bits: QuantisedBits;
  packed: FilePlace & { shape: readonly number[] };
  scales: FilePlace & { shape: readonly number[] };
}

/**
 * The float32 copy of a tensor is made once, when a session starts, if it takes at most 1 GiB; otherwise ONNX Runtime
 * would make it again at every run. Larger matrices are hence taken in parts, each well below.
 */
const LARGEST_COPY = 2 ** 29;

/**
 * Parameters in files, float32 to the graph whatever they are stored as: float32 is mapped as it is, of bfloat16,
 * float16 and float64 a session keeps a copy. `place` says where each lies; `quantised` where a matrix lies that is
 * only ever multiplied with, null for those that are not rounded.
 *
 * @example
 * const place = { dtype: "bfloat16", path: "model.safetensors", offset: 264, length: 24 };
 * const source = parameterFiles(createGraph("model"), () => place);
 * source("w", [3, 4]); // float32 [3, 4], from the file's bfloat16
 */
export function parameterFiles(
  graph: Graph,
  place: (name: string) => FilePlace,
  quantised: (name: string) => QuantisedPlace | null = () => null,
): ParameterSource {
  const made = new Map<string, Tensor>();
  const once = (name: string, make: () => Tensor): Tensor => {
    const known = made.get(name) ?? make();
    made.set(name, known);
    return known;
  };
  const stored = (name: string, { dtype, ...file }: FilePlace, shape: readonly number[]): Tensor =>
    once(name, () => cast(external(graph, name, dtype, shape, file), "float32"));

  const product = (name: string, x: Tensor, outputs: number): Tensor | null => {
    const rounded = quantised(name);
    if (rounded) {
      const { bits, packed, scales } = rounded;
      const part = (kind: string, { shape, dtype, ...file }: FilePlace & { shape: readonly number[] }) =>
        once(`${name}.${kind}`, () => external(graph, `${name}.${kind}`, dtype, shape, file));
      return matMulNBits(x, { packed: part("packed", packed), scales: part("scales", scales) }, bits);
    }
    const whole = place(name);
    const inputs = x.shape[1] as number;
    if (whole.dtype === "float32" || outputs * inputs * 4 <= LARGEST_COPY) return null;
    const rows = Math.floor(LARGEST_COPY / 4 / inputs);
    const parts: Tensor[] = [];
    for (let first = 0; first < outputs; first += rows) {
      const count = Math.min(rows, outputs - first);
      const bytes = whole.length / outputs;
      const of = { ...whole, offset: whole.offset + first * bytes, length: count * bytes };
      parts.push(gemm(x, stored(`${name}.${first}`, of, [count, inputs]), { transB: true }));
    }
    return concat(parts, 1);
  };
  return Object.assign((name: string, shape: readonly number[]) => stored(name, place(name), shape), {
    product,
  });
}
