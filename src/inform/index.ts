export { bestMatch, type Match } from "./match.ts";
export { type PreparedExample, prepareExample } from "./prepared-example.ts";
export { type InformOptions, inform } from "./run.ts";
export { type InformResult, type InformVerdict, informSchema, type ReaderResult } from "./schema.ts";
export { type HelperJudgment, judgeHelpers } from "./verdict.ts";
