/** What is asked of the lines that `bench:decode` and `bench:audit` print. */
import { BAR } from "./audit/cases.ts";
import { median } from "./pairs.ts";

interface Figure {
  value: number;
  bar: number;
  /** The bar is a limit, not something to be reached. */
  atMost: boolean;
}

/** A line of `bench:decode` or `bench:audit`. */
export interface BenchLine {
  case: string;
  ours: number;
  ratio: number | null;
  cost?: number;
  most?: number;
  bar?: number;
}

/** The figure of a line that a bar stands for; null where nothing is asked of it, or nothing was compared. */
export function figureOf({ cost, most, bar, ours, ratio }: BenchLine): Figure | null {
  if (cost !== undefined) return { value: cost, bar: BAR, atMost: true };
  if (most !== undefined) return { value: ours, bar: most, atMost: true };
  if (bar === undefined || ratio === null) return null;
  return { value: ratio, bar, atMost: false };
}

/** Of lines of several rounds: each case with a bar, the middle of its figures, and whether it is kept. */
export function summary(lines: readonly BenchLine[]): (Figure & { what: string; kept: boolean })[] {
  const found = new Map<string, Omit<Figure, "value"> & { values: number[] }>();
  for (const line of lines) {
    const figure = figureOf(line);
    if (!figure) continue;
    const { value, ...asked } = figure;
    const known = found.get(line.case) ?? { ...asked, values: [] };
    known.values.push(value);
    found.set(line.case, known);
  }
  return [...found].map(([what, { bar, atMost, values }]) => {
    const value = median(values);
    return { what, value, bar, atMost, kept: atMost ? value <= bar : value >= bar };
  });
}
