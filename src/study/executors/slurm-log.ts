/** Reads the log of a task while another machine appends to it. */
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type OnProgress, parseWorkerEvent } from "../../util/index.ts";
import type { Failure } from "./schedule.ts";

export interface TaskLog {
  /** Reads what is new and passes on the newest progress of each label. */
  follow(): Promise<void>;
  /** The last error that the worker reported. */
  readonly said: Failure | null;
  /** The last lines of its standard error. */
  lastWords(): Promise<string>;
}

async function newBytes(path: string, offset: number): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const bytes = Buffer.alloc(Math.max(0, size - offset));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0); // not started yet
    throw error;
  }
}

/** The log of a task in the folder of its array. */
export function openLog(directory: string, task: string, onProgress?: OnProgress): TaskLog {
  let offset = 0;
  let said: Failure | null = null;
  return {
    async follow() {
      const bytes = await newBytes(join(directory, `${task}_log.out`), offset);
      // Only whole lines are decoded, so that no character is cut in two.
      const end = bytes.lastIndexOf(0x0a) + 1;
      offset += end;
      const text = bytes.subarray(0, end).toString("utf8");
      const newest = new Map<string, Parameters<OnProgress>[0]>();
      for (const line of text.split("\n")) {
        const event = parseWorkerEvent(line);
        if (event?.type === "progress") {
          const { type: _, ...progress } = event;
          newest.set(progress.label, progress);
        } else if (event) said = { code: event.code, message: event.message };
      }
      for (const progress of newest.values()) onProgress?.(progress);
    },
    get said() {
      return said;
    },
    async lastWords() {
      // It only adds to an error that is reported anyhow; a task that never began has none.
      const text = await readFile(join(directory, `${task}_log.err`), "utf8").catch(() => "");
      return text.trim().split("\n").slice(-3).join(" / ").slice(-2_000);
    },
  };
}
