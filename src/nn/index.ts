/** Parameters and where they are stored, layers, losses. */
export { layerNorm, linear, product, rmsNorm, swiGlu } from "./layers.ts";
export { crossEntropy, meanSquaredError } from "./losses.ts";
export { fileParameters, type QuantizedRanges } from "./parameter-files.ts";
export { type ParameterSource, parameterInputs, withPrefix } from "./parameters.ts";
export {
  createStore,
  fillStore,
  type Kernels,
  kernelsOn,
  type ParameterStore,
  siblingStore,
} from "./store.ts";
