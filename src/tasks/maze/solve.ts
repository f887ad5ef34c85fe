import { type Color, cellsAcross, colorAt, nearestColor, only, type Panel, panelsOf } from "../panels.ts";
import type { Example } from "../types.ts";

/**
 * This solver shares nothing with the generator but the rules: it sees colors in the middle of cells and reads moves
 * out of the question, step by step.
 */
const colors: Record<"white" | "brown" | "dark" | "green" | "red", Color> = {
  white: [225, 240, 250],
  brown: [130, 90, 65],
  dark: [20, 35, 80],
  green: [40, 170, 80],
  red: [225, 35, 35],
};

/** Colors of the cells of a lake, row by row. */
const readLake = (panel: Panel, side: number) =>
  Array.from({ length: side * side }, (_, i) =>
    nearestColor(colorAt(panel, ((i % side) + 0.5) / side, (Math.floor(i / side) + 0.5) / side), colors),
  );

const shifts: Record<string, readonly [number, number]> = {
  up: [0, -1],
  down: [0, 1],
  left: [-1, 0],
  right: [1, 0],
};

/** Words of direction, each as often as the number before it says. */
const movesIn = (text: string): string[] =>
  [...text.matchAll(/(?:(\d+) )?\b(up|down|left|right)\b/g)].flatMap(([, count, direction]) =>
    Array<string>(Number(count ?? 1)).fill(direction!),
  );

/** The cell in which the moves end. */
function follow(lake: readonly string[], side: number, from: number, moves: readonly string[]): number {
  let [x, y] = [from % side, Math.floor(from / side)];
  for (const move of moves) {
    if (lake[y * side + x] === "dark") break;
    const [dx, dy] = shifts[move]!;
    const [nx, ny] = [x + dx, y + dy];
    if (Math.min(nx, ny) < 0 || Math.max(nx, ny) >= side || lake[ny * side + nx] === "brown") continue;
    [x, y] = [nx, ny];
  }
  return y * side + x;
}

/**
 * The right option of a maze example, from its words and pixels alone: the lake that shows where the moves end, or the
 * path that ends at the goal. Throws `LintelError` "dataset" unless there is exactly one.
 */
export function solve(example: Example): number {
  const { question, options } = example;
  const forPath = /which path|which reaches/i.test(question);
  const [scene, ...shown] = panelsOf(example, forPath ? 1 : 1 + options.length);
  const side = cellsAcross(scene!);
  const lake = readLake(scene!, side);
  const where = (color: string, cells: readonly string[]): number =>
    only(
      example,
      `${color} cell`,
      cells.flatMap((cell, i) => (cell === color ? [i] : [])),
    );
  const start = where("red", lake);
  if (!forPath) {
    const end = follow(lake, side, start, movesIn(question));
    const right = shown.flatMap((panel, i) => (where("red", readLake(panel, side)) === end ? [i] : []));
    return only(example, "option that shows where the moves end", right);
  }
  const goal = where("green", lake);
  // "(a) 2 right, 1 up; (b) …" in sentences, "right right up a …" in the words of pocket models.
  const paths = /\(a\)/.test(question)
    ? question.split(/\([a-d]\) /).slice(1)
    : question.split("?")[1]!.split(/ [a-d](?= |$)/);
  const right = options.flatMap((_, i) =>
    follow(lake, side, start, movesIn(paths[i]!)) === goal ? [i] : [],
  );
  return only(example, "path that ends at the goal", right);
}
