/** Every variant of sliding, over many examples. */
import { expect, it } from "vitest";
import type { Example, Parameters } from "../types.ts";
import { sliding } from "./index.ts";
import { painter } from "./paint.ts";
import { play } from "./world.ts";

/** The example as JSON tells it. */
interface State {
  board: number[];
  moves: ("up" | "down" | "left" | "right")[];
  options: ("up" | "down" | "left" | "right")[][];
}
const stateOf = ({ state }: Example): State => state as unknown as State;

const variants: Parameters[] = [1, 2, 3].flatMap((difficulty): Parameters[] => [
  { difficulty },
  { difficulty, rendering: "pocket", plan: "named" },
]);

it.each(variants)("is solved, has a helper for every move and a way to every option: %o", (variant) => {
  const paint = painter(String(variant.rendering ?? "full"));
  for (const split of sliding.splits) {
    for (const example of sliding.generate(split, 4, 3, variant)) {
      expect(sliding.solve(example)).toBe(example.answer);
      const { board, moves, options } = stateOf(example);
      expect(options[example.answer]).toEqual(moves);
      const ways = options.map((each) => play(board, each).map((after) => paint.helper(after)));
      expect(example.helpers).toEqual(ways[example.answer]);
      for (const [i, counterfactual] of example.counterfactuals.entries())
        expect(counterfactual).toEqual(i === example.answer ? null : ways[i]);
      expect(new Set(ways.map((way) => String(way.at(-1)))).size).toBe(4);
      if (variant.rendering === "pocket") {
        const shown = example.images.slice(1);
        expect(shown).toEqual(ways.map((way) => way.at(-1)));
      }
    }
  }
});

it("starts held-out from boards of its own and moves on longer; eval from boards that train never starts from", () => {
  const facts = (split: string) => [...sliding.generate(split, 150, 0, { rendering: "pocket" })].map(stateOf);
  const boards = sliding.splits.map((split) => new Set(facts(split).map(({ board }) => board.join(""))));
  for (const [i, a] of boards.entries())
    for (const b of boards.slice(i + 1)) expect([...a].filter((board) => b.has(board))).toEqual([]);
  const lengths = (split: string) => [...new Set(facts(split).map(({ moves }) => moves.length))].sort();
  expect(lengths("train")).toEqual([2, 3]);
  expect(lengths("eval")).toEqual([2, 3]);
  expect(lengths("held-out")).toEqual([4, 5]);
});
