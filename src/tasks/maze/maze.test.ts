import { describe, expect, it } from "vitest";
import { decodePng } from "../../formats/index.ts";
import { random } from "../../util/index.ts";
import { type Direction, inWords, type Run, randomRuns, step } from "../runs.ts";
import type { Example, Parameters } from "../types.ts";
import { maze } from "./index.ts";
import { endPuzzle, pathPuzzle, unhindered } from "./puzzles.ts";
import { type CellKind, emptyMaze, stops, walk } from "./world.ts";

interface State {
  side: number;
  kinds: CellKind[];
  start: number;
  goal: number | null;
  options: [number, Direction][][];
  stops: number[];
}
const stateOf = ({ state }: Example): State => state as unknown as State;
const runsOf = (told: readonly [number, Direction][]): Run[] =>
  told.map(([count, direction]) => ({ count, direction }));

/** A lake drawn with letters: "." ice, "#" rock, "o" hole. */
const lake = (...rows: string[]) => ({
  side: rows.length,
  kinds: rows
    .join("")
    .split("")
    .map((sign): CellKind => ({ ".": "ice", "#": "rock", o: "hole" })[sign] as CellKind),
});

/** Runs told as "2 right, 1 up". */
const told = (text: string): Run[] =>
  text.split(", ").map((part) => {
    const [count, direction] = part.split(" ");
    return { count: Number(count), direction: direction as Direction };
  });

describe("world", () => {
  it("stops steps at rocks and the edge, goes on after the turn, and ends in a hole", () => {
    const world = lake("..#.", "....", ".#.o", "....");
    expect(walk(world, 0, told("3 right, 2 down")).trail).toEqual([0, 1, 5]);
    expect(stops(walk(world, 0, told("3 right, 2 down, 3 right")))).toEqual([1, 5, 7]);
    expect(stops(walk(world, 4, told("9 left, 2 down, 3 right, 3 up")))).toEqual([4, 12, 15, 11]);
    const fallen = walk(world, 4, told("3 right, 2 down, 2 left"));
    expect([fallen.fell, fallen.trail, fallen.entered]).toEqual([true, [4, 5, 6, 7, 11], [4, 5, 5]]);
  });

  it("draws runs that stay in the grid and turn at right angles", () => {
    const r = random(0, "test of runs");
    for (let i = 0; i < 200; i++) {
      const runs = randomRuns(r, 4, 5, 4, 2);
      if (!runs) continue;
      let at: number | null = 5;
      for (const [k, { direction, count }] of runs.entries()) {
        expect(count).toBeLessThan(3);
        for (let j = 0; j < count; j++) at = step(at!, direction, 4);
        expect(at).not.toBeNull();
        if (k === 0) continue;
        const upright = (run: Run): boolean => run.direction === "up" || run.direction === "down";
        expect(upright(runs[k - 1]!)).not.toBe(upright(runs[k]!));
      }
    }
    expect(inWords(told("2 right, 1 up"))).toBe("2 right, 1 up");
  });

  it("asks where moves end with four sequences that end alike on empty ice and differently here", () => {
    const r = random(0, "test of ends");
    for (let found = 0; found < 40; ) {
      const puzzle = endPuzzle(r, 2, 4, () => true);
      if (!puzzle) continue;
      found++;
      const ends = puzzle.walks.map((each) => each.trail.at(-1));
      expect(new Set(ends).size).toBe(4);
      const naive = puzzle.walks.map(
        ({ runs }) => walk(emptyMaze(puzzle.maze.side), puzzle.start, runs).trail.at(-1)!,
      );
      expect(new Set(naive).size).toBe(1);
      expect(puzzle.walks).toContain(puzzle.asked);
    }
  });

  it("asks for a path among four of equal runs and steps between the same cells, three of which meet a hole", () => {
    const r = random(0, "test of paths");
    for (let found = 0; found < 40; ) {
      const puzzle = pathPuzzle(r, 2, 5, () => true);
      if (!puzzle) continue;
      found++;
      const { walks, asked, goal, maze: world, start } = puzzle;
      const bare = walks.map(({ runs }) => unhindered(world.side, start, runs));
      expect(bare.map(({ trail }) => trail.at(-1))).toEqual([goal, goal, goal, goal]);
      expect(new Set(bare.map(({ trail }) => trail.length)).size).toBe(1);
      expect(new Set(bare.map(({ runs }) => runs.length)).size).toBe(1);
      expect(walks.filter(({ fell }) => !fell)).toEqual([asked]);
    }
  });

  it("draws nothing for a maze of another split", () => {
    const r = random(0, "test of splits");
    for (let i = 0; i < 50; i++) {
      expect(endPuzzle(r, 1, 4, () => false)).toBeNull();
      expect(pathPuzzle(r, 1, 4, () => false)).toBeNull();
    }
  });
});

describe("maze", () => {
  const variants: Parameters[] = ["end", "path"].flatMap((ask) =>
    [1, 2, 3].flatMap((difficulty): Parameters[] => [
      { ask, difficulty },
      { ask, difficulty, rendering: "pocket", plan: "plain" },
    ]),
  );

  it.each(variants)("is solved, with a helper for every run of every option: %o", (variant) => {
    for (const split of maze.splits) {
      for (const example of maze.generate(split, 8, 3, variant)) {
        expect(maze.solve(example)).toBe(example.answer);
        const state = stateOf(example);
        const asked = runsOf(state.options[example.answer]!);
        expect(stops(walk(state, state.start, asked))).toEqual(state.stops);
        expect(example.helpers.length).toBe(asked.length);
        for (const [i, counterfactual] of example.counterfactuals.entries()) {
          if (i === example.answer) continue;
          expect(counterfactual!.length).toBe(asked.length);
          expect(counterfactual).not.toEqual(example.helpers);
        }
        expect(example.reasoning?.length).toBe(variant.plan ? asked.length + 1 : undefined);
        if (variant.ask === "end" && variant.rendering === "pocket") {
          const last = example.counterfactuals.map((each) => (each ?? example.helpers).at(-1));
          expect(example.images.slice(1)).toEqual(last);
        }
      }
    }
  });

  it("asks in exactly these words", () => {
    const first = (parameters: Parameters): Example => [...maze.generate("eval", 1, 0, parameters)][0]!;
    const end = first({ rendering: "pocket" });
    const words = stateOf(end).options[end.answer]!.flatMap(([count, direction]) =>
      Array<string>(count).fill(direction),
    );
    expect(end.question).toBe(
      `<image> ${words.join(" ")} is which ? <image> a <image> b <image> c <image> d`,
    );
    const path = first({ ask: "path" });
    for (const [i, option] of stateOf(path).options.entries())
      expect(path.question).toContain(`(${"abcd"[i]}) ${inWords(runsOf(option))}`);
    expect(first({ ask: "path", rendering: "pocket" }).question).toMatch(
      /^<image> which reaches the goal \?( (up|down|left|right))+ a( \w+)+ b( \w+)+ c( \w+)+ d$/,
    );
    const sizes = [first({}), path].flatMap(({ images, helpers }) =>
      [images[0]!, helpers[0]!].map((bytes) => {
        const { width, height } = decodePng(bytes)!;
        return [width, height];
      }),
    );
    expect(sizes).toEqual([
      [752, 534],
      [288, 288],
      [525, 525],
      [285, 285],
    ]);
  });

  it("shows mazes of training neither in eval nor in held-out, which has longer walks", () => {
    for (const ask of ["end", "path"]) {
      const states = maze.splits.map((split) =>
        [...maze.generate(split, 150, 0, { ask, rendering: "pocket" })].map(stateOf),
      );
      const layouts = states.map(
        (all) => new Set(all.map(({ kinds, start, goal }) => JSON.stringify([kinds, start, goal]))),
      );
      for (const [i, a] of layouts.entries())
        for (const b of layouts.slice(i + 1)) expect([...a].filter((layout) => b.has(layout))).toEqual([]);
      const runs = states.map((all) => [...new Set(all.map((state) => state.stops.length))].sort());
      expect(runs).toEqual(
        ask === "end"
          ? [
              [3, 4],
              [3, 4],
              [5, 6],
            ]
          : [[4], [4], [6]],
      );
    }
  });

  it("mixes both kinds of questions evenly", () => {
    const asked = [...maze.generate("train", 200, 0, { ask: "mixed", rendering: "pocket" })];
    const paths = asked.filter(({ attributes }) => attributes.ask === "path").length;
    expect(Math.abs(paths - 100)).toBeLessThan(42);
    for (const example of asked.slice(0, 50)) expect(maze.solve(example)).toBe(example.answer);
  });

  it("reports an example with no right option, or with two", () => {
    const [example] = maze.generate("eval", 1, 0, { rendering: "pocket" });
    const images = [...example!.images];
    const { answer } = example!;
    images[1 + ((answer + 1) % 4)] = images[1 + answer]!;
    expect(() => maze.solve({ ...example!, images })).toThrow(
      "exactly one option that shows where the moves end",
    );
    images[1 + ((answer + 1) % 4)] = images[1 + answer] = images[1 + ((answer + 2) % 4)]!;
    expect(() => maze.solve({ ...example!, images })).toThrow("got none");
  });
});
