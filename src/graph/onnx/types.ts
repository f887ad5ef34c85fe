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
