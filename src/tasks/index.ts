export * from "./dataset/index.ts";
export { described } from "./describe.ts";
export { balancedPositions } from "./draw.ts";
export { type DatasetFormat, type LayoutName, writeRecords } from "./formats/index.ts";
export { type Generated, type GenerateOptions, generateDataset } from "./generate.ts";
export { type GridMap, movesIn, reachesGoal, shortestMoves } from "./grid-moves.ts";
export {
  type MappedSplit,
  type Mapping,
  type MappingName,
  type ReadMappedOptions,
  readMapped,
  readyMappings,
  recordsOf,
} from "./mapping/index.ts";
export { optionImages } from "./option-images.ts";
export { parameterValues, resolveParameters } from "./parameters.ts";
export { type TaskName, taskNamed, tasks } from "./registry.ts";
export * from "./types.ts";
