export * from "./registry.ts";
export { runSuites } from "./run.ts";
export type { Analysis, AnalysisResult, Suite, SuiteContext } from "./types.ts";
