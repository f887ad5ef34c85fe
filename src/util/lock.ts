/** One process per directory: a lock file names its holder, so that the lock of a dead process can be taken over. */
import { randomBytes } from "node:crypto";
import {
  linkSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LintelError } from "./errors.ts";
import { type Holder, holderOf, isSame, stateOf, thisProcess } from "./lock-holder.ts";

export const LOCK_FILE = ".lintel.lock";

interface Lock {
  /** Releases the directory; further calls do nothing. */
  release(): void;
}

export interface LockOptions {
  /** Name of the lock file, where parts of a directory are locked separately. */
  file?: string;
  /** Seconds to wait for a living holder. Default 0. */
  wait?: number;
  /** Remove the lock of a process whose state is unknown. A running process keeps its lock. */
  breakLock?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** Bytes; larger files are not locks and are not read. */
const LARGEST = 4096;
/** Without hard links a lock file is empty for a moment, so a broken one is read this many times before it is removed. */
const SECOND_LOOKS = 5;
const LOOK_MS = 50;

/** A holder renews the time of its lock this often, so that other machines see that it lives. */
export const BEAT_MS = 60_000;

/** The holder; null if there is no lock; "broken" if the file is not a lock, or a dangling link. */
export function readHolder(path: string): Holder | "broken" | null {
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
    if (code === "ENOENT") return null; // released meanwhile
    if (code === "ELOOP") return "broken";
    throw unusable(path, error);
  }
}

const notAFile = (path: string): LintelError =>
  new LintelError("output", {
    where: path,
    expected: "a lock file",
    got: "a directory, a pipe or a device",
    attempt: "removing it, or another directory",
  });

function unusable(path: string, cause: unknown): LintelError {
  return new LintelError("output", {
    where: path,
    id: "E_NOT_WRITABLE",
    expected: "a directory in which a lock file can be written",
    got: (cause as Error).message,
    attempt: "another output directory, or write permission for this one",
    cause,
  });
}

/** Moves our file into place unless one exists: `link` does not replace, and the content appears at once. */
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
      // A file system without hard links: exclusive creation works too, but the file is empty for a moment.
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

/** Removes a dead holder's lock. Moving it aside first lets only one of several contenders win. */
function clearStale(path: string, stale: Holder | "broken"): void {
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw unusable(path, error);
  }
  // Another process was faster and we moved its new lock: put it back.
  if (!isSame(readHolder(aside), stale)) renameSync(aside, path);
  else rmSync(aside, { force: true });
}

/** Renews the time of our lock. */
function renew(path: string, ours: Holder): void {
  try {
    if (isSame(readHolder(path), ours)) utimesSync(path, new Date(), new Date());
  } catch {
    // The work goes on without a sign of life: at worst another machine takes it for stopped, and may not take the lock.
  }
}

/**
 * Takes the lock of an existing directory for this process. A lock is taken over if its holder is known to be gone: the
 * process has ended, or it ran before the last restart of this machine. Files that are not locks are removed.
 *
 * Errors: "output" if another process holds the lock, or may hold it on another machine or in another container
 * (`breakLock` removes such a lock), or if the directory is not writable.
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
  const beat = setInterval(() => renew(path, holder), BEAT_MS);
  beat.unref();
  let released = false;
  return {
    release() {
      if (released) return;
      released = true;
      clearInterval(beat);
      // If the file was deleted by hand, another process may have taken the lock: only remove our own.
      if (isSame(readHolder(path), holder)) rmSync(path, { force: true });
    },
  };
}

/** Does `work` while holding the lock of `directory`, and releases it in any case. */
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
