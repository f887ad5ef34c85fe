export { type CellOptions, runCell } from "./cell.ts";
export { type Executor, executorNamed, executors, type Job, slurmParameters } from "./executors/index.ts";
export { findings } from "./findings/index.ts";
export type { Factors, LeaderboardRow, Rate, Relation, Standing } from "./frontier/schema.ts";
export { type CellPlan, cellsOf, parsePlan, type StudyInput, type StudyPlan } from "./plan.ts";
export { loadPlan, presets } from "./presets/index.ts";
export { type CellResult, type Finding, type Results, resultsSchema } from "./results.ts";
export { planOf, runStudy, type StudyOptions } from "./run.ts";
export { estimatedSeconds, type Selection, selectPlan } from "./select.ts";
