import { random } from "../../util/index.ts";
import { balancedPositions, bucket, distinct, exampleId, letters, withAnswer, within } from "../draw.ts";
import { memo } from "../memo.ts";
import { stepByStepWording } from "../thoughts.ts";
import type { CommonValues, Example, Share } from "../types.ts";
import { wordsFor } from "../wording.ts";
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
export function* generate(
  split: string,
  count: number,
  seed: number,
  { difficulty, rendering, plan }: CommonValues,
  share?: Share,
): Generator<Example> {
  const r = random(seed, "sliding", difficulty, split);
  const position = balancedPositions(random(seed, "sliding", "positions", split), 4);
  const longer = split === "held-out" ? 2 : 0;
  const walksOf = memo(String, ([gap, moves]: [number, number]) => walksFrom(gap, moves), 100);

  const draw = (): SlidingPuzzle | null => {
    const start = r.shuffled(cells);
    const moves = r.pick(lengths[difficulty]!) + longer;
    const walks = fourWalks(r, walksOf([start.indexOf(0), moves]));
    return walks && { start, walks, asked: r.pick(walks) };
  };
  const contentOf = (puzzle: SlidingPuzzle | null): string | null => {
    if (!puzzle) return null;
    const board = puzzle.start.join("");
    const part = bucket(board, 8);
    if ((part === 0 ? "eval" : part === 1 ? "held-out" : "train") !== split) return null;
    const others = puzzle.walks.map((walk) => walk.moves.join(" ")).sort();
    return [board, puzzle.asked.moves.join(" "), ...others].join(",");
  };

  const paint = painter(rendering);
  let index = 0;
  for (const puzzle of distinct(`split ${split} of sliding`, count, draw, contentOf)) {
    const { start, walks, asked } = puzzle!;
    const answer = position();
    const number = index++;
    const wrong = r.shuffled(walks.filter((walk) => walk !== asked));
    const options = withAnswer(wrong, asked, answer);
    if (!within(share, number)) continue;
    const boards = options.map(({ moves }) => play(start, moves));
    const shown = boards.map((path) => path.at(-1)!);
    const reasoning = wordsFor(
      plan,
      stepByStepWording(asked.moves.map((move) => `the gap moves ${move}`)),
      seed,
      "sliding",
      split,
      number,
    );
    yield {
      id: exampleId(split, number),
      ...paint.question(start, asked.moves, shown),
      options: letters,
      answer,
      helpers: boards[answer]!.map(paint.helper),
      counterfactuals: boards.map((path, i) => (i === answer ? null : path.map(paint.helper))),
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
      ...(reasoning && { reasoning }),
      state: { board: [...start], moves: [...asked.moves], options: options.map(({ moves }) => [...moves]) },
    };
  }
}
