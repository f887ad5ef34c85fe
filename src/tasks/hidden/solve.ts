import { type Color, cellsAcross, colorAt, nearestColor, only, type Panel, panelsOf } from "../panels.ts";
import type { Example } from "../types.ts";

/**
 * This solver shares nothing with the generator but the rules: it sees colors in the middle of cells and reads the
 * ball and its moves out of the question.
 */
const seen: Record<"board" | "screen" | "red" | "blue" | "green" | "yellow", Color> = {
  board: [240, 235, 215],
  screen: [128, 130, 135],
  red: [215, 50, 45],
  blue: [45, 85, 200],
  green: [60, 160, 75],
  yellow: [240, 190, 40],
};

/** What is in the cells of a board, row by row. */
const read = (panel: Panel, side: number): (keyof typeof seen)[] =>
  Array.from({ length: side * side }, (_, i) =>
    nearestColor(colorAt(panel, ((i % side) + 0.5) / side, (Math.floor(i / side) + 0.5) / side), seen),
  );

/**
 * The right option of a hidden example, from its words and pixels alone: the board with the ball where its moves end,
 * and all other balls where they were. Throws `LintelError` "dataset" unless exactly one option shows it.
 */
export function solve(example: Example): number {
  const [scene, ...options] = panelsOf(example, 1 + example.options.length);
  // Counted where no screen covers the lines.
  const side = cellsAcross(options[0]!);
  const before = read(scene!, side);
  const ball = /\b(red|blue|green|yellow)\b/.exec(example.question)?.[1] as (typeof before)[number];
  const start = only(
    example,
    `${ball} ball`,
    before.flatMap((each, i) => (each === ball ? [i] : [])),
  );
  let [x, y] = [start % side, Math.floor(start / side)];
  for (const [, count, direction] of example.question.matchAll(/(?:(\d+) )?\b(up|down|left|right)\b/g)) {
    const steps = Number(count ?? 1);
    if (direction === "up") y -= steps;
    if (direction === "down") y += steps;
    if (direction === "left") x -= steps;
    if (direction === "right") x += steps;
  }
  const expected: string[] = before.map((each) => (each === "screen" || each === ball ? "board" : each));
  expected[y * side + x] = ball;
  const right = options.flatMap((panel, i) => (String(read(panel, side)) === String(expected) ? [i] : []));
  return only(example, "option that shows the ball where it rolled", right);
}
