export type { AnswerForm } from "./answers.ts";
export { withListedOptions } from "./listed.ts";
export { loadMapping, type MappedSplit, type ReadMappedOptions, readMapped } from "./read.ts";
export { type MappingName, readyMappings } from "./ready.ts";
export type { Mapping } from "./schema.ts";
