/** Models of the Hugging Face Hub: cache and downloads. */
export { parseModelId } from "./cache.ts";
export { resolveModel } from "./resolve.ts";
