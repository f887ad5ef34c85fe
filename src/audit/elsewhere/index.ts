export { outcomeFormats } from "./formats/index.ts";
export { type JudgeRequest, judgeFiles, type OutcomesFile } from "./judge.ts";
export { rowJsonSchema } from "./row.ts";
