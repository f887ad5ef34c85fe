/** Where the standard error of engines is kept. */
import { createWriteStream, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../util/index.ts";

/** Logs that are kept; older ones are removed when another is begun. */
const KEPT = 50;

interface LogFile {
  path: string;
  write(text: string): void;
  close(): void;
}

/** A new log in the cache directory; it is not readable by others, since prompts and paths may be in it. */
export function openLog(): LogFile {
  const directory = join(cacheDirectory(), "engines");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const old = readdirSync(directory)
    .filter((name) => name.endsWith(".log"))
    .sort();
  for (const name of old.slice(0, Math.max(0, old.length - KEPT + 1)))
    rmSync(join(directory, name), { force: true });
  const stamp = new Date().toISOString().replaceAll(/[-:]/g, "").slice(0, 15);
  const path = join(directory, `${stamp}-${process.pid}-${Math.random().toString(36).slice(2, 6)}.log`);
  const stream = createWriteStream(path, { mode: 0o600 });
  // A log that cannot be written must not end the work that it is about; the lines are shown in any case.
  stream.on("error", () => undefined);
  return { path, write: (text) => void stream.write(text), close: () => void stream.end() };
}
