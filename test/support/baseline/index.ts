export { type Choice, crossFit } from "./choice.ts";
export { hashedWidth, optionsReader, questionReader } from "./readers.ts";
