export { type ErrorCode, type ErrorParts, ensure, LintelError } from "./errors.ts";
export { nearest, unknownName } from "./nearest.ts";
export type { OnProgress, ProgressEvent } from "./progress.ts";
export { type Random, random } from "./random.ts";
