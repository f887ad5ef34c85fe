/**
 * The one error class of Lintel. Users see `message`; programs switch on `code`.
 *
 * A message says where, what was expected, what came, and what to try.
 */
export type ErrorCode =
  | "usage" // bad arguments, unknown names: exit code 2
  | "input" // a file or directory that cannot be used as it is
  | "checkpoint"
  | "dataset"
  | "graph"
  | "runtime"
  | "installation" // a library of Lintel's does not load here
  | "output"; // writing failed, or the output directory cannot be used

export interface ErrorParts {
  /** The place: a file, a tensor, a node, an argument. */
  where: string;
  expected: string;
  got: string;
  /** What the reader can do about it. */
  attempt?: string;
  cause?: unknown;
}

export class LintelError extends Error {
  readonly code: ErrorCode;
  readonly parts: ErrorParts;
  constructor(code: ErrorCode, parts: ErrorParts) {
    const tail = parts.attempt ? `; try ${parts.attempt}` : "";
    super(`${parts.where}: expected ${parts.expected}, got ${parts.got}${tail}`, { cause: parts.cause });
    this.name = "LintelError";
    this.code = code;
    this.parts = parts;
  }
}

/**
 * Throws a `LintelError` unless `condition` holds.
 *
 * @example
 * ensure(2 + 2 === 4, "usage", () => ({ where: "arithmetic", expected: "4", got: "5" }));
 */
export function ensure(condition: unknown, code: ErrorCode, parts: () => ErrorParts): asserts condition {
  if (!condition) throw new LintelError(code, parts());
}
