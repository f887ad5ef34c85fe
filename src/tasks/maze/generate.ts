import { random } from "../../util/index.ts";
import { letters } from "../draw.ts";
import { fourOptions, type SplitRequest, splitOf } from "../four-options.ts";
import { stepByStepWording } from "../thoughts.ts";
import type { CommonValues, Example } from "../types.ts";
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
export function generate(request: SplitRequest<MazeParameters>): Iterable<Example> {
  const { split, seed, values } = request;
  const { ask, difficulty, rendering } = values;
  const r = random(seed, "maze", ask, difficulty, split);
  const own = (layout: string): boolean => splitOf(layout) === split;
  const kinds = ask === "mixed" ? (["end", "path"] as const) : [ask as "end" | "path"];
  let asks = r.pick(kinds);
  return fourOptions<MazePuzzle, MazePuzzle["walks"][number]>(request, {
    task: "maze",
    r,
    draw() {
      const runs = r.pick(levels[difficulty]![asks].runs) + (split === "held-out" ? longer : 0);
      const puzzle = (asks === "end" ? endPuzzle : pathPuzzle)(r, difficulty, runs, own);
      // Only then the other kind may come, or the one that is found more easily would come more often.
      if (puzzle) asks = r.pick(kinds);
      return puzzle;
    },
    contentOf,
    optionsOf: ({ walks, asked }) => ({ right: asked, wrong: walks.filter((each) => each !== asked) }),
    shown(puzzle, options, answer) {
      const { maze, start, goal, asked } = puzzle;
      const { states, ...painted } = paint(puzzle, options, rendering);
      // A wrong path would be right on ice without its holes; a wrong end is where another sequence leads.
      const ways = options.map((option, i) =>
        goal === null || i === answer ? option : unhindered(maze.side, start, option.runs),
      );
      return {
        ...painted,
        ways: ways.map(states),
        wording: stepByStepWording(asked.runs.map((run) => `the elf goes ${run.count} ${run.direction}`)),
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
        state: {
          side: maze.side,
          kinds: [...maze.kinds],
          start,
          goal,
          options: options.map(({ runs }) => runs.map((run) => [run.count, run.direction])),
          stops: stops(asked),
        },
      };
    },
  });
}
