export { type Choice, type CrossFitted, crossFit, type FitOptions, type OptionFeatures } from "./choice.ts";
export { hashedWidth, optionsReader, questionReader } from "./readers.ts";
