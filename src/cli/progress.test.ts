import { beforeEach, describe, expect, it } from "vitest";
import type { ErrorStream } from "./context.ts";
import { createProgress, type ProgressDisplay } from "./progress.ts";

/** What a terminal shows after the text: lines, with the cursor movements that the display uses. */
function screen(text: string): string[] {
  const lines = [""];
  let row = 0;
  let column = 0;
  for (const [piece] of text.replaceAll("\x1b", "␛").matchAll(/␛\[(\d+)A|␛\[0J|[\n\r]|[^␛\n\r]+/g)) {
    const up = piece.match(/^␛\[(\d+)A$/);
    if (up) row -= Number(up[1]);
    else if (piece === "␛[0J") lines.splice(row, lines.length, lines[row]!.slice(0, column));
    else if (piece === "\r") column = 0;
    else if (piece === "\n") {
      lines[++row] ??= "";
      column = 0;
    } else {
      lines[row] = lines[row]!.slice(0, column) + piece + lines[row]!.slice(column + piece.length);
      column += piece.length;
    }
  }
  return lines.filter((line, index) => line !== "" || index < lines.length - 1);
}

let written: string;
let clock: number;
let display: ProgressDisplay;
function start(rewritable: boolean, columns = 100): void {
  written = "";
  clock = 0;
  const stream: ErrorStream = {
    write: (text) => {
      written += text;
    },
    rewritable,
    columns,
    style: (_, text) => text,
  };
  display = createProgress(stream, () => clock);
}
const steps = (label: string, done: number, total = 100, note?: string) =>
  display.onProgress({ label, done, total, unit: "steps", ...(note !== undefined && { note }) });

describe("on a terminal", () => {
  beforeEach(() => start(true));

  it("shows bar, count, rate, time left and note, and rewrites them", () => {
    steps("train", 0);
    clock = 10_000;
    steps("train", 25, 100, "loss 0.41");
    expect(screen(written)).toEqual([
      "train  █████░░░░░░░░░░░░░░░  25/100 steps  2.5/s  30 s left  loss 0.41",
    ]);
  });

  it("keeps one line per label that runs, and puts finished ones above", () => {
    steps("a", 0);
    clock = 1000;
    steps("b", 0);
    clock = 2000;
    steps("a", 50);
    clock = 3000;
    steps("b", 10);
    expect(screen(written).map((line) => line.slice(0, 24))).toEqual([
      "a  ██████████░░░░░░░░░░ ",
      "b  ██░░░░░░░░░░░░░░░░░░ ",
    ]);
    clock = 4000;
    steps("a", 100);
    expect(screen(written)).toEqual([
      "✓ a  100/100 steps  in 4.0 s  25/s",
      "b  ██░░░░░░░░░░░░░░░░░░  10/100 steps  3.33/s  27 s left",
    ]);
    display.log("a message");
    expect(screen(written)[1]).toBe("a message");
    expect(screen(written)).toHaveLength(3);
    display.close();
    steps("b", 20);
    expect(screen(written).at(-1)).toContain("10/100");
  });

  it("writes whole lines after Ctrl-C, which terminals echo", () => {
    steps("train", 0);
    written += "^C";
    display.log("stopping");
    expect(screen(written)[0]).toBe("stopping");
  });

  it("counts the rate of resumed work from where it went on", () => {
    steps("train", 90);
    clock = 5000;
    steps("train", 95);
    expect(screen(written)[0]).toContain("1/s  5.0 s left");
  });

  it("starts counting anew when a label starts anew", () => {
    steps("train", 50);
    clock = 1000;
    steps("train", 0);
    clock = 2000;
    steps("train", 10);
    expect(screen(written)[0]).toContain("10/s  9.0 s left");
  });

  it("draws at most ten times a second", () => {
    for (clock = 0; clock < 1000; clock++) steps("train", clock, 2000);
    expect(written.split("\n").length - 1).toBe(10);
  });

  it("leaves out what does not fit, never wrapping a line", () => {
    for (const columns of [5, 12, 30, 45, 60]) {
      start(true, columns);
      steps("train tetris", 0);
      clock = 1000;
      steps("train tetris", 10, 100, "a rather long note about this");
      const [shown, ...more] = screen(written);
      expect(more).toEqual([]);
      expect(shown!.length).toBeLessThan(columns);
      expect("train tetris".startsWith(shown!.slice(0, 12).trimEnd())).toBe(true);
    }
  });

  it("shows a few of very many labels, so that they can all be taken back", () => {
    for (let i = 0; i < 50; i++) {
      clock += 1000;
      steps(`cell ${i}`, 1);
    }
    expect(screen(written)).toHaveLength(8);
    expect(screen(written).at(-1)).toContain("cell 49");
  });
});

describe("elsewhere", () => {
  beforeEach(() => start(false));

  it("writes a plain line after a second, then every five, and one at the end, without control characters", () => {
    for (clock = 0; clock <= 12_000; clock += 1000) steps("train", clock / 1000, 12, "loss 1");
    expect(written.split("\n")).toEqual([
      "train  1/12 steps  1/s  11 s left  loss 1",
      "train  6/12 steps  1/s  6.0 s left  loss 1",
      "train  11/12 steps  1/s  1.0 s left  loss 1",
      "train  12/12 steps  in 12 s  1/s  loss 1",
      "",
    ]);
  });

  it("says nothing of short work but its end", () => {
    steps("generate", 0);
    clock = 500;
    steps("generate", 50);
    clock = 1000;
    steps("generate", 100);
    display.log("done");
    expect(written).toBe("generate  100/100 steps  in 1.0 s  100/s\ndone\n");
  });
});
