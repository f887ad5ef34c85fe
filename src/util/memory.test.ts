import { afterEach, describe, expect, it, vi } from "vitest";
import { availableMemory, bytesText, requireMemory } from "./memory.ts";

const MIB = 2 ** 20;
const of = (files: Record<string, string>) => (path: string) => files[path] ?? null;
const meminfo = { "/proc/meminfo": "MemTotal: 8388608 kB\nMemFree: 100 kB\nMemAvailable: 4194304 kB\n" };

describe("available memory", () => {
  it("is what the kernel says where there are no limits", () => {
    expect(availableMemory(of(meminfo))).toBe(4096 * MIB);
    const group = { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "max\n" };
    expect(availableMemory(of({ ...meminfo, ...group }))).toBe(4096 * MIB);
  });

  it("is what a container leaves, where files that can be dropped are free", () => {
    const files = {
      "/proc/self/cgroup": "0::/\n",
      "/sys/fs/cgroup/memory.max": `${1024 * MIB}\n`,
      "/sys/fs/cgroup/memory.current": `${1000 * MIB}\n`,
      "/sys/fs/cgroup/memory.stat": `anon 1\nfile 2\ninactive_file ${600 * MIB}\n`,
    };
    expect(availableMemory(of({ ...meminfo, ...files }))).toBe(624 * MIB);
    expect(availableMemory(of({ ...meminfo, ...files, "/sys/fs/cgroup/memory.stat": "" }))).toBe(24 * MIB);
  });

  it("is the least that a group or one above it leaves", () => {
    const files = {
      "/proc/self/cgroup": "0::/slurm/job_7/step_0\n",
      "/sys/fs/cgroup/slurm/job_7/step_0/memory.max": "max",
      "/sys/fs/cgroup/slurm/job_7/step_0/memory.current": "1",
      "/sys/fs/cgroup/slurm/job_7/memory.max": `${512 * MIB}`,
      "/sys/fs/cgroup/slurm/job_7/memory.current": `${500 * MIB}`,
    };
    expect(availableMemory(of({ ...meminfo, ...files }))).toBe(12 * MIB);
  });

  it("reads the groups of version 1, whose unlimited is a large number", () => {
    const limited = (limit: string) => ({
      "/proc/self/cgroup": "5:devices:/x\n4:cpu,memory:/job\n0::/\n",
      "/sys/fs/cgroup/memory/job/memory.limit_in_bytes": limit,
      "/sys/fs/cgroup/memory/job/memory.usage_in_bytes": `${64 * MIB}`,
      "/sys/fs/cgroup/memory/job/memory.stat": `cache 5\ntotal_inactive_file ${32 * MIB}\n`,
    });
    expect(availableMemory(of({ ...meminfo, ...limited(`${256 * MIB}`) }))).toBe(224 * MIB);
    expect(availableMemory(of({ ...meminfo, ...limited("9223372036854771712") }))).toBe(4096 * MIB);
  });

  it("is something on this machine", () => {
    expect(availableMemory()).toBeGreaterThan(0);
  });
});

describe("work that needs more than there is", () => {
  afterEach(() => vi.unstubAllEnvs());
  const parts = { weights: 3 * 2 ** 30, activations: 2 ** 30, small: 1 };

  it("is refused with both figures, what it is for, and what to try", () => {
    vi.stubEnv("LINTEL_MEMORY", "1.5GiB");
    expect(() => requireMemory("audit of m", parts, "--weights int8")).toThrow(
      "audit of m: expected 4 GiB of memory (weights 3 GiB, activations 1 GiB), got 1.5 GiB that is available. " +
        "Try --weights int8; or LINTEL_MEMORY=unchecked to begin nevertheless",
    );
  });

  it("begins where it fits, and where nothing is checked", () => {
    vi.stubEnv("LINTEL_MEMORY", "5 GiB");
    requireMemory("audit of m", parts, "");
    vi.stubEnv("LINTEL_MEMORY", "unchecked");
    requireMemory("audit of m", { weights: 2 ** 60 }, "");
  });

  it("refuses what is no amount", () => {
    for (const text of ["8GB", "much", "-1", "1e9"]) {
      vi.stubEnv("LINTEL_MEMORY", text);
      expect(() => requireMemory("audit of m", parts, "")).toThrow(
        /LINTEL_MEMORY must be an amount such as 8GiB/,
      );
    }
  });

  it("writes bytes in powers of 1024", () => {
    expect([0, 1023, 1536, 2.5 * MIB, 2 ** 50].map(bytesText)).toEqual([
      "0 B",
      "1,023 B",
      "1.5 KiB",
      "2.5 MiB",
      "1,024 TiB",
    ]);
  });
});
