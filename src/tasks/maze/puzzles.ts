import type { Random } from "../../util/index.ts";
import { type Direction, directions, inWords, type Run, randomRuns } from "../runs.ts";
import { type CellKind, emptyMaze, type Maze, type MazeWalk, stops, walk } from "./world.ts";

/** An example before it is painted: four walks in one maze, any of which might have been the right one. */
export interface MazePuzzle {
  maze: Maze;
  start: number;
  /** Only where a way to it is requested. */
  goal: number | null;
  walks: readonly MazeWalk[];
  asked: MazeWalk;
}

/** What difficulty sets: cells along the edge, how many runs, the longest one, and which things are on the ice. */
interface MazeLevel {
  end: { side: number; runs: readonly number[] };
  path: { side: number; runs: readonly number[] };
  longest: number;
  things: readonly CellKind[];
}

export const levels: Readonly<Record<number, MazeLevel>> = {
  1: { end: { side: 4, runs: [3, 4] }, path: { side: 5, runs: [4] }, longest: 3, things: ["rock"] },
  2: {
    end: { side: 6, runs: [4, 5] },
    path: { side: 6, runs: [4, 5] },
    longest: 4,
    things: ["rock", "rock", "hole"],
  },
  3: {
    end: { side: 8, runs: [6, 7] },
    path: { side: 8, runs: [6, 7] },
    longest: 5,
    things: ["rock", "rock", "hole"],
  },
};

/** Held-out examples have this many more runs. */
export const longer = 2;

/** Whether a layout belongs to the split that is drawn for. */
type Own = (layout: string) => boolean;

/** So many sequences are tried in a maze. */
const tried = 150;

/** Groups of at least four things that agree in `by`, of which no two agree in `but`. */
function groups<T>(things: readonly T[], by: (thing: T) => string, but: (thing: T) => string): T[][] {
  const found = new Map<string, Map<string, T>>();
  for (const thing of things) {
    const key = by(thing);
    const group = found.get(key) ?? new Map<string, T>();
    if (!found.has(key)) found.set(key, group);
    if (!group.has(but(thing))) group.set(but(thing), thing);
  }
  return [...found.values()].filter(({ size }) => size >= 4).map((group) => [...group.values()]);
}

/** Four of one group and the one that is requested, drawn independently of which. */
function chosen(r: Random, all: readonly MazeWalk[][]): { walks: MazeWalk[]; asked: MazeWalk } | null {
  if (all.length === 0) return null;
  const walks = r.shuffled(r.pick(all)).slice(0, 4);
  return { walks, asked: r.pick(walks) };
}

/** Different sequences among `count` tries. */
function several(count: number, draw: () => Run[] | null): Run[][] {
  const found = new Map<string, Run[]>();
  for (let i = 0; i < count; i++) {
    const runs = draw();
    if (runs) found.set(inWords(runs), runs);
  }
  return [...found.values()];
}

/**
 * Where do these moves end? Four sequences that would all end in the same cell if nothing were on the ice, and end in
 * four cells because of what does. Null where the maze has no such four, or is another split's.
 */
export function endPuzzle(r: Random, difficulty: number, runs: number, own: Own): MazePuzzle | null {
  const { end, longest, things } = levels[difficulty]!;
  const cells = end.side ** 2;
  const many = Math.floor(cells / 5) + r.integer(Math.floor(cells / 8) + 1);
  const [start = 0, ...others] = r.shuffled(Array.from({ length: cells }, (_, i) => i));
  const bare = emptyMaze(end.side);
  const kinds = [...bare.kinds];
  for (const cell of others.slice(0, many)) kinds[cell] = r.pick(things);
  const maze: Maze = { side: end.side, kinds };
  if (!own(layoutOf({ maze, start, goal: null }))) return null;
  const found = chosen(
    r,
    groups(
      several(tried, () => randomRuns(r, end.side, start, runs, longest)).map((each) =>
        walk(maze, start, each),
      ),
      (each) => String(walk(bare, start, each.runs).trail.at(-1)),
      (each) => String(each.trail.at(-1)),
    ),
  );
  return found && { maze, start, goal: null, ...found };
}

/** Whole numbers of at least 1, in random order of sizes, that make up `total`. */
function composition(r: Random, total: number, count: number): number[] {
  const cuts = r
    .shuffled(Array.from({ length: total - 1 }, (_, i) => i + 1))
    .slice(0, count - 1)
    .sort((a, b) => a - b);
  return [...cuts, total].map((cut, i) => cut - (cuts[i - 1] ?? 0));
}

/** Other runs with as many in each direction and as many steps in each: with another order and division of steps. */
function rearranged(r: Random, runs: readonly Run[]): Run[] {
  const counts = new Map<Direction, number[]>();
  for (const direction of directions) {
    const own = runs.filter((run) => run.direction === direction);
    if (own.length > 0)
      counts.set(
        direction,
        composition(
          r,
          own.reduce((sum, { count }) => sum + count, 0),
          own.length,
        ),
      );
  }
  const across = (run: Run): boolean => run.direction === "left" || run.direction === "right";
  const lines = [runs.filter(across), runs.filter((run) => !across(run))].map((line) => r.shuffled(line));
  const [a = [], b = []] = lines;
  const [first, second] = a.length > b.length || (a.length === b.length && r.integer(2)) ? [a, b] : [b, a];
  return runs.map((_, i) => {
    const { direction } = (i % 2 === 0 ? first : second)[i >> 1]!;
    return { direction, count: counts.get(direction)!.pop()! };
  });
}

/** A walk over an empty lake that meets no edge and no cell twice. */
function simple({ runs, trail }: MazeWalk): boolean {
  const wanted = runs.reduce((sum, { count }) => sum + count, 1);
  return trail.length === wanted && new Set(trail).size === wanted;
}

/**
 * Which path leads to the goal? Four paths of equally many runs and steps from the start to the goal; holes are on
 * three of them. As the holes came after the choice, the paths by themselves tell nothing. Null where no such four
 * were found, or the maze is another split's.
 */
export function pathPuzzle(r: Random, difficulty: number, runs: number, own: Own): MazePuzzle | null {
  const { path, longest, things } = levels[difficulty]!;
  const bare = emptyMaze(path.side);
  const start = r.integer(path.side ** 2);
  const base = randomRuns(r, path.side, start, runs, longest);
  if (!base || !simple(walk(bare, start, base))) return null;
  const walks = several(24, () => rearranged(r, base))
    .map((each) => walk(bare, start, each))
    .filter(simple);
  const found = chosen(
    r,
    groups(
      walks,
      ({ trail }) => String(trail.at(-1)),
      ({ trail }) => [...trail].sort((a, b) => a - b).join(" "),
    ),
  );
  if (!found) return null;
  const { asked } = found;
  const kinds = [...bare.kinds];
  const used = new Set(found.walks.flatMap(({ trail }) => trail));
  for (const cell of kinds.keys()) if (!used.has(cell) && r.integer(3) === 0) kinds[cell] = r.pick(things);
  for (const { trail } of found.walks) {
    const open = trail.filter((cell) => !asked.trail.includes(cell));
    if (open.length > 0 && !open.some((cell) => kinds[cell] === "hole")) kinds[r.pick(open)] = "hole";
  }
  const maze: Maze = { side: path.side, kinds };
  const goal = asked.trail.at(-1)!;
  if (!own(layoutOf({ maze, start, goal }))) return null;
  const again = found.walks.map((each) => walk(maze, start, each.runs));
  return { maze, start, goal, walks: again, asked: again[found.walks.indexOf(asked)]! };
}

/**
 * The walk as it would go if its holes were ice and no rock were in its way: what a wrong path would have to be like.
 */
export const unhindered = (side: number, start: number, runs: readonly Run[]): MazeWalk =>
  walk(emptyMaze(side), start, runs);

/** A puzzle in words, without regard to which of its walks is where. */
export function contentOf(puzzle: MazePuzzle): string {
  const ends = puzzle.walks.map((each) =>
    puzzle.goal === null ? String(stops(each).at(-1)) : inWords(each.runs),
  );
  return [layoutOf(puzzle), inWords(puzzle.asked.runs), ...ends.sort()].join("; ");
}

/** The maze and where the walk starts, which no two splits share. */
const layoutOf = ({ maze, start, goal }: Pick<MazePuzzle, "maze" | "start" | "goal">): string =>
  `${maze.kinds.map((kind) => kind[0]).join("")} ${start} ${goal ?? "-"}`;
