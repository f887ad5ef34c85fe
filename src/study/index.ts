export { lintelCommand } from "./executors/command.ts";
export { findings } from "./findings/index.ts";
export type { LeaderboardRow, Relation, Standing } from "./frontier/schema.ts";
export {
  alterationOf,
  RESTORE,
  unsealedNote,
  type Verification,
  type VerifiedPart,
  type VerifyOptions,
  verifyRun,
} from "./integrity.ts";
export { type CellPlan, cellsOf, parsePlan, type StudyInput, seedsOf } from "./plan.ts";
export type { OnNote } from "./recipe-names.ts";
export { resourcesOf } from "./resources.ts";
export { type CellResult, type Finding, type Results, resultsSchema } from "./results.ts";
export { planOf, runStudy, type StudyOptions } from "./run.ts";
export { runCell } from "./run-cell.ts";
export { estimatedSeconds, type Selection } from "./select-cells.ts";
export { runShardedAudit } from "./sharded-audit.ts";
export { splitSelftest } from "./split-selftest.ts";
