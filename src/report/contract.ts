/** The one place where this room touches the study's contract. */
export { type CellResult, type Finding, type Results, resultsSchema } from "../study/index.ts";
