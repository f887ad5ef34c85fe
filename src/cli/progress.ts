/** Progress of work on a terminal: a bar per running label, rewritten in place; elsewhere a plain line now and then. */
import { type OnProgress, type ProgressEvent, printable, printableLine } from "../util/index.ts";
import type { ErrorStream } from "./context.ts";
import { duration, figure } from "./format.ts";

/** Least milliseconds between two drawings of the bars, and between two plain lines of a label. */
const REDRAW_MS = 100;
const PLAIN_MS = 5_000;
/** The first plain line comes sooner, so that one sees that something goes on; work shorter than this says only its end. */
const FIRST_MS = 1_000;
const BAR = 20;
/** Bars shown at a time; more would scroll a small terminal, where lines cannot be taken back. */
const MOST_BARS = 8;

export interface ProgressDisplay {
  onProgress: OnProgress;
  /** A line of text above the bars. */
  log(text: string): void;
  /** Ends the display; the bars stay as they are. */
  close(): void;
}

interface Running {
  event: ProgressEvent;
  /** Where counting began: work that is resumed does not start at 0. */
  from: { done: number; at: number };
  /** When a plain line was last written for it. */
  told: number;
}

/** How fast and how much longer; null while nothing is known. */
function pace({ event, from }: Running, now: number): { rate: number; left: number } | null {
  const seconds = (now - from.at) / 1000;
  const steps = event.done - from.done;
  if (steps <= 0 || seconds <= 0) return null;
  const rate = steps / seconds;
  return { rate, left: Math.max(0, event.total - event.done) / rate };
}

/** Labels, units and notes may hold names from data. */
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

/** The parts of a line that fit, in order of importance; what does not fit is left out from the end. */
function fitting(parts: readonly string[], width: number): number {
  let length = -2;
  for (const [index, part] of parts.entries()) {
    length += part.length + 2;
    if (length > width) return index;
  }
  return parts.length;
}

/**
 * A display on `stream`. It draws only when something is reported, so it needs no timer and keeps no process alive.
 *
 * @param now - Milliseconds; a clock of one's own for tests.
 *
 * @example
 * const lines = [];
 * const plain = { write: (text) => lines.push(text), rewritable: false, columns: 80, style: (_, text) => text };
 * const display = createProgress(plain);
 * display.onProgress({ label: "train", done: 3, total: 3, unit: "steps" });
 * lines; // ["train  3/3 steps\n"]
 */
export function createProgress(
  stream: ErrorStream,
  now: () => number = () => performance.now(),
): ProgressDisplay {
  const running = new Map<string, Running>();
  let drawn = 0; // lines that the cursor has to go up to be at the first bar
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

  /** Takes the bars away, writes `text` in their place, and draws them again below it. */
  const redraw = (text = ""): void => {
    // The carriage return matters after Ctrl-C, which terminals echo.
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
      const each: Running = { event, from, told: before?.told ?? at + FIRST_MS - PLAIN_MS };
      if (event.done >= event.total) {
        running.delete(event.label);
        if (stream.rewritable) redraw(finished(each));
        else stream.write(finished(each));
        return;
      }
      running.set(event.label, each);
      if (stream.rewritable) {
        if (at - drawnAt >= REDRAW_MS) redraw();
      } else if (at - each.told >= PLAIN_MS) {
        each.told = at;
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
