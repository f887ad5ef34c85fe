/** Every operator. The keys are the type of their names; a new operator is its file and one line here. */
import type { Operator } from "../tensor.ts";
import { Add } from "./add.ts";
import { Attention } from "./attention.ts";
import { Cast } from "./cast.ts";
import { Concat } from "./concat.ts";
import { Div } from "./div.ts";
import { Erf } from "./erf.ts";
import { Exp } from "./exp.ts";
import { Expand } from "./expand.ts";
import { FusedMatMul } from "./fused-mat-mul.ts";
import { Gather } from "./gather.ts";
import { GatherND } from "./gather-nd.ts";
import { Gemm } from "./gemm.ts";
import { GroupQueryAttention } from "./group-query-attention.ts";
import { Identity } from "./identity.ts";
import { Log } from "./log.ts";
import { LogSoftmax } from "./log-softmax.ts";
import { MatMul } from "./mat-mul.ts";
import { MatMulNBits } from "./mat-mul-n-bits.ts";
import { Mul } from "./mul.ts";
import { MultiHeadAttention } from "./multi-head-attention.ts";
import { Neg } from "./neg.ts";
import { Reciprocal } from "./reciprocal.ts";
import { ReduceMean } from "./reduce-mean.ts";
import { ReduceSum } from "./reduce-sum.ts";
import { Reshape } from "./reshape.ts";
import { RmsNormalization } from "./rms-normalization.ts";
import { RotaryEmbedding } from "./rotary-embedding.ts";
import { ScatterElements } from "./scatter-elements.ts";
import { ScatterND } from "./scatter-nd.ts";
import { ShapeOf } from "./shape.ts";
import { Sigmoid } from "./sigmoid.ts";
import { Silu } from "./silu.ts";
import { Slice } from "./slice.ts";
import { Softmax } from "./softmax.ts";
import { Sqrt } from "./sqrt.ts";
import { Sub } from "./sub.ts";
import { Tanh } from "./tanh.ts";
import { Transpose } from "./transpose.ts";
import { Where } from "./where.ts";

export const operators = {
  Add,
  Attention,
  Cast,
  Concat,
  Div,
  Erf,
  Exp,
  Expand,
  FusedMatMul,
  Gather,
  GatherND,
  Gemm,
  GroupQueryAttention,
  Identity,
  Log,
  LogSoftmax,
  MatMul,
  MatMulNBits,
  Mul,
  MultiHeadAttention,
  Neg,
  Reciprocal,
  ReduceMean,
  ReduceSum,
  Reshape,
  RMSNormalization: RmsNormalization,
  RotaryEmbedding,
  ScatterElements,
  ScatterND,
  Shape: ShapeOf,
  Sigmoid,
  Silu,
  Slice,
  Softmax,
  Sqrt,
  Sub,
  Tanh,
  Transpose,
  Where,
} as const satisfies Record<string, Operator>;

export type OperatorName = keyof typeof operators;
