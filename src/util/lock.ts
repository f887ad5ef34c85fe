/** One process per directory: a lock file that says who holds it, so that a dead holder's lock can be taken over. */
import { randomBytes } from "node:crypto";
import { linkSync, lstatSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LintelError } from "./errors.ts";
import { type Holder, holderOf, isSame, stateOf, thisProcess } from "./lock-holder.ts";

export const LOCK_FILE = ".lintel.lock";

export interface Lock {
  /** Releases the directory; further calls do nothing. */
  release(): void;
}

export interface LockOptions {
  /** Name of the lock file, where several parts of a directory are locked on their own. */
  file?: string;
  /** Seconds to wait for a living holder to let go before giving up. Default 0. */
  wait?: number;
  /** Remove the lock of a process of which it cannot be known whether it runs. A running process keeps its lock. */
  breakLock?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** A lock file is one line; larger files are none of ours and are not read. */
const LARGEST = 4096;
/** Where hard links are missing, a lock file is empty for a moment: a broken one is read so often before it is removed. */
const SECOND_LOOKS = 5;
const LOOK_MS = 50;

/** The holder; null where there is no lock; "broken" where the file, or a link that leads nowhere, is no lock. */
function readHolder(path: string): Holder | "broken" | null {
  try {
    const link = lstatSync(path, { throwIfNoEntry: false });
    if (!link) return null;
    const file = link.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : link;
    if (!file) return "broken";
    if (!file.isFile()) throw notAFile(path);
    return file.size > LARGEST ? "broken" : (holderOf(readFileSync(path, "utf8")) ?? "broken");
  } catch (error) {
    if (error instanceof LintelError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null; // released since
    if (code === "ELOOP") return "broken";
    throw unusable(path, error);
  }
}

const notAFile = (path: string): LintelError =>
  new LintelError("output", {
    where: path,
    expected: "a lock file",
    got: "something else (a directory, a pipe or a device)",
    attempt: "removing it, or another directory",
  });

function unusable(path: string, cause: unknown): LintelError {
  return new LintelError("output", {
    where: path,
    id: "E_NOT_WRITABLE",
    expected: "to be able to write a lock file",
    got: (cause as Error).message,
    attempt: "another output directory, or write permission for this one",
    cause,
  });
}

/** Moves our file into place unless there is one: `link` refuses to replace, and shows the content whole at once. */
function place(path: string, content: string): boolean {
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(temporary, content, { flag: "wx" });
    try {
      linkSync(temporary, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") return false;
      if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
      // A file system without hard links: exclusive creation is as good, but for a moment the file is empty.
      try {
        writeFileSync(path, content, { flag: "wx" });
      } catch (second) {
        if ((second as NodeJS.ErrnoException).code === "EEXIST") return false;
        throw second;
      }
    }
    return true;
  } catch (error) {
    throw unusable(path, error);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Takes a dead holder's lock away. Moving it aside first lets only one of several contenders win. */
function clearStale(path: string, stale: Holder | "broken"): void {
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw unusable(path, error);
  }
  // Somebody was faster, and what was moved is the new lock: back with it.
  if (!isSame(readHolder(aside), stale)) renameSync(aside, path);
  else rmSync(aside, { force: true });
}

/**
 * Takes the lock of `directory` (which exists) for this process. A lock is taken over where its holder is known to be
 * gone: a process of the running system that has ended, whatever the host was called then, or one from before the last
 * restart of this machine. Files that are no lock are removed. Throws `LintelError` "output" where another process holds
 * the lock, or one of another machine or container may hold it (`breakLock` removes such a lock), or the directory cannot
 * be written.
 *
 * @example
 * const { mkdtempSync } = await import("node:fs");
 * const { tmpdir } = await import("node:os");
 * const directory = mkdtempSync(`${tmpdir()}/lintel-example-`);
 * const lock = await lockDirectory(directory);
 * lock.release();
 */
export async function lockDirectory(directory: string, options: LockOptions = {}): Promise<Lock> {
  const path = join(directory, options.file ?? LOCK_FILE);
  const { signal } = options;
  const deadline = Date.now() + (options.wait ?? 0) * 1000;
  const holder = thisProcess();
  const content = `${JSON.stringify(holder)}\n`;
  let broken = 0;
  while (!place(path, content)) {
    const other = readHolder(path);
    if (other === "broken") {
      if (++broken > SECOND_LOOKS) clearStale(path, other);
      await sleep(LOOK_MS, undefined, { signal });
    } else if (other !== null) {
      const state = stateOf(other, holder);
      if (state === "gone" || (state === "unknown" && options.breakLock)) clearStale(path, other);
      else if (Date.now() >= deadline) throw held(directory, path, other, state);
      await sleep(LOOK_MS, undefined, { signal });
    } else await sleep(1, undefined, { signal });
  }
  let released = false;
  return {
    release() {
      if (released) return;
      released = true;
      // Whoever deleted the file by hand may have let somebody else in: only our own lock is ours to remove.
      if (isSame(readHolder(path), holder)) rmSync(path, { force: true });
    },
  };
}

/**
 * Does `work` with the lock of `directory`, which is released whatever happens.
 *
 * @example
 * const { mkdtempSync } = await import("node:fs");
 * const { tmpdir } = await import("node:os");
 * await withLock(mkdtempSync(`${tmpdir()}/lintel-example-`), {}, async () => 1); // 1
 */
export async function withLock<T>(
  directory: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await lockDirectory(directory, options);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

function held(directory: string, path: string, other: Holder, state: "alive" | "unknown"): LintelError {
  const elsewhere = state === "unknown";
  return new LintelError("output", {
    where: directory,
    id: "E_LOCKED",
    expected: "no other process to be working there",
    got: `process ${other.pid}${elsewhere ? ` of the machine "${other.host}"` : ""}, since ${other.since}`,
    attempt: elsewhere
      ? `waiting for it, another directory, or, if that process is gone, the same command with --break-lock (it removes ${path})`
      : "waiting for it to end, or another directory",
  });
}
