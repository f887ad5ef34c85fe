export { type Case, caseOf } from "./case.ts";
export { bestMatch, type Match } from "./match.ts";
export { type InformOptions, inform } from "./run.ts";
export { type InformResult, type InformVerdict, informSchema, type ReaderResult } from "./schema.ts";
export { tableOf } from "./table.ts";
export { type HelperJudgement, judgeHelpers } from "./verdict.ts";
