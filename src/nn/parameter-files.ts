/** Parameters that stay in files: ONNX Runtime maps them, so that no copy of them is made on the way. */
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

/** Where the bytes of a tensor lie. */
export interface FileRange {
  dtype: DType;
  path: string;
  /** Bytes from the start of the file. */
  offset: number;
  length: number;
}

/** Where a matrix lies that was rounded to a few bits (`QuantizedMatrix`). */
export interface QuantizedRanges {
  bits: QuantizedBits;
  packed: FileRange & { shape: readonly number[] };
  scales: FileRange & { shape: readonly number[] };
}

/**
 * Larger matrices are taken in parts of so many bytes. The float32 copy of a narrower tensor is made once, when a session
 * starts, only if it takes at most 1 GiB (ONNX Runtime would make it again at every run); and a matrix that is packed
 * stands in memory twice meanwhile, which for a head of 150,000 words is what the whole process needs most for.
 */
const LARGEST = 2 ** 27;

/** Some rows of a matrix of `of`. */
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

/** A matrix of so many bytes in ranges of at most `largest`, about equal. */
function rangesOf(of: number, bytes: number, largest: number): RowRange[] {
  const rows = Math.ceil(of / Math.ceil(bytes / largest));
  return Array.from({ length: Math.ceil(of / rows) }, (_, i) => ({
    first: i * rows,
    rows: Math.min(rows, of - i * rows),
    of,
  }));
}

/**
 * Parameters in files, float32 to the graph whatever they are stored as: float32 is mapped as it is, of bfloat16,
 * float16 and float64 a session keeps a copy. `place` says where each lies; `quantised` where a matrix lies that is
 * only ever multiplied with, null for those that are not rounded; matrices of more than `largest` bytes are multiplied
 * with in parts.
 */
export function fileParameters(
  graph: Graph,
  place: (name: string) => FileRange,
  quantised: (name: string) => QuantizedRanges | null = () => null,
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

  const rounded = (name: string, place: QuantizedRanges, range: RowRange) => {
    const part = (kind: "packed" | "scales"): Tensor => {
      const { shape, ...file } = place[kind];
      const { dtype, ...bytes } = rowsOf(file, range);
      const called = `${name}.${kind}`;
      return once(called, () => external(graph, called, dtype, [range.rows, ...shape.slice(1)], bytes));
    };
    return { packed: part("packed"), scales: part("scales") };
  };

  const product: ParameterSource["product"] = (name, x, outputs, added) => {
    const inputs = x.shape[1] as number;
    const form = quantised(name);
    const bytes = (outputs * inputs * (form?.bits ?? 32)) / 8;
    if (!form && bytes <= largest) return null;
    const ranges = rangesOf(outputs, bytes, largest);
    const more = added();
    // A whole rounded matrix adds its bias itself.
    const bias = form && ranges.length === 1 && more?.shape.length === 1 ? more : undefined;
    const parts = ranges.map((range) => {
      const called = ranges.length === 1 ? name : `${name}.${range.first}`;
      if (form) return matMulNBits(x, rounded(called, form, range), form.bits, { ...(bias && { bias }) });
      const weight = stored(called, rowsOf(place(name), range), [range.rows, inputs]);
      return gemm(x, weight, { transB: true });
    });
    const made = concat(parts, 1);
    return more && !bias ? add(made, more) : made;
  };
  return Object.assign((name: string, shape: readonly number[]) => stored(name, place(name), shape), {
    product,
  });
}
