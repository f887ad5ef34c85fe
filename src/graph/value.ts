/** Values that go into and come out of a session. */
import type { DType } from "./tensor.ts";

export type TensorData = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | Uint16Array;

/** A typed array with its shape: an input or an output of a session. */
export interface Value {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/**
 * A float32 value.
 *
 * @example
 * float32(Float32Array.of(1, 2), [2]).dtype; // "float32"
 */
export const float32 = (data: Float32Array, shape: readonly number[]): Value => ({
  dtype: "float32",
  data,
  shape,
});

/**
 * An int64 value from numbers.
 *
 * @example
 * int64([1, 2], [2]).data; // BigInt64Array [1n, 2n]
 */
export const int64 = (data: ArrayLike<number>, shape: readonly number[]): Value => ({
  dtype: "int64",
  data: BigInt64Array.from({ length: data.length }, (_, i) => BigInt(data[i]!)),
  shape,
});

/**
 * An int32 value from numbers.
 *
 * @example
 * int32([1, 2], [2]).data; // Int32Array [1, 2]
 */
export const int32 = (data: ArrayLike<number>, shape: readonly number[]): Value => ({
  dtype: "int32",
  data: Int32Array.from(data),
  shape,
});

/**
 * A bool value from 0/1 bytes.
 *
 * @example
 * bool(Uint8Array.of(1, 0), [2]).dtype; // "bool"
 */
export const bool = (data: Uint8Array, shape: readonly number[]): Value => ({ dtype: "bool", data, shape });
