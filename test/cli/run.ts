/** Running the program: within this process, or as users do. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runCommand } from "../../src/cli/main.ts";

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

/** One command line in this process, with streams as of a program whose output goes to files. */
export const lintel = (...argv: string[]): Promise<Ran> => lintelAt(100, ...argv);

/** The same on a terminal of this width. */
export async function lintelAt(columns: number, ...argv: string[]): Promise<Ran> {
  let [out, err] = ["", ""];
  const code = await runCommand(argv, {
    out: (text) => {
      out += text;
    },
    err: {
      write: (text) => {
        err += text;
      },
      rewritable: false,
      columns,
      style: (_, text) => text,
    },
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

export const program = fileURLToPath(new URL("../../bin/lintel.js", import.meta.url));

export interface Started extends ChildProcess {
  ended: Promise<Ran & { signal: NodeJS.Signals | null }>;
}

/** The program in a process of its own; vitest's set-up has built it. `entry`: a module that runs it in place of bin/lintel.js. */
export function start(argv: readonly string[], env: Record<string, string> = {}, entry = program): Started {
  const child = spawn(process.execPath, [entry, ...argv], { env: { ...process.env, ...env } });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    err += text;
  });
  const ended = new Promise<Ran & { signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, out, err }));
  });
  return Object.assign(child, { ended });
}

/** Waits until the standard error of a process matches. */
export function until(child: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = "";
    child.stderr!.on("data", (text: string) => {
      seen += text;
      if (pattern.test(seen)) resolve();
    });
    child.on("close", () => reject(new Error(`ended without ${pattern}: ${seen}`)));
  });
}
