import { describe, expect, it } from "vitest";
import { decodePng } from "../../formats/index.ts";
import { random } from "../../util/index.ts";
import type { Example } from "../types.ts";
import { sliding } from "./index.ts";
import { fourWalks, play, slide, walksFrom } from "./world.ts";

/** The example as JSON tells it. */
interface State {
  board: number[];
  moves: ("up" | "down" | "left" | "right")[];
  options: ("up" | "down" | "left" | "right")[][];
}
const stateOf = ({ state }: Example): State => state as unknown as State;

describe("world", () => {
  it("slides the tile that the gap meets into its old place", () => {
    const board = [1, 2, 3, 4, 0, 5, 6, 7, 8];
    expect(slide(board, "up")).toEqual([1, 0, 3, 4, 2, 5, 6, 7, 8]);
    expect(slide(board, "right")).toEqual([1, 2, 3, 4, 5, 0, 6, 7, 8]);
    expect(slide([0, 1, 2, 3, 4, 5, 6, 7, 8], "left")).toBeNull();
    expect(slide([1, 2, 3, 0, 4, 5, 6, 7, 8], "left")).toBeNull();
    // Once round a square of four cells turns three tiles about; three times round is nothing.
    const round = ["right", "down", "left", "up"] as const;
    const start = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    expect(play(start, round).at(-1)).toEqual([0, 4, 2, 1, 3, 5, 6, 7, 8]);
    expect(play(start, [...round, ...round, ...round]).at(-1)).toEqual(start);
  });

  it("has every walk that takes nothing back, with what it does to any board", () => {
    expect([1, 2, 3].map((moves) => walksFrom(0, moves).length)).toEqual([2, 4, 8]);
    expect([1, 2, 3].map((moves) => walksFrom(4, moves).length)).toEqual([4, 8, 8]);
    // From a corner, six moves clockwise and six anticlockwise about a square come to the same.
    const six = walksFrom(0, 6).map(({ order }) => order.join(" "));
    expect(new Set(six).size).toBe(six.length);
    const board = [5, 1, 7, 2, 0, 8, 3, 6, 4];
    for (const { moves, order, end } of walksFrom(4, 5)) {
      expect(play(board, moves).at(-1)).toEqual(order.map((from) => board[from]));
      expect(play(board, moves).at(-1)!.indexOf(0)).toBe(end);
    }
  });

  it("chooses four walks that leave the gap in as few places as can be", () => {
    const r = random(0, "test");
    for (const [gap, moves, places] of [
      [0, 2, 3],
      [4, 2, 2],
      [4, 6, 1],
    ] as const) {
      for (let i = 0; i < 20; i++) {
        const four = fourWalks(r, walksFrom(gap, moves))!;
        expect(new Set(four).size).toBe(4);
        expect(new Set(four.map(({ end }) => end)).size).toBe(places);
      }
    }
    expect(fourWalks(r, walksFrom(0, 1))).toBeNull();
  });
});

describe("sliding", () => {
  it("asks in exactly these words", () => {
    const [pocket] = sliding.generate("eval", 1, 0, { rendering: "pocket" });
    const moves = stateOf(pocket!).moves;
    expect(pocket!.question).toBe(
      `<image> ${moves.join(" ")} is which ? <image> a <image> b <image> c <image> d`,
    );
    const [full] = sliding.generate("eval", 1, 0);
    expect(full!.question).toContain(`The gap moves ${moves.join(", then ")}; each time`);
    expect(full!.state).toEqual(pocket!.state);
    expect(full!.images.map((image) => [decodePng(image)!.width, decodePng(image)!.height])).toEqual([
      [752, 510],
    ]);
    expect(decodePng(full!.helpers[0]!)!.width).toBe(264);
  });

  it("puts words around the blocks where asked to, which name the moves or do not, and never the answer", () => {
    const wordsOf = (plan: string) =>
      [...sliding.generate("train", 60, 0, { rendering: "pocket", plan })].map((example) => ({
        example,
        pieces: example.reasoning!,
      }));
    for (const { example, pieces } of wordsOf("named")) {
      expect(pieces.length).toBe(example.helpers.length + 1);
      for (const [i, move] of stateOf(example).moves.entries()) expect(pieces[i]).toContain(move);
    }
    for (const { example, pieces } of wordsOf("plain")) {
      expect(pieces.length).toBe(example.helpers.length + 1);
      expect(pieces.join(" ")).not.toMatch(/\b(up|down|left|right)\b|\([a-d]\)/);
    }
    expect(new Set(wordsOf("plain").map(({ pieces }) => pieces.join())).size).toBeGreaterThan(30);
    const [bare] = sliding.generate("train", 1, 0);
    expect(bare).not.toHaveProperty("reasoning");
  });

  it("reports an example with no right option, or with two", () => {
    const [example] = sliding.generate("eval", 1, 0, { rendering: "pocket" });
    const images = [...example!.images];
    const right = images[1 + example!.answer]!;
    images[1 + ((example!.answer + 1) % 4)] = right;
    expect(() => sliding.solve({ ...example!, images })).toThrow("exactly one option that shows the board");
    expect(() => sliding.solve({ ...example!, images: images.map(() => images[0]!) })).toThrow("got none");
    expect(() => sliding.solve({ ...example!, images: images.slice(1) })).toThrow("expected 5 panels, got 4");
  });
});
