export { buildReport, writeReport } from "./build.ts";
export { readResults } from "./gather.ts";
export { summarise } from "./text.ts";
