/** What the runners of `bench:train`, `bench:audit` and `bench:decode` share: cases by name, and one process after another. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { unknownName } from "../src/util/index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Python of the peers. */
export const python = process.env.LINTEL_PYTHON || join(root, ".venv", "bin", "python");

/** The cases that the command line names, all without; ends the program for an unknown one. `bench`: its name. */
export function chosenOf<Name extends string>(bench: string, cases: Readonly<Record<Name, unknown>>): Name[] {
  const chosen = process.argv.slice(2);
  for (const name of chosen) {
    if (!Object.hasOwn(cases, name)) {
      console.error(`bench:${bench}: ${unknownName("case", name, Object.keys(cases)).message}`);
      process.exit(2);
    }
  }
  return (chosen.length > 0 ? chosen : Object.keys(cases)) as Name[];
}

/** A file of bench/BENCH/. */
export const programOf =
  (bench: string) =>
  (file: string): string =>
    fileURLToPath(new URL(`${bench}/${file}`, import.meta.url));

/** Arguments of Node that run a TypeScript file of bench/. */
export const nodeArguments = (file: string): string[] => [
  "--import",
  new URL("loader.mjs", import.meta.url).href,
  file,
];

/** What a process gives that failed. */
export interface Failed {
  error: string;
}

export const failed = (run: object): run is Failed => "error" in run && run.error !== undefined;

/** Runs one process and reads the line that it prints. A failure is a result too. */
export const runnerOf =
  (bench: string) =>
  async <Result>(
    what: string,
    command: string,
    ...args: readonly (string | number)[]
  ): Promise<Result | Failed> => {
    console.error(`bench:${bench}: ${what}`);
    try {
      const { stdout } = await promisify(execFile)(command, args.map(String), {
        cwd: root,
        maxBuffer: 1 << 26,
      });
      return JSON.parse(stdout.trim().split("\n").at(-1)!) as Result;
    } catch (thrown) {
      const error = thrown as Error & { code?: unknown; stderr?: string };
      const said = (error.stderr ?? "")
        .trim()
        .split("\n")
        .findLast((line) => /\S/.test(line));
      const reason =
        error.code === "ENOENT"
          ? `${command}: no such program; set LINTEL_PYTHON to a Python with torch`
          : said || error.message;
      console.error(`bench:${bench}: ${what}: failed: ${reason}`);
      return { error: `${what}: ${reason}` };
    }
  };

/** Of a command: wall time, processor time of it and all its children, and what it printed. */
interface Timed {
  seconds: number;
  cpu: number;
  stdout: string;
}

/** Minutes and seconds as `times` of a shell prints them. */
const secondsOf = (text: string): number => {
  const [, minutes, rest] = /(\d+)m([\d.]+)s/.exec(text)!;
  return 60 * Number(minutes) + Number(rest);
};

/** Runs a command to its end and times it. */
export async function timedRun(
  what: string,
  command: string,
  args: readonly string[],
  cwd = root,
): Promise<Timed | Failed> {
  // The shell counts the processor time of its children, and theirs.
  const script = '"$@"; code=$?; times >&2; exit $code';
  const started = performance.now();
  try {
    const { stdout, stderr } = await promisify(execFile)("sh", ["-c", script, "sh", command, ...args], {
      cwd,
      maxBuffer: 1 << 28,
    });
    const seconds = (performance.now() - started) / 1000;
    const [user, system] = stderr.trim().split("\n").at(-1)!.split(" ");
    return { seconds, cpu: secondsOf(user!) + secondsOf(system!), stdout };
  } catch (thrown) {
    const { stderr = "", message } = thrown as Error & { stderr?: string };
    return { error: `${what}: ${stderr.trim().split("\n").slice(-4).join(" ") || message}` };
  }
}
