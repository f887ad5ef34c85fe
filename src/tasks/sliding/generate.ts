import { random } from "../../util/index.ts";
import { letters } from "../draw.ts";
import { fourOptions, type SplitRequest, splitOf } from "../four-options.ts";
import { memo } from "../memo.ts";
import { stepByStepWording } from "../thoughts.ts";
import type { CommonValues, Example } from "../types.ts";
import { painter } from "./paint.ts";
import { type Board, fourWalks, type GapWalk, play, side, walksFrom } from "./world.ts";

/** An example before it is painted: any of the four walks might have been requested. */
interface SlidingPuzzle {
  start: Board;
  walks: readonly GapWalk[];
  asked: GapWalk;
}

/** Numbers of moves by difficulty; held-out examples have two more. */
const lengths: Record<number, readonly number[]> = { 1: [2, 3], 2: [4, 5], 3: [6, 7, 8] };

const cells = Array.from({ length: side * side }, (_, i) => i);

/**
 * The examples of a split. From a random board lead four walks of equally many moves, and one of them is requested:
 * as the four were drawn without regard to which, board and options together tell nothing of the answer.
 *
 * Which boards belong to train, eval or held-out is fixed by a hash, so no seed lets a board of one appear as the
 * start in another. Held-out asks for longer sequences of moves as well.
 */
export function generate(request: SplitRequest<CommonValues>): Iterable<Example> {
  const { split, seed, values } = request;
  const { difficulty, rendering } = values;
  const r = random(seed, "sliding", difficulty, split);
  const longer = split === "held-out" ? 2 : 0;
  const walksOf = memo(String, ([gap, moves]: [number, number]) => walksFrom(gap, moves), 100);
  const paint = painter(rendering);

  return fourOptions<SlidingPuzzle, GapWalk>(request, {
    task: "sliding",
    r,
    draw() {
      const start = r.shuffled(cells);
      const moves = r.pick(lengths[difficulty]!) + longer;
      const walks = fourWalks(r, walksOf([start.indexOf(0), moves]));
      return walks && { start, walks, asked: r.pick(walks) };
    },
    contentOf({ start, walks, asked }) {
      const board = start.join("");
      if (splitOf(board) !== split) return null;
      const others = walks.map((walk) => walk.moves.join(" ")).sort();
      return [board, asked.moves.join(" "), ...others].join(",");
    },
    optionsOf: ({ walks, asked }) => ({ right: asked, wrong: walks.filter((walk) => walk !== asked) }),
    shown({ start, asked }, options, answer) {
      const boards = options.map(({ moves }) => play(start, moves));
      return {
        ...paint.question(
          start,
          asked.moves,
          boards.map((path) => path.at(-1)!),
        ),
        ways: boards.map((path) => path.map(paint.helper)),
        wording: stepByStepWording(asked.moves.map((move) => `the gap moves ${move}`)),
        attributes: {
          difficulty,
          moves: asked.moves.length,
          first: asked.moves[0]!,
          gap: asked.end,
          from: start.indexOf(0),
          // How many options show the gap where it ends: 4 where following the gap alone does not help.
          "gap-alike": options.filter(({ end }) => end === asked.end).length,
          letter: letters[answer]!,
        },
        state: {
          board: [...start],
          moves: [...asked.moves],
          options: options.map(({ moves }) => [...moves]),
        },
      };
    },
  });
}
