/** What a command may touch of the world outside: two streams and a signal. Tests put their own. */
import { styleText } from "node:util";

export type Style = "bold" | "dim" | "red" | "green" | "cyan";

/** Where progress and messages go. */
export interface ErrorStream {
  write(text: string): void;
  /** Lines can be rewritten. */
  readonly rewritable: boolean;
  /** Characters in a line. */
  readonly columns: number;
  /** The text in a style, or as it is where colours are not wanted (NO_COLOR, not a terminal). */
  style(style: Style, text: string): string;
}

export interface Context {
  /** Results. */
  out(text: string): void;
  /** Everything else. */
  err: ErrorStream;
  /** Aborted when the user or the system wants us to stop. */
  signal: AbortSignal;
}

/** The context of this process. */
export function processContext(signal: AbortSignal): Context {
  const { stdout, stderr, env } = process;
  return {
    out: (text) => void stdout.write(text),
    err: {
      write: (text) => void stderr.write(text),
      rewritable: stderr.isTTY === true && env.TERM !== "dumb",
      get columns() {
        return stderr.columns ?? 100;
      },
      style: (style, text) => styleText(style, text, { stream: stderr }),
    },
    signal,
  };
}
