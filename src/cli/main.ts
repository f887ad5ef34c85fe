/** The process: signals, broken pipes, exit codes. */
import { inspect } from "node:util";
import { CommanderError } from "commander";
import { LintelError, printable, TRY_AGAIN } from "../util/index.ts";
import { type Context, processContext } from "./context.ts";
import { createProgram } from "./program.ts";

const INTERRUPTED = 130;
/** Time for work to reach a safe point after an interrupt. */
const GRACE_MS = 4_500;

/** Prints what went wrong, with `json` also as one line of JSON, and returns the exit code. */
function report(error: unknown, { err }: Pick<Context, "err">, json = false): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const known = error instanceof LintelError;
  const message = error instanceof Error ? error.message : String(error);
  const text = printable(message);
  err.write(`${err.style("red", "lintel:")} ${known ? text : `unexpected error: ${text}`}\n`);
  if (process.env.LINTEL_DEBUG === "1") err.write(`${inspect(error)}\n`);
  else if (!known) err.write("LINTEL_DEBUG=1 shows where it happened\n");
  if (json && known) err.write(`${printable(JSON.stringify({ error }))}\n`);
  return known && error.code === "usage" ? 2 : 1;
}

/**
 * Runs one command line in `context` and returns the exit code: 130 if the context was aborted.
 */
export async function runCommand(argv: readonly string[], context: Context): Promise<number> {
  try {
    await createProgram(context).parseAsync([...argv], { from: "user" });
    return context.signal.aborted ? INTERRUPTED : 0;
  } catch (error) {
    // After an abort every error is a consequence of it.
    return context.signal.aborted ? INTERRUPTED : report(error, context, argv.includes("--json"));
  }
}

/** Waits until all output is written: `process.exit` would truncate a pipe. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((done) => {
    if (stream.destroyed || stream.writableEnded) done();
    else stream.write("", () => done());
  });

/** The whole process: never returns. */
export async function main(argv: readonly string[]): Promise<void> {
  const controller = new AbortController();
  let stopped: number | null = null;
  const stop = (code: number): void => {
    if (stopped !== null) process.exit(stopped);
    stopped = code;
    setTimeout(() => process.exit(code), GRACE_MS).unref();
    controller.abort(new Error("interrupted"));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop(INTERRUPTED));
  // Slurm's warning that a job's time is nearly up.
  if (process.platform !== "win32") process.on("SIGUSR2", () => stop(TRY_AGAIN));
  // The parent executor holds the other end, which closes even if it is killed.
  if (process.env.LINTEL_STDIN_IS_PARENT === "1") {
    process.stdin.on("end", () => stop(INTERRUPTED)).on("error", () => stop(INTERRUPTED));
    process.stdin.resume();
    (process.stdin as unknown as { unref?: () => void }).unref?.();
  }

  const context = processContext(controller.signal);
  // A closed standard output (`lintel … | head`) ends the process; a closed standard error does not.
  let failed: Promise<void> | undefined;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    // Only here, so that a help loads nothing else.
    failed ??= import("../formats/index.ts").then(({ outputError }) =>
      process.exit(report(outputError("standard output", error), context)),
    );
  });
  process.stderr.on("error", () => undefined);
  process.on("uncaughtException", (error) => process.exit(stopped ?? report(error, context)));

  const code = await runCommand(argv, context);
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  // The error of a stream comes after the callback of its last write.
  await new Promise((done) => setImmediate(done));
  await failed;
  process.exit(stopped ?? code);
}
