/** Arithmetic that knows nothing of models: sums, quantiles, matrices, special functions, optimization. */
export { logBinomialDensity, logRegularizedBeta } from "./beta.ts";
export { bisect } from "./bisect.ts";
export { cholesky, solveCholesky, solveLower } from "./cholesky.ts";
export { symmetricEigenvalues } from "./eigenvalues.ts";
export { largest, smallest } from "./extremes.ts";
export { deviance, logGamma, logGammaUpper, stirlingError } from "./gamma.ts";
export {
  type Box,
  type IntegralImage,
  integralImage,
  intersectionOverUnion,
  movedInside,
  reduced,
  thumbnail,
} from "./integral-image.ts";
export { dotAt, lbfgs, type Objective } from "./lbfgs.ts";
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
} from "./matrix.ts";
export { logNormalCdf, normalCdf, normalQuantile } from "./normal.ts";
export { quantile, upperMedian } from "./quantiles.ts";
export { fitSoftmaxRegression, logProbabilities, type Weights } from "./softmax-regression.ts";
export { logStudentCdf, studentQuantile } from "./student.ts";
export { dot, mean, sum } from "./sums.ts";
