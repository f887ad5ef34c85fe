import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BEAT_MS, LOCK_FILE, lockDirectory } from "./lock.ts";
import { stateOf, thisProcess } from "./lock-holder.ts";
import { isHeld } from "./presence.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lintel-lock-"));
  path = join(directory, LOCK_FILE);
});
afterEach(() => {
  chmodSync(directory, 0o755);
  rmSync(directory, { recursive: true });
});

const write = (holder: object | string): void =>
  writeFileSync(path, typeof holder === "string" ? holder : JSON.stringify(holder));
const since = "2026-01-01T00:00:00.000Z";

/** A pid that was alive a moment ago and is not any more. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((done) => child.on("exit", done));
  return child.pid!;
}

describe("lockDirectory", () => {
  it("refuses a second taker with the first one's pid, and lets it in after the release", async () => {
    const first = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toMatchObject({
      code: "output",
      message: expect.stringMatching(
        new RegExp(`no other process.*got process ${process.pid}, since .*. Try`),
      ),
    });
    first.release();
    first.release();
    const second = await lockDirectory(directory);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid: process.pid, host: hostname() });
    second.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it("takes over the lock of a process that is gone", async () => {
    write({ pid: await deadPid(), host: hostname(), began: null, since });
    (await lockDirectory(directory)).release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it("tells a later process of the same pid from the holder, where the system says when processes began", async () => {
    write({ pid: process.pid, host: hostname(), began: "1", since });
    const taken = await lockDirectory(directory).then(
      (lock) => lock,
      (error) => error.code,
    );
    if (existsSync("/proc/self/stat")) taken.release();
    else expect(taken).toBe("output");
    expect(existsSync(path)).toBe(!existsSync("/proc/self/stat"));
  });

  it("takes over a file that is no lock", async () => {
    const negative = JSON.stringify({ pid: -1, host: hostname(), began: null, since });
    for (const text of ["", "{", "[]", "null", '{"pid":"1"}', negative, "x".repeat(100_000)]) {
      write(text);
      (await lockDirectory(directory)).release();
    }
    expect(existsSync(path)).toBe(false);
  });

  it("takes over a link that leads nowhere, and one that leads to itself", async () => {
    for (const target of [join(directory, "nowhere"), path]) {
      symlinkSync(target, path);
      (await lockDirectory(directory)).release();
      expect(readdirSync(directory)).toEqual([]);
    }
  });

  it("refuses a directory and a pipe in the lock's place, without waiting for them", async () => {
    mkdirSync(path);
    await expect(lockDirectory(directory)).rejects.toThrow(/expected a lock file.*directory, a pipe/);
    rmSync(path, { recursive: true });
    if (process.platform === "win32") return;
    execFileSync("mkfifo", [path]);
    await expect(lockDirectory(directory)).rejects.toThrow(/expected a lock file/);
  });

  it("knows a process of this machine under whatever name the host had then", async () => {
    const us = thisProcess();
    if (us.boot === undefined) return;
    write({ ...us, host: "earlier-name", pid: await deadPid(), began: null });
    (await lockDirectory(directory)).release();
    write({ ...us, host: "earlier-name" });
    await expect(lockDirectory(directory)).rejects.toThrow(`got process ${process.pid}, since`);
    // What was begun before the machine was restarted is gone; with another machine's id it may run there.
    const before = { ...us, boot: "earlier", machine: us.machine ?? "m" };
    expect(stateOf(before, { ...us, machine: "m2" })).toBe("unknown");
    expect(stateOf({ ...before, machine: "m" }, { ...us, machine: "m" })).toBe("gone");
    expect(stateOf({ ...us, pids: "pid:[1]" }, us)).toBe("unknown");
  });

  it("breaks a lock of which nothing can be known when asked to, and never that of a running process", async () => {
    write({ pid: await deadPid(), host: "elsewhere", began: null, since });
    (await lockDirectory(directory, { breakLock: true })).release();
    expect(existsSync(path)).toBe(false);
    const first = await lockDirectory(directory);
    await expect(lockDirectory(directory, { breakLock: true })).rejects.toThrow(/got process/);
    first.release();
  });

  it("never takes over another machine's lock, and says how to remove it", async () => {
    write({ pid: await deadPid(), host: "elsewhere", began: null, since });
    await expect(lockDirectory(directory)).rejects.toThrow(
      /of the machine "elsewhere".*--break-lock \(it removes .*lintel\.lock/,
    );
    expect(existsSync(path)).toBe(true);
  });

  it("does not remove a lock that is no longer its own", async () => {
    const lock = await lockDirectory(directory);
    write({ pid: 1, host: "elsewhere", began: null, since });
    lock.release();
    expect(existsSync(path)).toBe(true);
  });

  it("waits for a living holder when asked to", async () => {
    const first = await lockDirectory(directory);
    const second = lockDirectory(directory, { wait: 20 });
    first.release();
    (await second).release();
    expect(existsSync(path)).toBe(false);
  });

  it("stops waiting when it is aborted", async () => {
    const first = await lockDirectory(directory);
    const controller = new AbortController();
    const second = lockDirectory(directory, { wait: 600, signal: controller.signal });
    controller.abort();
    await expect(second).rejects.toThrow(/abort/i);
    first.release();
  });

  it("lets exactly one of many contenders for a stale lock win", async () => {
    write({ pid: await deadPid(), host: hostname(), began: null, since });
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(directory)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(readdirSync(directory)).toEqual([LOCK_FILE]);
  });

  it("names a directory that is not there", async () => {
    await expect(lockDirectory(join(directory, "none"))).rejects.toMatchObject({
      code: "output",
      message: expect.stringContaining(join(directory, "none")),
    });
  });
});

describe("isHeld", () => {
  it("is so while a process lives, of this machine by its pid", async () => {
    expect(isHeld(directory)).toBe(false);
    const lock = await lockDirectory(directory);
    expect(isHeld(directory)).toBe(true);
    lock.release();
    expect(isHeld(directory)).toBe(false);
    const cell = await lockDirectory(directory, { file: ".cell-a.lock" });
    expect(isHeld(directory)).toBe(true);
    cell.release();
    write({ pid: await deadPid(), host: hostname(), began: null, since });
    expect(isHeld(directory)).toBe(false);
    write("no lock");
    expect(isHeld(directory)).toBe(false);
    expect(isHeld(join(directory, "nowhere"))).toBe(false);
  });

  it("is so on another machine as long as the holder renews its lock", async () => {
    write({ pid: 1, host: "elsewhere", began: null, since });
    expect(isHeld(directory)).toBe(true);
    const old = new Date(Date.now() - 3_600_000);
    utimesSync(path, old, old);
    expect(isHeld(directory)).toBe(false);
  });

  it("a holder renews its own lock, and no other's", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const old = new Date("2026-01-01");
      const lock = await lockDirectory(directory);
      utimesSync(path, old, old);
      vi.advanceTimersByTime(BEAT_MS);
      expect(statSync(path).mtimeMs).toBeGreaterThan(old.getTime());
      write({ pid: 1, host: "elsewhere", began: null, since });
      utimesSync(path, old, old);
      vi.advanceTimersByTime(BEAT_MS);
      expect(statSync(path).mtimeMs).toBe(old.getTime());
      lock.release();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
