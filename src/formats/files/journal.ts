import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { LintelError } from "../../util/index.ts";
import { outputError } from "./atomic.ts";
import { readRegular } from "./regular.ts";

const newline = 0x0a;

/** What a journal holds, and how many of its bytes are whole records. */
interface Scan<T> {
  records: T[];
  whole: number;
}

/** The first digits of the SHA-256 of a record's JSON. */
const checkOf = (record: unknown): string =>
  createHash("sha256").update(JSON.stringify(record)).digest("hex").slice(0, 16);

/**
 * A record with the checksum `check` behind its keys, as it stands in a journal.
 *
 * @example
 * sealed({ step: 1 }).check.length; // 16
 */
export const sealed = <T extends object>(record: T): T & { check: string } => ({
  ...record,
  check: checkOf(record),
});

/**
 * A record without its checksum, which `required` lines must have.
 *
 * Errors: "input" (`E_CHANGED_FILE`) where the record is not the one that was written.
 *
 * @example
 * unsealed(sealed({ step: 1 }), "training.jsonl:1"); // { step: 1 }
 */
export function unsealed(line: unknown, where: string, required = false): unknown {
  const { check, ...record } = Object(line) as Record<string, unknown>;
  const fault =
    typeof line !== "object" || line === null
      ? `${JSON.stringify(line)}, which is no record`
      : check === undefined
        ? required && "a line without the checksum that is written behind it"
        : check !== checkOf(record) && "a line that was changed afterwards";
  if (!fault) return record;
  throw new LintelError("input", {
    where,
    id: "E_CHANGED_FILE",
    expected: "a record as it was written",
    got: fault,
    attempt: "restoring the file, or deleting this line and running the same command again",
  });
}

/** Parses the lines of a journal; a last line that is cut off or broken does not count as whole. */
function scan<T>(bytes: Uint8Array, path: string, required: boolean, keep = (record: T) => record): Scan<T> {
  const text = new TextDecoder("utf-8", { fatal: true });
  const records: T[] = [];
  let start = 0;
  for (let line = 1; start < bytes.length; line++) {
    const end = bytes.indexOf(newline, start);
    if (end < 0) break;
    try {
      const record: unknown = JSON.parse(text.decode(bytes.subarray(start, end)));
      records.push(keep(unsealed(record, `${path}:${line}`, required) as T));
    } catch (cause) {
      if (cause instanceof LintelError) throw cause;
      if (end === bytes.length - 1) break;
      throw new LintelError("input", {
        where: `${path}:${line}`,
        expected: "one JSON record per line",
        got: (cause as Error).message,
        attempt: "restoring the file, or deleting this line if the record can be spared",
        cause,
      });
    }
    start = end + 1;
  }
  return { records, whole: start };
}

/**
 * The records of a journal (JSON Lines), in order; none if there is no such file. A half-written last line,
 * the trace of a crash, is left out. A broken line before it means that the file was damaged otherwise:
 * `LintelError` "input" with the line's number. Checksums of lines are compared and left out, where lines have them.
 */
export async function readJournal<T = unknown>(path: string): Promise<T[]> {
  let bytes: Uint8Array;
  try {
    bytes = await readRegular(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new LintelError("input", {
      where: path,
      expected: "a readable journal",
      got: (cause as Error).message,
      cause,
    });
  }
  return scan<T>(bytes, path, false).records;
}

/** An open journal. */
interface Journal<T> {
  /** The records that were there when it was opened. */
  readonly records: T[];
  /** Adds one record; when it resolves the record is on disk ("each") or with the system ("batch"). */
  append(record: T): Promise<void>;
  /** Writes out and flushes what is pending, then closes. */
  close(): Promise<void>;
}

interface JournalOptions<T> {
  /**
   * "each" (default): an append resolves when its record is flushed to disk; appends that wait together share
   * one flush. "batch": records survive the death of the process at once, but that of the machine only after `close`.
   */
  flush?: "each" | "batch";
  /** Lines without a checksum, as older versions wrote them, are errors. */
  checksRequired?: boolean;
  /** What stands for a record in `records`. */
  keep?: (record: T) => T;
}

/**
 * Opens a journal (JSON Lines, append-only) to go on where it ended, making it if need be. A half-written last
 * line is cut off first, so that the next record does not continue it. Every line carries a checksum. Throws `LintelError` "input" for a broken
 * line in the middle (with its number), "output" when the file cannot be written. After a failed write the
 * journal takes no more records; what was written before stays readable.
 */
export async function openJournal<T extends object>(
  path: string,
  { flush = "each", checksRequired = false, keep }: JournalOptions<T> = {},
): Promise<Journal<T>> {
  let handle: FileHandle;
  try {
    handle = await open(path, "a+");
  } catch (error) {
    throw outputError(path, error);
  }
  let records: T[];
  try {
    const bytes = await handle.readFile();
    const found = scan<T>(bytes, path, checksRequired, keep);
    records = found.records;
    if (found.whole < bytes.length) {
      await handle.truncate(found.whole);
      await handle.sync();
    }
  } catch (error) {
    await handle.close();
    throw error instanceof LintelError ? error : outputError(path, error);
  }

  let pending: string[] = [];
  let turn: Promise<void> | null = null;
  let failure: LintelError | null = null;
  let closed = false;

  /** Writes everything that is pending as one block and flushes it as the policy says. */
  const writePending = async (): Promise<void> => {
    const block = pending.join("");
    pending = [];
    turn = null;
    if (failure) throw failure;
    try {
      await handle.appendFile(block);
      if (flush === "each") await handle.datasync();
    } catch (error) {
      failure = outputError(path, error);
      throw failure;
    }
  };
  let last: Promise<void> = Promise.resolve();

  return {
    records,
    append(record) {
      if (closed) {
        return Promise.reject(
          new LintelError("output", {
            where: path,
            expected: "an open journal",
            got: "an append after close",
          }),
        );
      }
      pending.push(`${JSON.stringify(sealed(record))}\n`);
      if (!turn) {
        // The next block is written once the one in progress is done; until then appends gather in it.
        turn = last.then(writePending, writePending);
        last = turn;
      }
      return turn;
    },
    async close() {
      if (closed) return;
      closed = true;
      try {
        await last;
        if (!failure) await handle.sync();
      } catch (error) {
        throw error instanceof LintelError ? error : outputError(path, error);
      } finally {
        await handle.close();
      }
    },
  };
}
