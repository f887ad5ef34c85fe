import { ensure, LintelError } from "../../util/index.ts";

/** What one element of each safetensors type takes, and the array that holds it (little-endian machines only). */
export const dtypes = {
  BOOL: { bits: 8, array: Uint8Array },
  F4: { bits: 4, array: Uint8Array },
  F6_E2M3: { bits: 6, array: Uint8Array },
  F6_E3M2: { bits: 6, array: Uint8Array },
  U8: { bits: 8, array: Uint8Array },
  I8: { bits: 8, array: Int8Array },
  F8_E5M2: { bits: 8, array: Uint8Array },
  F8_E4M3: { bits: 8, array: Uint8Array },
  F8_E8M0: { bits: 8, array: Uint8Array },
  I16: { bits: 16, array: Int16Array },
  U16: { bits: 16, array: Uint16Array },
  F16: { bits: 16, array: Uint16Array },
  BF16: { bits: 16, array: Uint16Array },
  I32: { bits: 32, array: Int32Array },
  U32: { bits: 32, array: Uint32Array },
  F32: { bits: 32, array: Float32Array },
  C64: { bits: 64, array: Float32Array },
  F64: { bits: 64, array: Float64Array },
  I64: { bits: 64, array: BigInt64Array },
  U64: { bits: 64, array: BigUint64Array },
} as const;

/** Name of an element type, as safetensors spells it. */
export type Dtype = keyof typeof dtypes;

/** The array that holds a tensor's elements. 16-bit floats stay as their bits (`Uint16Array`). */
export type TensorData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** A tensor as stored in a file: row-major; `shape` is empty for a scalar. */
export interface Tensor {
  dtype: Dtype;
  shape: number[];
  data: TensorData;
}

/**
 * Bytes that `shape` elements of `dtype` take; null where the product leaves the integers a double holds
 * exactly, or where elements narrower than a byte do not fill whole bytes.
 *
 * @example
 * byteLength("BF16", [3, 4]); // 24
 */
export function byteLength(dtype: Dtype, shape: readonly number[]): number | null {
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count)) return null;
  }
  const bits = count * dtypes[dtype].bits;
  return Number.isSafeInteger(bits) && bits % 8 === 0 ? bits / 8 : null;
}

/**
 * A float32 tensor around `data`. Throws `LintelError` "input" if the shape does not hold as many elements.
 *
 * @example
 * float32([2, 2], new Float32Array([1, 2, 3, 4])).dtype; // "F32"
 */
export function float32(shape: readonly number[], data: Float32Array): Tensor {
  ensure(byteLength("F32", shape) === data.byteLength, "input", () => ({
    where: "float32 tensor",
    expected: `${shape.join("×") || 1} elements`,
    got: String(data.length),
  }));
  return { dtype: "F32", shape: [...shape], data };
}

/** bfloat16 is the upper half of a float32: exact. */
function fromBfloat16(bits: Uint16Array): Float32Array {
  const wide = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = bits[i]! << 16;
  return new Float32Array(wide.buffer);
}

let halves: Float32Array | null = null;

/** All 65,536 half-precision values; a table is the fastest way to convert weights. */
function halfTable(): Float32Array {
  if (halves) return halves;
  halves = new Float32Array(65536);
  for (let i = 0; i < 65536; i++) {
    const sign = i & 0x8000 ? -1 : 1;
    const exponent = (i >> 10) & 31;
    const fraction = i & 1023;
    if (exponent === 31) halves[i] = fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    else halves[i] = sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24);
  }
  return halves;
}

/**
 * The elements of a tensor whose bytes are `bytes`, as float32; see `toFloat32`.
 *
 * @example
 * floatsOf("BF16", new Uint16Array([0x3f80]).buffer); // Float32Array [1]
 */
export const floatsOf = (dtype: Dtype, bytes: ArrayBuffer): Float32Array =>
  toFloat32({ dtype, shape: [], data: new dtypes[dtype].array(bytes) });

/**
 * The elements as float32. Exact for BF16, F16, F32 and integers up to 2²⁴; F64 and larger integers are rounded.
 * Float32 data is returned itself, not copied. Throws `LintelError` "checkpoint" for types that hold no plain
 * numbers (complex, 8-bit and narrower floats).
 *
 * @example
 * toFloat32({ dtype: "BF16", shape: [2], data: new Uint16Array([0x3f80, 0xc000]) }); // Float32Array [1, -2]
 */
export function toFloat32(tensor: Tensor): Float32Array {
  const { dtype, data } = tensor;
  switch (dtype) {
    case "F32":
      return data as Float32Array;
    case "BF16":
      return fromBfloat16(data as Uint16Array);
    case "F16": {
      const table = halfTable();
      return Float32Array.from(data as Uint16Array, (bits) => table[bits]!);
    }
    case "I64":
    case "U64":
      return Float32Array.from(data as BigInt64Array, Number);
    case "F64":
    case "I32":
    case "U32":
    case "I16":
    case "U16":
    case "I8":
    case "U8":
    case "BOOL":
      return Float32Array.from(data as Float64Array);
    default:
      throw new LintelError("checkpoint", {
        where: "conversion to float32",
        expected: "a tensor of floats of 16 bits or more, integers or booleans",
        got: dtype,
        attempt: "saving the checkpoint as bfloat16 or float32",
      });
  }
}
