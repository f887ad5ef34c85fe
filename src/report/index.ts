export { buildReport, writeReport } from "./build.ts";
export { finishedInform, informRequest, writeInform } from "./inform/write.ts";
export { readResults } from "./read-run.ts";
export { summaryText } from "./terminal-summary.ts";
