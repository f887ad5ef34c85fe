export { cacheDirectory } from "./cache.ts";
export { defined } from "./defined.ts";
export { type ErrorCode, type ErrorId, type ErrorParts, ensure, errorIds, LintelError } from "./errors.ts";
export { MOST_SEEDS } from "./limits.ts";
export { LOCK_FILE, type LockOptions, lockDirectory, withLock } from "./lock.ts";
export { usableCores, usableMemory } from "./machine.ts";
export {
  availableMemory,
  bytesText,
  type MemoryParts,
  memoryTotal,
  PROCESS_BYTES,
  requireMemory,
} from "./memory.ts";
export { libcName, notLoaded, packageVersion, runtimeBinaries } from "./native.ts";
export { nearest, unknownName } from "./nearest.ts";
export { isHeld } from "./presence.ts";
export { printable, printableLine } from "./printable.ts";
export type { OnProgress, ProgressEvent } from "./progress.ts";
export { type Random, random } from "./random.ts";
export * from "./renamed.ts";
export { checkSchemaVersion, SCHEMA_VERSION, withSchemaVersion } from "./schema-version.ts";
export { TimeBudgetError, withinTime } from "./time-budget.ts";
export { lintelVersion } from "./version.ts";
export { parseWorkerEvent, TRY_AGAIN, type WorkerEvent } from "./worker-events.ts";
export { wrapText } from "./wrap.ts";
