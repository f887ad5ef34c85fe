export { loadMapping, type ReadMappedOptions, readMapped } from "./read.ts";
export { type MappingName, readyMappings } from "./ready.ts";
export type { Mapping } from "./schema.ts";
