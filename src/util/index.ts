export { type ErrorCode, type ErrorParts, ensure, LintelError } from "./errors.ts";
export { type Random, random } from "./random.ts";
