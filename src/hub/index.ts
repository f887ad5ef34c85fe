/** Models of the Hugging Face Hub: cache and downloads. */
export { type ModelId, parseModelId } from "./cache.ts";
export { type ResolveOptions, resolveModel } from "./resolve.ts";
export { type HubSettings, hubSettings } from "./settings.ts";
