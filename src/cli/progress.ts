/** Progress on a terminal: one bar per running label, redrawn in place; elsewhere a plain line every few seconds. */
import { type OnProgress, type ProgressEvent, printable, printableLine } from "../util/index.ts";
import type { ErrorStream } from "./context.ts";
import { duration, figure } from "./format.ts";

/** Minimum milliseconds between two drawings of the bars, and between two plain lines of a label. */
const REDRAW_MS = 100;
const PLAIN_MS = 5_000;
/** The first plain line comes sooner; shorter work prints only its end. */
const FIRST_MS = 1_000;
const BAR = 20;
/** Bars shown at a time; more would scroll a small terminal, where lines cannot be redrawn. */
const MOST_BARS = 8;

export interface ProgressDisplay {
  onProgress: OnProgress;
  /** A line of text above the bars. */
  log(text: string): void;
  /** Ends the display; the bars stay on the screen. */
  close(): void;
}

interface Running {
  event: ProgressEvent;
  /** First event: resumed work does not start at 0. */
  from: { done: number; at: number };
  /** Time of the last plain line. */
  writtenAt: number;
}

/** Rate and remaining seconds; null while unknown. */
function pace({ event, from }: Running, now: number): { rate: number; left: number } | null {
  const seconds = (now - from.at) / 1000;
  const steps = event.done - from.done;
  if (steps <= 0 || seconds <= 0) return null;
  const rate = steps / seconds;
  return { rate, left: Math.max(0, event.total - event.done) / rate };
}

/** Labels and notes may contain names from data. */
const shown = (event: ProgressEvent): ProgressEvent => ({
  ...event,
  label: printableLine(event.label),
  ...(event.note !== undefined && { note: printableLine(event.note) }),
});

function bar({ done, total }: ProgressEvent): string {
  const full = Math.round(BAR * Math.min(1, Math.max(0, done / total)));
  return "█".repeat(full) + "░".repeat(BAR - full);
}

const count = ({ done, total, unit }: ProgressEvent): string => `${figure(done)}/${figure(total)} ${unit}`;

/** The number of leading parts that fit into a line. */
function fitting(parts: readonly string[], width: number): number {
  let length = -2;
  for (const [index, part] of parts.entries()) {
    length += part.length + 2;
    if (length > width) return index;
  }
  return parts.length;
}

/**
 * A progress display on `stream`. It draws only on events, so it has no timer that keeps the process alive.
 *
 * @param now - Clock in milliseconds.
 */
export function createProgress(
  stream: ErrorStream,
  now: () => number = () => performance.now(),
): ProgressDisplay {
  const running = new Map<string, Running>();
  let drawn = 0; // lines from the cursor up to the first bar
  let drawnAt = Number.NEGATIVE_INFINITY;
  let closed = false;

  const line = (each: Running): string => {
    const { event } = each;
    const known = pace(each, now());
    const speed = known ? [`${figure(known.rate)}/s`, `${duration(known.left)} left`] : [];
    const parts = [event.label, bar(event), count(event), ...speed, ...(event.note ? [event.note] : [])];
    const kept = Math.max(1, fitting(parts, stream.columns - 1));
    const [label, graph, ...rest] = parts.slice(0, kept);
    const shown = [stream.style("bold", label!.slice(0, stream.columns - 1))];
    if (graph) shown.push(stream.style("cyan", graph));
    if (rest.length > 0) shown.push(stream.style("dim", rest.join("  ")));
    return shown.join("  ");
  };

  /** Replaces the bars by `text` and draws them again below it. */
  const redraw = (text = ""): void => {
    // Terminals echo Ctrl-C, hence the carriage return.
    const up = drawn > 0 ? `\r\x1b[${drawn}A\x1b[0J` : "";
    const bars = [...running.values()].slice(-MOST_BARS).map((each) => `${line(each)}\n`);
    drawn = bars.length;
    drawnAt = now();
    stream.write(up + text + bars.join(""));
  };

  const finished = (each: Running): string => {
    const { event, from } = each;
    const known = pace(each, now());
    const time = known ? [`in ${duration((now() - from.at) / 1000)}`, `${figure(known.rate)}/s`] : [];
    const note = event.note ? [event.note] : [];
    const mark = stream.rewritable ? `${stream.style("green", "✓")} ` : "";
    return `${mark}${[event.label, count(event), ...time, ...note].join("  ")}\n`;
  };

  const plainLine = (each: Running): string => {
    const known = pace(each, now());
    const speed = known ? [`${figure(known.rate)}/s`, `${duration(known.left)} left`] : [];
    const note = each.event.note ? [each.event.note] : [];
    return `${[each.event.label, count(each.event), ...speed, ...note].join("  ")}\n`;
  };

  return {
    onProgress(given) {
      if (closed) return;
      const event = shown(given);
      const at = now();
      const before = running.get(event.label);
      const from = before && event.done >= before.event.done ? before.from : { done: event.done, at };
      const each: Running = { event, from, writtenAt: before?.writtenAt ?? at + FIRST_MS - PLAIN_MS };
      if (event.done >= event.total) {
        running.delete(event.label);
        if (stream.rewritable) redraw(finished(each));
        else stream.write(finished(each));
        return;
      }
      running.set(event.label, each);
      if (stream.rewritable) {
        if (at - drawnAt >= REDRAW_MS) redraw();
      } else if (at - each.writtenAt >= PLAIN_MS) {
        each.writtenAt = at;
        stream.write(plainLine(each));
      }
    },
    log(message) {
      const text = printable(message);
      if (stream.rewritable) redraw(`${text}\n`);
      else stream.write(`${text}\n`);
    },
    close() {
      if (!closed && stream.rewritable && running.size > 0) redraw();
      closed = true;
    },
  };
}
