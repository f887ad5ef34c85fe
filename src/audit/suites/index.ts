export type { AnalysisName } from "./analyses/index.ts";
export { analysesMarkdown, analysisRecords } from "./analyses/records.ts";
export { type Control, controls, controlsMarkdown } from "./controls.ts";
export { type SuiteName, suiteNames, suiteOf, suites } from "./registry.ts";
export { runSuites } from "./run.ts";
