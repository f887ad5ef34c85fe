/** The published families of latent-token models: block rules, prompts, oracles and answer readers. */
export { plannedOption } from "./answers/boxed.ts";
export { carefulChoice } from "./answers/careful/index.ts";
export { familyOnBenchmark, readerNamed } from "./answers/readers.ts";
export { boxRows } from "./box.ts";
export { parseFamily, readFamily } from "./file.ts";
export { boundsText, type FetchImageBounds, type PixelBounds, visualTokenBounds } from "./images.ts";
export { families, familyNamed, familyOf } from "./registry.ts";
export { blockRules } from "./rules.ts";
export type { BlockRules, ContentPart, Family, LatentHeadRules, ResponsePart, StopRules } from "./types.ts";
