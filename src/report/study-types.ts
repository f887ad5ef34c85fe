/** The one place where this room touches the study's contract. */
export {
  alterationOf,
  type CellResult,
  type Finding,
  type LeaderboardRow,
  RESTORE,
  type Relation,
  type Results,
  resultsSchema,
  type Standing,
  verifyRun,
} from "../study/index.ts";
