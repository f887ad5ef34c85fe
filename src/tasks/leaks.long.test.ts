import { describe, expect, it } from "vitest";
import { type Choice, crossFit, hashedWidth } from "../../test/support/baseline/index.ts";
import { bucket } from "./draw.ts";
import { hidden } from "./hidden/index.ts";
import { maze } from "./maze/index.ts";
import { type Direction, steps } from "./runs.ts";
import { sliding } from "./sliding/index.ts";
import { play } from "./sliding/world.ts";
import type { Example, Parameters, Task } from "./types.ts";

/**
 * Readers of what a picture or a list of options would tell someone who does not work the question out: the symbolic
 * state, less what decides the answer. They are told more than the readers that every task is held against.
 */

/** What can be said of an option without knowing the answer. */
type Facts = Record<string, string | number>;

const size = 2000;

/** Rank of a value among the others', 0 for the smallest. */
const rank = (value: number, all: readonly number[]): number => all.filter((other) => other < value).length;

/** Each fact of an option, each rank of its numbers among the other options', and all of these in pairs. */
function choiceOf({ answer }: Example, options: readonly Facts[]): Choice {
  return {
    answer,
    options: options.map((own, position) => {
      const single = [
        `at ${position}`,
        ...Object.entries(own).flatMap(([name, value]) => [
          `${name} ${value}`,
          ...(typeof value === "number"
            ? [
                `${name} rank ${rank(
                  value,
                  options.map((other) => Number(other[name])),
                )}`,
              ]
            : [`${name} as ${options.filter((other) => other[name] === value).length}`]),
        ]),
      ];
      const pairs = single.flatMap((a, i) => single.slice(i + 1).map((b) => `${a} & ${b}`));
      return { sparse: [...single, ...pairs].map((feature) => bucket(feature, hashedWidth)) };
    }),
  };
}

function excess(
  task: Task,
  parameters: Parameters,
  facts: (state: never, example: Example) => Facts[],
): number {
  const examples = [...task.generate("train", size, 0, { rendering: "pocket", ...parameters })];
  const { accuracy, chance } = crossFit(
    examples.map((example) => choiceOf(example, facts(example.state as never, example))),
  );
  return accuracy - chance;
}

const turns = (runs: readonly [number, Direction][]): Facts => ({
  first: runs[0]![1],
  last: runs.at(-1)![1],
  "first count": runs[0]![0],
  "last count": runs.at(-1)![0],
  longest: Math.max(...runs.map(([count]) => count)),
  directions: new Set(runs.map(([, direction]) => direction)).size,
  spread: runs.reduce((sum, [count]) => sum + count * count, 0),
});

describe("what would be a short cut leads nowhere", () => {
  it("maze: the four paths by themselves", () => {
    const facts = ({ options }: { options: [number, Direction][][] }) => options.map(turns);
    expect(Math.abs(excess(maze, { ask: "path", difficulty: 1 }, facts))).toBeLessThan(0.03);
  });

  it("maze: where the options lie in the lake, how far from the start, and where moves would end on empty ice", () => {
    interface State {
      side: number;
      start: number;
      kinds: string[];
      stops: number[];
      options: [number, Direction][][];
    }
    /** Ends by the naive reading: every step is taken. */
    const naive = (start: number, side: number, runs: readonly [number, Direction][]): [number, number] =>
      runs.reduce<[number, number]>(
        ([row, column], [count, direction]) => [
          row + count * steps[direction][0],
          column + count * steps[direction][1],
        ],
        [Math.floor(start / side), start % side],
      );
    const facts = ({ side, start, kinds, options }: State, { answer }: Example) => {
      const told = naive(start, side, options[answer]!);
      return options.map((runs) => {
        let at = start;
        for (const [count, direction] of runs) {
          for (let i = 0; i < count && kinds[at] !== "hole"; i++) {
            const [row, column] = [Math.floor(at / side), at % side];
            const [y, x] = [row + steps[direction][0], column + steps[direction][1]];
            if (Math.min(y, x) < 0 || Math.max(y, x) >= side || kinds[y * side + x] === "rock") break;
            at = y * side + x;
          }
        }
        const [row, column] = [Math.floor(at / side), at % side];
        return {
          row,
          column,
          kind: kinds[at]!,
          "from the start": Math.abs(row - Math.floor(start / side)) + Math.abs(column - (start % side)),
          "from where it would be": Math.abs(row - told[0]) + Math.abs(column - told[1]),
        };
      });
    };
    expect(Math.abs(excess(maze, { difficulty: 2 }, facts))).toBeLessThan(0.03);
  });

  it("sliding: how far options are from the start, by tiles and by steps, and where their gap is", () => {
    const facts = ({ board, options }: { board: number[]; options: Direction[][] }) =>
      options.map((moves) => {
        const after = play(board, moves).at(-1)!;
        const shifts = after.map((tile, i) => {
          const from = board.indexOf(tile);
          return Math.abs((i % 3) - (from % 3)) + Math.abs(Math.floor(i / 3) - Math.floor(from / 3));
        });
        const gap = after.indexOf(0);
        return {
          gap: `at ${gap}`,
          moved: shifts.filter((shift) => shift > 0).length,
          farther: shifts.reduce((a, b) => a + b, 0),
          "gap moved": shifts[gap]!,
        };
      });
    expect(Math.abs(excess(sliding, { difficulty: 1 }, facts))).toBeLessThan(0.03);
  });

  it("hidden: which ball an option shows moved, where, and how far", () => {
    interface State {
      side: number;
      balls: number[];
      screen: number[];
      options: [number, number][];
    }
    const facts = ({ side, balls, screen, options }: State) =>
      options.map(([ball, end]) => {
        const [row, column] = [Math.floor(end / side), end % side];
        const from = balls[ball]!;
        return {
          ball: `${ball}`,
          down: row - screen[0]!,
          right: column - screen[1]!,
          far: Math.abs(row - Math.floor(from / side)) + Math.abs(column - (from % side)),
        };
      });
    expect(Math.abs(excess(hidden, { difficulty: 1 }, facts))).toBeLessThan(0.03);
  });

  it("would be found: the run that is asked for, told with the options", () => {
    const facts = ({ moves, options }: { moves: Direction[]; options: Direction[][] }) =>
      options.map((each) => ({ first: `${each[0] === moves[0]}`, last: `${each.at(-1) === moves.at(-1)}` }));
    expect(excess(sliding, { difficulty: 1 }, facts)).toBeGreaterThan(0.3);
  });
});
