/** What this process may use of the machine: fewer cores and less memory than it has, in a container or a batch job. */
import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // these files exist on Linux only, and not in every container
  }
}

/** Physical cores from the text of /proc/cpuinfo; null where it does not name them (ARM, virtual machines). */
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

/** Cores that a cgroup's "quota period" (cpu.max) grants; null where there is no limit. */
export function quotaCores(cpuMax: string): number | null {
  const [quota, period] = cpuMax.trim().split(/\s+/).map(Number);
  return quota && period ? Math.max(1, Math.floor(quota / period)) : null;
}

/**
 * Cores that heavy work can really use at the same time: physical ones, within the process's affinity mask and the
 * container's quota. Two hyper-threads of one core count as one, because matrix products saturate a core alone.
 *
 * @example
 * usableCores() >= 1; // true
 */
export function usableCores(): number {
  const physical = physicalCores(readIfThere("/proc/cpuinfo") ?? "");
  const quota = quotaCores(readIfThere("/sys/fs/cgroup/cpu.max") ?? "");
  return Math.max(1, Math.min(availableParallelism(), physical ?? Infinity, quota ?? Infinity));
}

/**
 * Bytes of memory that this process may use: the machine's, or the container's limit where that is lower.
 *
 * @example
 * usableMemory() > 0; // true
 */
export function usableMemory(): number {
  const limit = Number(readIfThere("/sys/fs/cgroup/memory.max") ?? Number.NaN);
  return Math.min(totalmem(), limit > 0 ? limit : Infinity);
}
