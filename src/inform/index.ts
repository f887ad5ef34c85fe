export { type InformOptions, inform } from "./run.ts";
export { type InformResult, type InformVerdict, informSchema } from "./schema.ts";
