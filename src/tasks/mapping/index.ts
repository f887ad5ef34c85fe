export { loadMapping, type MappedSplit, type ReadMappedOptions, readMapped } from "./read.ts";
export { type MappingName, readyMappings } from "./ready.ts";
export { recordsOf } from "./records.ts";
export type { Mapping } from "./schema.ts";
