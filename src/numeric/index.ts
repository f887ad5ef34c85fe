/** Arithmetic that knows nothing of models: sums, quantiles, matrices, special functions, optimization. */
export { arrayPool } from "./array-pool.ts";
export { cholesky, solveCholesky, solveLower } from "./cholesky.ts";
export { concatenated } from "./concatenated.ts";
export { countOf, thoseOf } from "./counts.ts";
export { symmetricEigenvalues } from "./eigenvalues.ts";
export { largest, smallest } from "./extremes.ts";
export {
  type Box,
  type IntegralImage,
  integralImage,
  intersectionOverUnion,
  movedInside,
  reduced,
  thumbnail,
} from "./integral-image.ts";
export { dotAt, lbfgs } from "./lbfgs.ts";
export {
  centered,
  type Matrix,
  matrix,
  rowDot,
  rowProducts,
  selectRows,
  smallGram,
  standardized,
  unitRows,
  varyingColumns,
} from "./matrix.ts";
export { mersenneTwister, seededState } from "./mersenne-twister.ts";
export { fitPerceptron, perceptronLogProbabilities } from "./perceptron.ts";
export { quantile, upperMedian } from "./quantiles.ts";
export { fitSoftmaxRegression, logProbabilities, type Weights } from "./softmax-regression.ts";
export { cosine, dot, mean, sum } from "./sums.ts";
export { textPlaces } from "./text-places.ts";
