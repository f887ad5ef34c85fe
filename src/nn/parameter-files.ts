/** Parameters that stay in files, which ONNX Runtime maps into memory without a copy. */
import {
  add,
  cast,
  concat,
  type DType,
  external,
  type Graph,
  gemm,
  matMulNBits,
  type QuantizedBits,
  type Tensor,
} from "../graph/index.ts";
import type { ParameterSource } from "./parameters.ts";

/** The location of the bytes of a tensor. */
interface FileRange {
  dtype: DType;
  path: string;
  /** Bytes from the start of the file. */
  offset: number;
  length: number;
}

/** The location of a quantized matrix: packed integers and scales. */
export interface QuantizedRanges {
  bits: QuantizedBits;
  packed: FileRange & { shape: readonly number[] };
  scales: FileRange & { shape: readonly number[] };
}

/**
 * Larger matrices are split into parts of at most this many bytes. ONNX Runtime creates the float32 copy of a narrower
 * tensor once per session only up to 1 GiB (else at every run), and packing a matrix temporarily doubles its memory, which
 * for a vocabulary of 150,000 tokens would dominate the memory of the process.
 */
const LARGEST = 2 ** 27;

/** A range of rows of a matrix with `of` rows. */
interface RowRange {
  first: number;
  rows: number;
  of: number;
}

const rowsOf = ({ offset, length, ...place }: FileRange, { first, rows, of }: RowRange): FileRange => ({
  ...place,
  offset: offset + (length / of) * first,
  length: (length / of) * rows,
});

/** Splits a matrix of `of` rows and `bytes` bytes into about equal ranges of at most `largest` bytes. */
function rangesOf(of: number, bytes: number, largest: number): RowRange[] {
  const rows = Math.ceil(of / Math.ceil(bytes / largest));
  return Array.from({ length: Math.ceil(of / rows) }, (_, i) => ({
    first: i * rows,
    rows: Math.min(rows, of - i * rows),
    of,
  }));
}

/**
 * Parameters in files, float32 in the graph: float32 is mapped without conversion; for bfloat16, float16 and float64 a
 * session keeps a copy. `location` is the file range of a tensor; `quantized` that of a matrix used only in products, null
 * if it is not quantized. Matrices of more than `largest` bytes are multiplied in parts.
 */
export function fileParameters(
  graph: Graph,
  location: (name: string) => FileRange,
  quantized: (name: string) => QuantizedRanges | null = () => null,
  largest = LARGEST,
): ParameterSource {
  const made = new Map<string, Tensor>();
  const once = (name: string, make: () => Tensor): Tensor => {
    const known = made.get(name) ?? make();
    made.set(name, known);
    return known;
  };
  const stored = (name: string, { dtype, ...file }: FileRange, shape: readonly number[]): Tensor =>
    once(name, () => cast(external(graph, name, dtype, shape, file), "float32"));

  const quantizedRows = (name: string, matrix: QuantizedRanges, range: RowRange) => {
    const part = (kind: "packed" | "scales"): Tensor => {
      const { shape, ...file } = matrix[kind];
      const { dtype, ...bytes } = rowsOf(file, range);
      const partName = `${name}.${kind}`;
      return once(partName, () => external(graph, partName, dtype, [range.rows, ...shape.slice(1)], bytes));
    };
    return { packed: part("packed"), scales: part("scales") };
  };

  const product: ParameterSource["product"] = (name, x, outputs, added) => {
    const inputs = x.shape[1] as number;
    const form = quantized(name);
    const bytes = (outputs * inputs * (form?.bits ?? 32)) / 8;
    if (!form && bytes <= largest) return null;
    const ranges = rangesOf(outputs, bytes, largest);
    const more = added();
    // the kernel of an unsplit quantized matrix adds the bias
    const bias = form && ranges.length === 1 && more?.shape.length === 1 ? more : undefined;
    const parts = ranges.map((range) => {
      const partName = ranges.length === 1 ? name : `${name}.${range.first}`;
      if (form)
        return matMulNBits(x, quantizedRows(partName, form, range), form.bits, { ...(bias && { bias }) });
      const weight = stored(partName, rowsOf(location(name), range), [range.rows, inputs]);
      return gemm(x, weight, { transB: true });
    });
    const made = concat(parts, 1);
    return more && !bias ? add(made, more) : made;
  };
  return Object.assign((name: string, shape: readonly number[]) => stored(name, location(name), shape), {
    product,
  });
}
