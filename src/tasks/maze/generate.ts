import { random } from "../../util/index.ts";
import { balancedPositions, bucket, distinct, exampleId, letters, withAnswer, within } from "../draw.ts";
import { stepByStepWording } from "../thoughts.ts";
import type { CommonValues, Example, Share } from "../types.ts";
import { wordsFor } from "../wording.ts";
import { paint } from "./paint.ts";
import { contentOf, endPuzzle, levels, longer, type MazePuzzle, pathPuzzle, unhindered } from "./puzzles.ts";
import { emptyMaze, stops, walk } from "./world.ts";

/** Parameters with their defaults filled in. */
interface MazeParameters extends CommonValues {
  ask: string;
}

/**
 * The examples of a split. Which mazes (rocks, holes, the start and the goal) belong to train, eval or held-out is
 * fixed by a hash, so no seed lets one appear in another. Held-out asks about walks of more runs as well.
 */
export function* generate(
  split: string,
  count: number,
  seed: number,
  { ask, difficulty, rendering, plan }: MazeParameters,
  share?: Share,
): Generator<Example> {
  const r = random(seed, "maze", ask, difficulty, split);
  const position = balancedPositions(random(seed, "maze", "positions", split), 4);
  const own = (layout: string): boolean => {
    const part = bucket(layout, 8);
    return (part === 0 ? "eval" : part === 1 ? "held-out" : "train") === split;
  };
  const kinds = ask === "mixed" ? (["end", "path"] as const) : [ask as "end" | "path"];
  let asks = r.pick(kinds);
  const draw = (): MazePuzzle | null => {
    const runs = r.pick(levels[difficulty]![asks].runs) + (split === "held-out" ? longer : 0);
    const puzzle = (asks === "end" ? endPuzzle : pathPuzzle)(r, difficulty, runs, own);
    // Only then the other kind may come, or the one that is found more easily would come more often.
    if (puzzle) asks = r.pick(kinds);
    return puzzle;
  };

  let index = 0;
  for (const drawn of distinct(
    `split ${split} of maze`,
    count,
    draw,
    (puzzle) => puzzle && contentOf(puzzle),
  )) {
    const puzzle = drawn!;
    const { maze, start, goal, walks, asked } = puzzle;
    const answer = position();
    const number = index++;
    const wrong = r.shuffled(walks.filter((each) => each !== asked));
    const options = withAnswer(wrong, asked, answer);
    if (!within(share, number)) continue;
    const { question, images, states } = paint(puzzle, options, rendering);
    // A wrong path would be right on ice without its holes; a wrong end is where another sequence leads.
    const ways = options.map((option) =>
      goal === null ? option : unhindered(maze.side, start, option.runs),
    );
    const reasoning = wordsFor(
      plan,
      stepByStepWording(asked.runs.map((run) => `the elf goes ${run.count} ${run.direction}`)),
      seed,
      "maze",
      split,
      number,
    );
    yield {
      id: exampleId(split, number),
      question,
      images,
      options: letters,
      answer,
      helpers: states(asked),
      counterfactuals: ways.map((way, i) => (i === answer ? null : states(way))),
      attributes: {
        ask: goal === null ? "end" : "path",
        difficulty,
        runs: asked.runs.length,
        steps: asked.runs.reduce((sum, run) => sum + run.count, 0),
        start,
        end: asked.trail.at(-1)!,
        fell: asked.fell,
        // Whether something on the ice makes the walk end elsewhere than on an empty lake.
        hindered: walk(emptyMaze(maze.side), start, asked.runs).trail.at(-1) !== asked.trail.at(-1),
        letter: letters[answer]!,
      },
      ...(reasoning && { reasoning }),
      state: {
        side: maze.side,
        kinds: [...maze.kinds],
        start,
        goal,
        options: options.map(({ runs }) => runs.map((run) => [run.count, run.direction])),
        stops: stops(asked),
      },
    };
  }
}
