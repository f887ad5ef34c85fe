import { describe, expect, it } from "vitest";
import { described } from "./describe.ts";
import { tasks } from "./registry.ts";
import type { Example, Parameters } from "./types.ts";

const few = (task: keyof typeof tasks, parameters: Parameters = {}): Example[] =>
  [...tasks[task].generate("eval", 24, 0, parameters)].map((example) => described(task, example));
const words = ({ helperText }: Example): string[] => helperText!.split(" ");

describe("helpers in words", () => {
  it.each(["paperfold", "sliding", "maze", "hidden", "tetris3d", "jigsaw", "tetris"] as const)(
    "%s: the same picture has the same words, and so much is said of every example",
    (task) => {
      const texts = new Map<string, string>();
      for (const example of few(task)) {
        const picture = Buffer.from(example.helpers.at(-1)!).toString("latin1");
        expect(texts.get(picture) ?? example.helperText).toBe(example.helperText);
        texts.set(picture, example.helperText!);
      }
      expect(new Set(texts.values()).size).toBeGreaterThan(8);
    },
  );

  // The question of such a task is which of the ends it is; of the others, options come from other moves.
  it.each(["paperfold", "hidden", "tetris3d"] as const)("%s: other options have other words", (task) => {
    for (const example of few(task)) {
      const texts = example.options.map(
        (_, answer) => tasks[task].describe!({ state: example.state!, answer }).helperText,
      );
      expect(new Set(texts).size).toBe(4);
      expect(texts[example.answer]).toBe(example.helperText);
    }
  });

  it("sliding: every tile once, and the gap where its moves end", () => {
    for (const example of few("sliding")) {
      const tiles = words(example).filter((word) => /^[-\d]$/.test(word));
      expect([...tiles].sort().join("")).toBe("-12345678");
      expect(tiles.indexOf("-")).toBe(example.attributes.gap);
    }
  });

  it("maze, hidden: column and row of the end", () => {
    for (const example of few("maze")) {
      const { side } = example.state as { side: number };
      const [column, row] = words(example).slice(-2).map(Number) as [number, number];
      expect((row - 1) * side + column - 1).toBe(example.attributes.end);
    }
    for (const example of few("hidden")) {
      const { color, column, row } = example.attributes;
      expect(example.helperText).toBe(`the ${color} ball is at ${Number(column) + 1} ${Number(row) + 1}`);
    }
  });

  it("paperfold, tetris3d, jigsaw: as many holes, cubes and bands as there are", () => {
    for (const example of few("paperfold"))
      expect(example.helperText!.split(" / ")).toHaveLength(Number(example.attributes.holes));
    for (const example of few("tetris3d")) {
      expect(example.helperText!.split(" / ")).toHaveLength(Number(example.attributes.cells));
      for (const axis of [0, 1, 2]) {
        const places = example.helperText!.replace("the object has cubes at ", "").split(" / ");
        expect(Math.min(...places.map((place) => Number(place.split(" ")[axis])))).toBe(1);
      }
    }
    for (const example of few("jigsaw")) {
      const [first, second] = String(example.attributes.bands).split(" over ");
      expect(example.helperText).toMatch(
        new RegExp(`^the bands in the gap are ${first} from \\w+ \\d+ to \\w+ \\d+ / ${second} from `),
      );
    }
  });

  it("of a state that is not the task's there are none", () => {
    for (const { describe } of Object.values(tasks))
      expect(describe!({ state: { other: 1 }, answer: 0 })).toEqual({});
  });
});
