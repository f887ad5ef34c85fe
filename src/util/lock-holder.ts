/** The process that holds a lock, and whether it is still alive as far as this machine can tell. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

export interface Holder {
  pid: number;
  host: string;
  /** Start time of the process as the system reports it, which distinguishes it from a later one with the same pid; null: unknown. */
  began: string | null;
  /** When the lock was taken, ISO. */
  since: string;
  /** Id of the running kernel's boot; absent on other systems than Linux and in locks of older versions. */
  boot?: string;
  /** Id of the machine, which survives restarts. */
  machine?: string;
  /** The pid namespace: containers on one kernel have different ones. */
  pids?: string;
}

const textOf = (read: () => string): string | undefined => {
  try {
    return read().trim() || undefined;
  } catch {
    return undefined; // a system without /proc, or a container without the file
  }
};
const textIn = (path: string): string | undefined => textOf(() => readFileSync(path, "utf8"));

/** Start of a process in clock ticks since boot (field 22 of /proc/PID/stat); null if unknown. */
function processBegan(pid: number): string | null {
  const stat = textIn(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses and may contain spaces.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

/** This process as the holder of a lock. */
export function thisProcess(): Holder {
  const boot = textIn("/proc/sys/kernel/random/boot_id");
  const machine = textIn("/etc/machine-id");
  const pids = textOf(() => readlinkSync("/proc/self/ns/pid"));
  return {
    pid: process.pid,
    host: hostname(),
    began: processBegan(process.pid),
    since: new Date().toISOString(),
    ...(boot && { boot }),
    ...(machine && { machine }),
    ...(pids && { pids }),
  };
}

/** The holder named in the text of a lock file; null if the text is not that of a lock. */
export function holderOf(text: string): Holder | null {
  try {
    const { pid, host, since, began = null, ...rest } = JSON.parse(text) as Partial<Holder>;
    if (!Number.isSafeInteger(pid) || pid! <= 0 || typeof host !== "string") return null;
    const known = Object.entries(rest).filter(
      ([name, value]) => ["boot", "machine", "pids"].includes(name) && typeof value === "string",
    );
    return {
      pid: pid!,
      host,
      began: typeof began === "string" ? began : null,
      since: typeof since === "string" ? since : "an unknown time",
      ...Object.fromEntries(known),
    };
  } catch {
    return null; // not JSON
  }
}

/** Whether two readings of a lock file show the same lock. */
export const isSame = (a: Holder | "broken" | null, b: Holder | "broken"): boolean =>
  a === b ||
  (a !== null &&
    a !== "broken" &&
    b !== "broken" &&
    a.pid === b.pid &&
    a.since === b.since &&
    a.host === b.host);

function runs({ pid, began }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = processBegan(pid);
  return began === null || now === null || began === now;
}

/**
 * Whether the holder is still alive. On the same kernel (boot id) and in the same pid namespace its pid decides, even if
 * the host was renamed. A holder from before a restart of this machine is gone. Without boot ids the host's name decides.
 * For another machine or container the answer is unknown.
 */
export function stateOf(holder: Holder, us: Holder): "alive" | "gone" | "unknown" {
  const byPid = () => (runs(holder) ? "alive" : "gone");
  if (holder.boot === undefined || us.boot === undefined)
    return holder.host === us.host ? byPid() : "unknown";
  if (holder.boot === us.boot) return holder.pids === us.pids ? byPid() : "unknown";
  const restarted = holder.host === us.host && us.machine !== undefined && holder.machine === us.machine;
  return restarted ? "gone" : "unknown";
}
