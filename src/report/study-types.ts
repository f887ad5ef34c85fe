/** The one place where this room touches the study's contract. */
export {
  type CellResult,
  type Factors,
  type Finding,
  type LeaderboardRow,
  type Relation,
  type Results,
  resultsSchema,
  type Standing,
} from "../study/index.ts";
