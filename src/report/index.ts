export { buildReport, writeReport } from "./build.ts";
export { readResults } from "./gather.ts";
export { finishedInform, informRequest, writeInform } from "./inform/write.ts";
export { summarise } from "./text.ts";
