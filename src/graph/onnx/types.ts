import type { DType } from "../tensor.ts";

/** `TensorProto.DataType` numbers of onnx.proto. */
export const onnxTypes = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const satisfies Record<DType, number>;

/** Bytes of one element. */
export const elementBytes = {
  float32: 4,
  uint8: 1,
  int32: 4,
  int64: 8,
  bool: 1,
  float16: 2,
  float64: 8,
  bfloat16: 2,
} as const satisfies Record<DType, number>;
