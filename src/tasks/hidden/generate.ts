import { random } from "../../util/index.ts";
import { letters } from "../draw.ts";
import { fourOptions, type SplitRequest, splitOf } from "../four-options.ts";
import { inWords } from "../runs.ts";
import type { CommonValues, Example } from "../types.ts";
import type { Wording } from "../wording.ts";
import { paint, rollSentence } from "./paint.ts";
import { colors, drawPuzzle, isHeldOut, type Roll, type RollPuzzle, randomScene } from "./world.ts";

/** What may be said before the helper and after it. */
function reasoningOf(asked: Roll): Wording[] {
  const sentence = rollSentence(asked);
  const after = [
    "Now I can compare this with the options.",
    "One of the options shows the same.",
    "This is what the screen hides, and one option agrees.",
    "I look for the option that shows exactly this.",
  ];
  return [
    {
      named: [
        `I follow what happens: ${sentence}. Without the screen it looks like this.`,
        `As ${sentence}, it ends behind the screen, here.`,
        `First ${sentence}; then I think the screen away.`,
        `If ${sentence}, the board behind the screen must look like this.`,
      ],
      plain: [
        "I think the screen away and picture the board.",
        "Let me picture the board without its screen.",
        "Behind the screen it must look like this.",
        "I follow the ball to where it cannot be seen.",
      ],
    },
    { named: after, plain: after },
  ];
}

/**
 * The examples of a split. Which scenes (balls and screen) belong to train, eval or held-out is fixed by a hash, so
 * no seed lets one appear in another. Held-out tells only rolls, as sequences of runs, that no other split tells or
 * has behind its wrong options, and those tell none of its.
 */
export function generate(request: SplitRequest<CommonValues>): Iterable<Example> {
  const { split, seed, values } = request;
  const { difficulty, rendering } = values;
  const r = random(seed, "hidden", difficulty, split);
  let movers = (1 + r.integer(2)) as 1 | 2;
  return fourOptions<RollPuzzle, Roll>(request, {
    task: "hidden",
    r,
    draw() {
      const scene = randomScene(r, difficulty);
      if (splitOf([scene.side, ...scene.balls, ...scene.screen].join(" ")) !== split) return null;
      const own = (runs: Roll["runs"]): boolean => isHeldOut(runs) === (split === "held-out");
      const puzzle = drawPuzzle(r, scene, difficulty, movers, own);
      // Only then the other kind may come, or the one that is found more easily would come more often.
      if (puzzle) movers = (1 + r.integer(2)) as 1 | 2;
      return puzzle;
    },
    contentOf({ scene, rolls, asked }) {
      const words = `${asked.ball} ${inWords(asked.runs)}`;
      const ends = rolls.map(({ ball, end }) => `${ball} ${end}`).sort();
      return [...scene.balls, ...scene.screen, words, ...ends].join(", ");
    },
    optionsOf: ({ rolls, asked }) => ({ right: asked, wrong: rolls.filter((each) => each !== asked) }),
    shown(puzzle, options, answer) {
      const { scene, rolls, asked } = puzzle;
      const { helpers, ...painted } = paint(puzzle, options, rendering);
      return {
        ...painted,
        ways: helpers.map((helper) => [helper]),
        wording: reasoningOf(asked),
        attributes: {
          difficulty,
          color: colors[asked.ball]!,
          row: Math.floor(asked.end / scene.side),
          column: asked.end % scene.side,
          steps: asked.runs.reduce((sum, run) => sum + run.count, 0),
          // How many balls the options show moved: with 2, both which ball and how it rolls must be read.
          movers: new Set(rolls.map(({ ball }) => ball)).size,
          letter: letters[answer]!,
        },
        state: {
          side: scene.side,
          balls: [...scene.balls],
          screen: [...scene.screen],
          ball: asked.ball,
          runs: asked.runs.map((run) => [run.count, run.direction]),
          options: options.map(({ ball, end }) => [ball, end]),
        },
      };
    },
  });
}
