/** Whether somebody works in a directory, as far as its lock files say. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { BEAT_MS, readHolder } from "./lock.ts";
import { stateOf, thisProcess } from "./lock-holder.ts";

/** A lock of another machine counts as held while it was renewed within this many beats: clocks differ, disks are slow. */
const BEATS = 5;

/** The lock of a process elsewhere, whose time its holder renews. */
function isRenewed(path: string): boolean {
  const { mtimeMs } = statSync(path);
  return Date.now() - mtimeMs < BEATS * BEAT_MS;
}

/**
 * Whether a process works in a directory: one of this machine by its pid, one of another machine or container by the time of
 * its lock, which it renews as long as it lives. Takes every lock in the directory, those of single cells of a study too.
 *
 * @example
 * isHeld("no-such-directory"); // false
 */
export function isHeld(directory: string): boolean {
  const us = thisProcess();
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return false; // gone, or not to be read: the reader of its files says so
  }
  return names.some((name) => {
    if (!/^\..+\.lock$/.test(name)) return false;
    try {
      const path = join(directory, name);
      const holder = readHolder(path);
      if (holder === null || holder === "broken") return false;
      const state = stateOf(holder, us);
      return state === "alive" || (state === "unknown" && isRenewed(path));
    } catch {
      return false; // released meanwhile, or no lock
    }
  });
}
