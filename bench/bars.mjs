// What is asked of the lines that `bench:decode` and `bench:audit` print.
import { BAR } from "./audit/cases.mjs";
import { median } from "./train/lines.mjs";

/** The figure of a line that a bar stands for; null where nothing is asked of it, or nothing was compared. */
export function figureOf({ cost, most, bar, ours, ratio }) {
  if (cost !== undefined) return { value: cost, bar: BAR, atMost: true };
  if (most !== undefined) return { value: ours, bar: most, atMost: true };
  if (bar === undefined || ratio === null) return null;
  return { value: ratio, bar, atMost: false };
}

/** Of lines of several rounds: each case with a bar, the middle of its figures, and whether it is kept. */
export function summary(lines) {
  const found = new Map();
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
