import { random } from "../../util/index.ts";
import { balancedPositions, bucket, distinct, exampleId, letters, withAnswer, within } from "../draw.ts";
import { inWords } from "../runs.ts";
import type { CommonValues, Example, Share } from "../types.ts";
import { type Wording, wordsFor } from "../wording.ts";
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
export function* generate(
  split: string,
  count: number,
  seed: number,
  { difficulty, rendering, plan }: CommonValues,
  share?: Share,
): Generator<Example> {
  const r = random(seed, "hidden", difficulty, split);
  const position = balancedPositions(random(seed, "hidden", "positions", split), 4);
  let movers = (1 + r.integer(2)) as 1 | 2;
  const draw = (): RollPuzzle | null => {
    const scene = randomScene(r, difficulty);
    const part = bucket([scene.side, ...scene.balls, ...scene.screen].join(" "), 8);
    if ((part === 0 ? "eval" : part === 1 ? "held-out" : "train") !== split) return null;
    const puzzle = drawPuzzle(
      r,
      scene,
      difficulty,
      movers,
      (runs) => isHeldOut(runs) === (split === "held-out"),
    );
    // Only then the other kind may come, or the one that is found more easily would come more often.
    if (puzzle) movers = (1 + r.integer(2)) as 1 | 2;
    return puzzle;
  };
  const contentOf = (puzzle: RollPuzzle | null): string | null => {
    if (!puzzle) return null;
    const { scene, rolls, asked } = puzzle;
    const words = `${asked.ball} ${inWords(asked.runs)}`;
    const ends = rolls.map(({ ball, end }) => `${ball} ${end}`).sort();
    return [...scene.balls, ...scene.screen, words, ...ends].join(", ");
  };

  let index = 0;
  for (const puzzle of distinct(`split ${split} of hidden`, count, draw, contentOf)) {
    const { scene, rolls, asked } = puzzle!;
    const answer = position();
    const number = index++;
    const wrong = r.shuffled(rolls.filter((each) => each !== asked));
    const options = withAnswer(wrong, asked, answer);
    if (!within(share, number)) continue;
    const { question, images, helpers } = paint(puzzle!, options, rendering);
    const reasoning = wordsFor(plan, reasoningOf(asked), seed, "hidden", split, number);
    yield {
      id: exampleId(split, number),
      question,
      images,
      options: letters,
      answer,
      helpers: [helpers[answer]!],
      counterfactuals: helpers.map((helper, i) => (i === answer ? null : [helper])),
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
      ...(reasoning && { reasoning }),
      state: {
        side: scene.side,
        balls: [...scene.balls],
        screen: [...scene.screen],
        ball: asked.ball,
        runs: asked.runs.map((run) => [run.count, run.direction]),
        options: options.map(({ ball, end }) => [ball, end]),
      },
    };
  }
}
