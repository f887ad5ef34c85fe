export { add } from "./add.ts";
export { attention } from "./attention.ts";
export { cast } from "./cast.ts";
export { concat } from "./concat.ts";
export { div } from "./div.ts";
export { erf } from "./erf.ts";
export { exp } from "./exp.ts";
export { expand } from "./expand.ts";
export { type FusedMatMulOptions, fusedMatMul } from "./fused-mat-mul.ts";
export { gather } from "./gather.ts";
export { gatherND } from "./gather-nd.ts";
export { type GemmOptions, gemm } from "./gemm.ts";
export {
  type GroupQueryInputs,
  type GroupQueryOutputs,
  groupQueryAttention,
} from "./group-query-attention.ts";
export { detach } from "./identity.ts";
export { log } from "./log.ts";
export { logSoftmax } from "./log-softmax.ts";
export { matMul } from "./mat-mul.ts";
export { matMulNBits, type QuantizedBits, type QuantizedMatrix } from "./mat-mul-n-bits.ts";
export { mul, scaled } from "./mul.ts";
export { multiHeadAttention } from "./multi-head-attention.ts";
export { neg } from "./neg.ts";
export { reciprocal } from "./reciprocal.ts";
export { reduceMean } from "./reduce-mean.ts";
export { reduceSum } from "./reduce-sum.ts";
export { type OperatorName, operators } from "./registry.ts";
export { reshape } from "./reshape.ts";
export { rmsNormalization } from "./rms-normalization.ts";
export { rotaryEmbedding } from "./rotary-embedding.ts";
export { scatterAdd } from "./scatter-nd.ts";
export { sigmoid } from "./sigmoid.ts";
export { silu } from "./silu.ts";
export { slice } from "./slice.ts";
export { softmax } from "./softmax.ts";
export { sqrt } from "./sqrt.ts";
export { sub } from "./sub.ts";
export { tanh } from "./tanh.ts";
export { swapLast, transpose } from "./transpose.ts";
export { where } from "./where.ts";
