/** Cores and memory that this process may use, which containers and batch jobs limit. */
import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // these files exist on Linux only, and not in every container
  }
}

/** Physical cores by /proc/cpuinfo; null if it does not list them (ARM, virtual machines). */
export function physicalCores(cpuinfo: string): number | null {
  const cores = new Set<string>();
  for (const block of cpuinfo.split(/\n\s*\n/)) {
    const field = (name: string): string | undefined =>
      block.match(new RegExp(`^${name}\\s*:\\s*(.+)$`, "m"))?.[1];
    const [socket, core] = [field("physical id"), field("core id")];
    if (socket !== undefined && core !== undefined) cores.add(`${socket}/${core}`);
  }
  return cores.size > 0 ? cores.size : null;
}

/** Cores that a cgroup's "quota period" (cpu.max) grants; null without a limit. */
export function quotaCores(cpuMax: string): number | null {
  const [quota, period] = cpuMax.trim().split(/\s+/).map(Number);
  return quota && period ? Math.max(1, Math.floor(quota / period)) : null;
}

/**
 * Physical cores within the process's affinity mask and the container's quota. Two hyper-threads count as one core,
 * because one thread of matrix products saturates it.
 */
export function usableCores(): number {
  const physical = physicalCores(readIfThere("/proc/cpuinfo") ?? "");
  const quota = quotaCores(readIfThere("/sys/fs/cgroup/cpu.max") ?? "");
  return Math.max(1, Math.min(availableParallelism(), physical ?? Infinity, quota ?? Infinity));
}

/** Bytes of memory that this process may use: the machine's, or the container's lower limit. */
export function usableMemory(): number {
  const limit = Number(readIfThere("/sys/fs/cgroup/memory.max") ?? Number.NaN);
  return Math.min(totalmem(), limit > 0 ? limit : Infinity);
}
