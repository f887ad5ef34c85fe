/** Memory that is left on this machine, and the refusal of work that needs more. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ensure, LintelError } from "./errors.ts";

/** The text of a file; null where it cannot be read. */
type ReadText = (path: string) => string | null;

const readIfThere: ReadText = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // these files exist on Linux only, and not in every container
  }
};

/** The value of a line `NAME VALUE` or `NAME: VALUE`. */
const lineOf = (text: string | null, name: string): number =>
  Number(new RegExp(`^${name}:?\\s+(\\d+)`, "m").exec(text ?? "")?.[1] ?? Number.NaN);

/** Files of the two versions of cgroups: the limit, what is used, and of that, files that can be dropped. */
const HIERARCHIES = [
  { controller: /^0::/, root: "", limit: "memory.max", used: "memory.current", files: "inactive_file" },
  {
    controller: /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:/,
    root: "memory",
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    files: "total_inactive_file",
  },
] as const;

/** Bytes below the limits of the process's cgroups and all above them; infinite without limits. */
function leftInGroups(read: ReadText): number {
  let left = Number.POSITIVE_INFINITY;
  for (const line of (read("/proc/self/cgroup") ?? "").split("\n")) {
    const kind = HIERARCHIES.find(({ controller }) => controller.test(line));
    if (!kind) continue;
    // In a container the path may be that of the host: the root is the container's own group there.
    for (let path = line.replace(kind.controller, ""); ; path = dirname(path)) {
      const group = join("/sys/fs/cgroup", kind.root, path);
      const limit = Number.parseInt(read(join(group, kind.limit)) ?? "", 10);
      const used = Number.parseInt(read(join(group, kind.used)) ?? "", 10);
      const files = lineOf(read(join(group, "memory.stat")), kind.files);
      if (limit >= 0 && used >= 0) left = Math.min(left, Math.max(0, limit - used + (files || 0)));
      if (path === "/" || path === "." || path === "") break;
    }
  }
  return left;
}

/**
 * Bytes that a process can still take without swapping: what the kernel calls available, or what the limits of containers
 * and batch jobs leave, whichever is less.
 *
 * @example
 * availableMemory((path) => (path === "/proc/meminfo" ? "MemTotal: 16 kB\nMemAvailable: 4 kB\n" : null)); // 4096
 */
export function availableMemory(read: ReadText = readIfThere): number {
  const kernel = lineOf(read("/proc/meminfo"), "MemAvailable") * 1024;
  return Math.min(Number.isNaN(kernel) ? process.availableMemory() : kernel, leftInGroups(read));
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/**
 * Bytes in powers of 1024.
 *
 * @example
 * bytesText(8 * 2 ** 30); // "8 GiB"
 */
export function bytesText(count: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, count)) / 10)));
  const value = count / 1024 ** power;
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toLocaleString("en-US", { maximumFractionDigits: digits })} ${UNITS[power]}`;
}

/** LINTEL_MEMORY: an amount that takes the place of what is available, or "unchecked"; undefined where it is not set. */
function given(): number | undefined {
  const text = process.env.LINTEL_MEMORY;
  if (text === undefined || text === "") return undefined;
  if (text === "unchecked") return Number.POSITIVE_INFINITY;
  const [, value, unit = "B"] = /^(\d+(?:\.\d+)?)\s*(B|[KMGT]iB)?$/.exec(text) ?? [];
  if (value === undefined)
    throw new LintelError("usage", {
      where: "LINTEL_MEMORY",
      expected: 'an amount such as 8GiB, or "unchecked"',
      got: JSON.stringify(text),
      value: true,
    });
  return Number(value) * 1024 ** UNITS.indexOf(unit as (typeof UNITS)[number]);
}

/** Bytes by what they are for. */
export type MemoryParts = Readonly<Record<string, number>>;

/**
 * The sum of the parts of an estimate.
 *
 * @example
 * memoryTotal({ weights: 3, activations: 4 }); // 7
 */
export const memoryTotal = (parts: MemoryParts): number =>
  Object.values(parts).reduce((sum, each) => sum + each, 0);

/** Memory of Node, ONNX Runtime and Lintel's own code, as measured (docs/notebook.md). */
export const PROCESS_BYTES = 192 * 2 ** 20;

/**
 * Refuses work that needs more memory than is available, before it starts; `LINTEL_MEMORY=unchecked` begins anyway.
 *
 * @param attempt - What makes the work smaller.
 *
 * Errors: "runtime" with both figures, "usage" for a value of LINTEL_MEMORY.
 *
 * @example
 * requireMemory("audit of m", { weights: 1 }, "a smaller model"); // undefined: there is a byte
 */
export function requireMemory(where: string, parts: MemoryParts, attempt: string): void {
  const available = given() ?? availableMemory();
  const total = memoryTotal(parts);
  ensure(total <= available, "runtime", () => ({
    where,
    id: "E_TOO_LITTLE_MEMORY",
    expected: `${bytesText(total)} of memory (${Object.entries(parts)
      .filter(([, bytes]) => bytes >= 0.01 * total)
      .map(([name, bytes]) => `${name} ${bytesText(bytes)}`)
      .join(", ")})`,
    got: `${bytesText(available)} that is available`,
    attempt: `${attempt}; or LINTEL_MEMORY=unchecked to begin nevertheless`,
  }));
}
