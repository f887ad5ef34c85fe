/** One process per directory: a lock file that says who holds it, so that a dead holder's lock can be taken over. */
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LintelError } from "./errors.ts";

export const LOCK_FILE = ".lintel.lock";

interface Holder {
  pid: number;
  host: string;
  /** When the process began, in the system's own words; tells it from a later one with the same pid. null: unknown. */
  began: string | null;
  /** When the lock was taken, ISO. */
  since: string;
}

export interface Lock {
  /** Gives the directory free; further calls do nothing. */
  release(): void;
}

export interface LockOptions {
  /** Name of the lock file, where several parts of a directory are locked on their own. */
  file?: string;
  /** Seconds to wait for a living holder to let go before giving up. Default 0. */
  wait?: number;
  signal?: AbortSignal;
}

/** Start of a process in clock ticks since boot (field 22 of /proc/PID/stat); null where the system does not say. */
function processBegan(pid: number): string | null {
  try {
    // The second field is the program's name in parentheses and may itself hold spaces.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null; // no such process, or a system without /proc
  }
}

function isAlive({ pid, began }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = processBegan(pid);
  return began === null || now === null || began === now;
}

/** The holder; null where there is no lock. A lock that cannot be read as one counts as a dead one's. */
function readHolder(path: string): Holder | "broken" | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw unusable(path, error);
  }
  try {
    const holder = JSON.parse(text) as Holder;
    return Number.isInteger(holder.pid) && typeof holder.host === "string" ? holder : "broken";
  } catch {
    return "broken"; // locks are moved into place whole, so this is none of ours
  }
}

function unusable(path: string, cause: unknown): LintelError {
  return new LintelError("output", {
    where: path,
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
  const moved = readHolder(aside);
  // Somebody was faster, and what was moved is the new lock: back with it.
  if (JSON.stringify(moved) !== JSON.stringify(stale)) renameSync(aside, path);
  else rmSync(aside, { force: true });
}

/**
 * Takes the lock of `directory` (which exists) for this process. A lock left by a process of this machine that is
 * gone is taken over. Throws `LintelError` "output" where another process holds it, or a process of another machine
 * may (nobody can tell from here whether that one is alive), or the directory cannot be written.
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
  const deadline = Date.now() + (options.wait ?? 0) * 1000;
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    began: processBegan(process.pid),
    since: new Date().toISOString(),
  };
  const content = `${JSON.stringify(holder)}\n`;
  while (!place(path, content)) {
    const other = readHolder(path);
    if (other === null) continue;
    if (other === "broken" || (other.host === holder.host && !isAlive(other))) {
      clearStale(path, other);
      continue;
    }
    if (Date.now() >= deadline) throw held(directory, path, other, holder);
    await sleep(100, undefined, { signal: options.signal });
  }
  let released = false;
  return {
    release() {
      if (released) return;
      released = true;
      const now = readHolder(path);
      // Whoever deleted the file by hand may have let somebody else in: only our own lock is ours to remove.
      if (now !== null && now !== "broken" && now.pid === holder.pid && now.since === holder.since) {
        rmSync(path, { force: true });
      }
    },
  };
}

function held(directory: string, path: string, other: Holder, us: Holder): LintelError {
  const elsewhere = other.host !== us.host;
  return new LintelError("output", {
    where: directory,
    expected: "no other process to be working there",
    got: `process ${other.pid}${elsewhere ? ` of the machine "${other.host}"` : ""}, since ${other.since}`,
    attempt: elsewhere
      ? `waiting for it, another directory, or deleting ${path} if that process is gone`
      : "waiting for it to end, or another directory",
  });
}
