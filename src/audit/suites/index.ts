export type { AnalysisName } from "./analyses/index.ts";
export { analysesMarkdown, analysisRecords } from "./analysis-records.ts";
export { type Control, controls, controlsMarkdown } from "./controls.ts";
export { type SuiteName, suiteNames, suiteOf, suites } from "./registry.ts";
export { runSuites } from "./run.ts";
