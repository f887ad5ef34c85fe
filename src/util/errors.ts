/** The one error class of Lintel: a sentence for people, fields and stable ids for programs (docs/errors.md). */

const codes = [
  "usage",
  "input",
  "checkpoint",
  "dataset",
  "graph",
  "runtime",
  "installation",
  "output",
] as const;
/** What kind of thing went wrong; "usage" ends a command with exit code 2. */
export type ErrorCode = (typeof codes)[number];

/** Causes with an id of their own; every other error has the id of its code, such as E_DATASET. */
const causes = [
  "E_UNKNOWN_NAME",
  "E_INVALID_VALUE",
  "E_NOT_WRITABLE",
  "E_LOCKED",
  "E_OTHER_RUN",
  "E_UNFINISHED",
  "E_NEWER_VERSION",
  "E_CHANGED_FILE",
  "E_UNVERIFIABLE",
  "E_TRUNCATED",
  "E_NOT_CACHED",
  "E_NETWORK",
  "E_NATIVE_LIBRARY",
  "E_DEVICE",
  "E_NO_LATENT_BLOCK",
  "E_NOT_FINITE",
  "E_VOCABULARY",
  "E_NO_HELPER",
  "E_CELLS_FAILED",
  "E_SELFTEST",
  "E_ENGINE_START",
  "E_ENGINE_LOST",
  "E_ENGINE_SILENT",
  "E_ENGINE_VERSION",
  "E_ENGINE_FAILED",
  "E_PYTHON_MODULE",
  "E_OUT_OF_MEMORY",
  "E_TOO_LITTLE_MEMORY",
] as const;

/** A stable name of what happened. */
export type ErrorId = `E_${Uppercase<ErrorCode>}` | (typeof causes)[number];

const idOf = (code: ErrorCode): ErrorId => `E_${code.toUpperCase() as Uppercase<ErrorCode>}`;

/** Every id, as docs/errors.md lists them. */
export const errorIds: readonly ErrorId[] = [...codes.map(idOf), ...causes];

export interface ErrorParts {
  /** The place: a file, a tensor, a node, an argument. */
  where: string;
  expected: string;
  got: string;
  /** What the reader can do about it. */
  attempt?: string | undefined;
  id?: ErrorId;
  /** `where` names a value: the message says that it must be what is expected. */
  value?: boolean;
  /** The whole message, where the sentence made of the other fields would read badly. */
  message?: string;
  cause?: unknown;
}

const sentence = ({ where, expected, got, attempt, value, message }: ErrorParts): string =>
  message ??
  `${where}${value ? " must be" : ": expected"} ${expected}, got ${got}${attempt ? `. Try ${attempt}` : ""}`;

/**
 * An error that Lintel foresaw: a sentence for people, `id`, `code` and `parts` for programs.
 *
 * @public
 */
export class LintelError extends Error {
  readonly code: ErrorCode;
  readonly id: ErrorId;
  readonly parts: ErrorParts;
  constructor(code: ErrorCode, parts: ErrorParts) {
    super(sentence(parts), { cause: parts.cause });
    this.name = "LintelError";
    this.code = code;
    this.id =
      parts.id ??
      (parts.value ? "E_INVALID_VALUE" : (`E_${code.toUpperCase()}` as `E_${Uppercase<ErrorCode>}`));
    this.parts = parts;
  }
  /** The fields for programs, without the cause. */
  toJSON(): Record<"id" | "code" | "message" | "where" | "expected" | "got", string> & { attempt?: string } {
    const { where, expected, got, attempt } = this.parts;
    const { id, code, message } = this;
    return { id, code, message, where, expected, got, ...(attempt !== undefined && { attempt }) };
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
