import { describe, expect, it } from "vitest";
import { decodePng } from "../../formats/index.ts";
import { random } from "../../util/index.ts";
import type { Direction, Run } from "../runs.ts";
import type { Example, Parameters } from "../types.ts";
import { hidden } from "./index.ts";
import { type BoardScene, covered, drawPuzzle, isHeldOut, randomScene, roll, uncovered } from "./world.ts";

interface State {
  side: number;
  balls: number[];
  screen: [number, number, number, number];
  ball: number;
  runs: [number, Direction][];
  options: [number, number][];
}
const stateOf = ({ state }: Example): State => state as unknown as State;

/** Runs told as "2 right, 1 up". */
const told = (text: string): Run[] =>
  text.split(", ").map((part) => {
    const [count, direction] = part.split(" ");
    return { count: Number(count), direction: direction as Direction };
  });

describe("world", () => {
  const scene: BoardScene = { side: 5, balls: [5, 1, 24], screen: [1, 2, 2, 3] };

  it("rolls a ball within the board and not into others", () => {
    expect(roll(scene, 0, told("3 right, 1 down"))).toBe(13);
    expect(roll(scene, 0, told("1 up, 4 right"))).toBeNull();
    expect(roll(scene, 0, told("5 right"))).toBeNull();
    expect(roll(scene, 1, told("1 left, 1 down"))).toBeNull();
    expect(roll(scene, 1, told("1 right, 2 down"))).toBe(12);
    expect(uncovered(scene, { ball: 1, runs: [], end: 12 })).toEqual({
      side: 5,
      balls: [5, 12, 24],
      screen: [0, 0, 0, 0],
    });
  });

  it("knows what the screen covers", () => {
    const cells = Array.from({ length: 25 }, (_, i) => i).filter((cell) => covered(scene, cell));
    expect(cells).toEqual([7, 8, 9, 12, 13, 14]);
  });

  it("has balls beside the screen, in cells of their own", () => {
    const r = random(0, "test of scenes");
    for (let i = 0; i < 100; i++) {
      const drawn = randomScene(r, 1 + (i % 3));
      expect(new Set(drawn.balls).size).toBe(2 + (i % 3));
      expect(drawn.balls.filter((cell) => covered(drawn, cell))).toEqual([]);
    }
  });

  it("has four rolls behind the screen: one ball to four cells, or two balls both in two ways", () => {
    const r = random(0, "test of rolls");
    for (const movers of [1, 2] as const) {
      for (let found = 0; found < 30; ) {
        const drawn = randomScene(r, 2);
        const puzzle = drawPuzzle(r, drawn, 2, movers, (runs) => runs[0]!.direction !== "up");
        if (!puzzle) continue;
        found++;
        const { rolls, asked } = puzzle;
        expect(rolls).toContain(asked);
        expect(new Set(rolls.map(({ ball }) => ball)).size).toBe(movers);
        expect(new Set(rolls.map(({ ball, end }) => `${ball} ${end}`)).size).toBe(4);
        expect(new Set(rolls.map(({ runs }) => JSON.stringify(runs))).size).toBe(4 / movers);
        for (const { ball, runs, end } of rolls) {
          expect(roll(drawn, ball, runs)).toBe(end);
          expect(covered(drawn, end)).toBe(true);
          expect(runs[0]!.direction).not.toBe("up");
        }
      }
    }
  });
});

describe("hidden", () => {
  const variants = [1, 2, 3].flatMap((difficulty): Parameters[] => [
    { difficulty },
    { difficulty, rendering: "pocket", plan: "named" },
  ]);

  it.each(variants)("is solved, and every option is the board without the screen: %o", (variant) => {
    for (const split of hidden.splits) {
      for (const example of hidden.generate(split, 5, 3, variant)) {
        expect(hidden.solve(example)).toBe(example.answer);
        const state = stateOf(example);
        const runs = state.runs.map(([count, direction]) => ({ count, direction }));
        expect(state.options[example.answer]).toEqual([state.ball, roll(state, state.ball, runs)]);
        const boards = example.counterfactuals.map((each) => each ?? example.helpers);
        expect(boards.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
        if (variant.rendering === "pocket") expect(example.images.slice(1)).toEqual(boards.flat());
        if (variant.plan) {
          const [before, after] = example.reasoning!;
          expect(before).toContain(`the ${example.attributes.color} ball rolls ${state.runs[0]!.join(" ")}`);
          expect(after).not.toMatch(/\([a-d]\)/);
        }
      }
    }
  });

  it("asks in exactly these words", () => {
    const [pocket] = hidden.generate("eval", 1, 0, { rendering: "pocket" });
    const [full] = hidden.generate("eval", 1, 0);
    const { runs } = stateOf(pocket!);
    const steps = runs.flatMap(([count, direction]) => Array<string>(count).fill(direction));
    const color = String(pocket!.attributes.color);
    expect(pocket!.question).toBe(
      `<image> ${color} ${steps.join(" ")} is which ? <image> a <image> b <image> c <image> d`,
    );
    const words = runs.map((run) => run.join(" ")).join(", then ");
    expect(full!.question).toContain(`The ${color} ball rolls ${words}, so that it lies behind the screen.`);
    const { width, height } = decodePng(full!.images[0]!)!;
    expect([width, height]).toEqual([740, 528]);
    expect(decodePng(full!.helpers[0]!)!.width).toBe(285);
  });

  it("tells in held-out rolls that no other split tells, of scenes that none shows", () => {
    const states = hidden.splits.map((split) =>
      [...hidden.generate(split, 150, 0, { rendering: "pocket" })].map(stateOf),
    );
    const scenes = states.map((all) => new Set(all.map(({ balls, screen }) => `${balls} ${screen}`)));
    for (const [i, a] of scenes.entries())
      for (const b of scenes.slice(i + 1)) expect([...a].filter((scene) => b.has(scene))).toEqual([]);
    for (const [i, all] of states.entries())
      for (const { runs } of all)
        expect(isHeldOut(runs.map(([count, direction]) => ({ count, direction })))).toBe(i === 2);
  });

  it("reports an example with no right option, or with two", () => {
    const [example] = hidden.generate("eval", 1, 0, { rendering: "pocket" });
    const images = [...example!.images];
    const { answer } = example!;
    images[1 + ((answer + 1) % 4)] = images[1 + answer]!;
    expect(() => hidden.solve({ ...example!, images })).toThrow(
      "exactly one option that shows the ball where it rolled",
    );
    images[1 + ((answer + 1) % 4)] = images[1 + answer] = images[1 + ((answer + 2) % 4)]!;
    expect(() => hidden.solve({ ...example!, images })).toThrow("got none");
  });
});
