/** What all commands share: progress during the work, then the result as text or JSON. */
import type { Command } from "commander";
import { type OnProgress, printable, withSchemaVersion } from "../util/index.ts";
import type { Context } from "./context.ts";
import { createProgress } from "./progress.ts";

/** The result of a command, for people and, with `--json`, for programs. */
export interface Outcome {
  text: string;
  json: object;
}

export interface Tools {
  onProgress: OnProgress;
  signal: AbortSignal;
  /** Writes a message that is not part of the result. */
  log(text: string): void;
}

/**
 * Runs the work of `command` and prints its outcome to standard output, all else to standard error. null: the work has
 * written its result itself.
 */
export async function perform(
  context: Context,
  command: Command,
  work: (tools: Tools) => Promise<Outcome | null>,
): Promise<void> {
  const display = createProgress(context.err);
  const { signal } = context;
  const stopping = (): void =>
    display.log(
      "lintel: stopping after this step; press Ctrl-C again to abort now. Rerun the same command to resume.",
    );
  signal.addEventListener("abort", stopping, { once: true });
  try {
    const outcome = await work({ onProgress: display.onProgress, signal, log: display.log });
    display.close();
    if (outcome === null) return;
    const { json } = command.optsWithGlobals<{ json?: boolean }>();
    context.out(
      `${printable(json ? JSON.stringify(withSchemaVersion(outcome.json), null, 2) : outcome.text)}\n`,
    );
  } finally {
    signal.removeEventListener("abort", stopping);
    display.close();
  }
}
