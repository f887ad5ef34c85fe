/** What a command may use of the process: two streams and a signal. Tests pass their own. */
import { styleText } from "node:util";

type Style = "bold" | "dim" | "red" | "green" | "cyan";

/** Where progress and messages go. */
export interface ErrorStream {
  write(text: string): void;
  /** Lines can be rewritten. */
  readonly rewritable: boolean;
  /** Characters in a line. */
  readonly columns: number;
  /** The text with a style, or without one if colors are disabled (NO_COLOR, no terminal). */
  style(style: Style, text: string): string;
}

export interface Context {
  /** Results. */
  out(text: string): void;
  /** Everything else. */
  err: ErrorStream;
  /** Aborted by Ctrl-C or a termination signal. */
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
        return stderr.columns ?? 80;
      },
      style: (style, text) => styleText(style, text, { stream: stderr }),
    },
    signal,
  };
}
