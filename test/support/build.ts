/**
 * Builds dist/ once before the tests where the sources are newer, because the program's own tests start it as users do.
 * Types are checked by `npm run types`; here only their absence is emitted, which takes a second or two.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lockDirectory } from "../../src/util/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

function newest(directory: string): number {
  let time = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) time = Math.max(time, newest(path));
    else if (/\.ts$/.test(entry.name) && !/\.test\.ts$/.test(entry.name))
      time = Math.max(time, statSync(path).mtimeMs);
  }
  return time;
}

export default async function build(): Promise<void> {
  const dist = join(root, "dist");
  const stamp = join(dist, ".built");
  mkdirSync(dist, { recursive: true });
  const lock = await lockDirectory(dist, { wait: 120 });
  try {
    const time = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    // What `npm run build` left is complete, and has the bundle, which a build for the tests does not make.
    const whole = time(join(dist, "index.js")) > 0 ? time(join(dist, "bundle", "lintel.js")) : 0;
    if (Math.max(time(stamp), whole) > newest(join(root, "src"))) return;
    const started = new Date();
    // A bundle of older sources would be started in place of what is built here.
    rmSync(join(dist, "bundle"), { recursive: true, force: true });
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const args = ["-p", "tsconfig.build.json", "--noCheck", "--declaration", "false", "--sourceMap", "false"];
    execFileSync(process.execPath, [tsc, ...args], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    writeFileSync(stamp, `${started.toISOString()}\n`);
  } finally {
    lock.release();
  }
}
