export { buildReport, writeReport } from "./build.ts";
export { finishedInform, informRequest, writeInform } from "./inform/write.ts";
export { readResults } from "./read-run.ts";
export { summarise } from "./terminal-summary.ts";
