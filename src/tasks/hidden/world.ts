import type { Random } from "../../util/index.ts";
import { bucket } from "../draw.ts";
import { inWords, type Run, randomRuns, step } from "../runs.ts";

/** Balls by the names of their colors. */
export const colors = ["red", "blue", "green", "yellow"] as const;

/** A board of balls, part of which a screen covers. */
export interface BoardScene {
  side: number;
  /** The cell of each ball: red, blue, green, yellow, as many as there are. */
  balls: readonly number[];
  /** Top, left, height and width of the screen, in cells. */
  screen: readonly [number, number, number, number];
}

/** A ball, how it rolls, and where it ends behind the screen. */
export interface Roll {
  ball: number;
  runs: readonly Run[];
  end: number;
}

/** An example before it is painted: four rolls, any of which might be the one that the question describes. */
export interface RollPuzzle {
  scene: BoardScene;
  rolls: readonly Roll[];
  asked: Roll;
}

/** Cells along the edge, balls, cells along the screen, runs, and steps of the longest run, by difficulty. */
const levels = {
  1: { side: 5, balls: 2, screen: 3, runs: 2, longest: 4 },
  2: { side: 6, balls: 3, screen: 3, runs: 3, longest: 4 },
  3: { side: 8, balls: 4, screen: 4, runs: 4, longest: 5 },
} as const;

/** So many ways to roll are tried for a ball. */
const tried = 100;

/** Whether the screen covers a cell. */
export function covered({ side, screen: [top, left, height, width] }: BoardScene, cell: number): boolean {
  const row = Math.floor(cell / side) - top;
  const column = (cell % side) - left;
  return row >= 0 && row < height && column >= 0 && column < width;
}

/** Where a ball ends up, or null if it would leave the board or meet another ball. */
export function roll({ side, balls }: BoardScene, ball: number, runs: readonly Run[]): number | null {
  let at = balls[ball]!;
  for (const { direction, count } of runs) {
    for (let i = 0; i < count; i++) {
      const next = step(at, direction, side);
      if (next === null || balls.some((other, j) => j !== ball && other === next)) return null;
      at = next;
    }
  }
  return at;
}

/**
 * Whether rolls of these runs are used in no split but "held-out": fixed by a hash, the same for every seed.
 */
export const isHeldOut = (runs: readonly Run[]): boolean => bucket(`hidden ${inWords(runs)}`, 3) === 0;

/** A random board whose balls are beside the screen. */
export function randomScene(r: Random, difficulty: number): BoardScene {
  const { side, balls, screen } = levels[difficulty as 1 | 2 | 3];
  const scene: BoardScene = {
    side,
    balls: [],
    screen: [r.integer(side - screen + 1), r.integer(side - screen + 1), screen, screen],
  };
  const open = Array.from({ length: side * side }, (_, i) => i).filter((cell) => !covered(scene, cell));
  return { ...scene, balls: r.shuffled(open).slice(0, balls) };
}

/** Different ways for a ball to roll behind the screen, the described runs of which `allowed` lets pass. */
function rollsOf(
  r: Random,
  scene: BoardScene,
  ball: number,
  difficulty: number,
  allowed: (runs: readonly Run[]) => boolean,
): Roll[] {
  const { side, runs: length, longest } = levels[difficulty as 1 | 2 | 3];
  const found = new Map<string, Roll>();
  for (let i = 0; i < tried; i++) {
    const runs = randomRuns(r, side, scene.balls[ball]!, length, longest);
    const end = runs && roll(scene, ball, runs);
    if (end === null || !covered(scene, end) || !allowed(runs!)) continue;
    found.set(inWords(runs!), { ball, runs: runs!, end });
  }
  return [...found.values()];
}

/** The first of each end. */
const byEnd = (rolls: readonly Roll[]): Roll[] => [
  ...new Map([...rolls].reverse().map((each) => [each.end, each])).values(),
];

/**
 * Four rolls in a scene and the one that the question describes, drawn independently of which: of one ball to four cells, or of
 * two balls that both could roll in the same two ways. Null where the scene has no such four.
 */
export function drawPuzzle(
  r: Random,
  scene: BoardScene,
  difficulty: number,
  movers: 1 | 2,
  allowed: (runs: readonly Run[]) => boolean,
): RollPuzzle | null {
  const [first = 0, second = 1] = r.shuffled([...scene.balls.keys()]);
  let ways = r.shuffled(rollsOf(r, scene, first, difficulty, allowed));
  if (movers === 2) {
    ways = ways.filter(({ runs }) => {
      const end = roll(scene, second, runs);
      return end !== null && covered(scene, end);
    });
  }
  const own = byEnd(ways).slice(0, 4 / movers);
  if (own.length < 4 / movers) return null;
  const others = own.map(({ runs }) => ({ ball: second, runs, end: roll(scene, second, runs)! }));
  const rolls = movers === 2 ? [...own, ...others] : own;
  return { scene, rolls, asked: r.pick(rolls) };
}

/** The scene after a roll, without its screen. */
export const uncovered = (scene: BoardScene, { ball, end }: Roll): BoardScene => ({
  side: scene.side,
  balls: scene.balls.map((cell, i) => (i === ball ? end : cell)),
  screen: [0, 0, 0, 0],
});
