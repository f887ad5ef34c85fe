import { random } from "../../util/index.ts";
import { balancedPositions, distinct, exampleId, withAnswer, within } from "../draw.ts";
import { type SplitRequest, splitOf } from "../four-options.ts";
import type { Edit, Example } from "../types.ts";
import { wordsFor } from "../wording.ts";
import { fullEdits } from "./edits.ts";
import { type Ask, answeredBy, answerOf, drawFullScene, sides } from "./full-scene.ts";
import type { CropParameters } from "./generate.ts";
import { paintCrop, paintScene } from "./sheet.ts";
import { closeLook } from "./text.ts";
import { colors } from "./world.ts";

const questions: Record<Ask, string> = {
  color: "What color is the thing in the frame",
  shape: "What shape is in the frame",
  dots: "How many dots are in the frame",
  text: "What text is in the frame",
};

/**
 * The examples of a split in full rendering: visual search over a scene of 16, 36 or 64 things. Splits are divided as
 * in the pocket rendering.
 */
export function* generateFull(
  { split, count, seed, values: { difficulty, jitter, plan, edits }, share }: SplitRequest<CropParameters>,
  scenes: string,
  masked: boolean,
): Generator<Example> {
  const side = sides[difficulty]!;
  const r = random(seed, "crop", "full", side, jitter, scenes);
  const position = balancedPositions(random(seed, "crop", "positions", scenes), 4);
  type Drawn = ReturnType<typeof drawFullScene>;
  const acceptable = ({ scene }: Drawn): string | null => {
    const { items, marked, ask, distractors } = scene;
    const context = JSON.stringify([items.map((item, i) => (i === marked ? null : item)), ask]);
    if (splitOf(context) !== scenes) return null;
    return context + [...distractors, answerOf(ask, items[marked]!)].sort().join(" ");
  };
  const draw = (): Drawn => drawFullScene(r, side, scenes === "held-out", jitter);

  let index = -1;
  for (const { scene, order } of distinct(`split ${split} of crop`, count, draw, acceptable)) {
    const { items, marked, ask, distractors } = scene;
    const item = items[marked]!;
    const answer = position();
    const options = withAnswer(distractors, answerOf(ask, item), answer);
    index++;
    if (!within(share, index)) continue;
    const [row, column] = [Math.floor(marked / side) + 1, (marked % side) + 1];
    const place = `in row ${row}, column ${column}`;
    const reasoning = wordsFor(plan, closeLook(place), seed, "crop", scenes, index);
    const edited = (): Edit[] =>
      fullEdits({ ...scene, masked, options, answer }, random(seed, "crop", "edits", scenes, index)).map(
        ({ kind, things, answer: right }) => ({
          kind,
          images: [paintScene({ side, marked, items: things }, masked)],
          answer: right,
        }),
      );
    yield {
      id: exampleId(split, index),
      question: `<image>\n${questions[ask]}: ${options.slice(0, -1).join(", ")} or ${options.at(-1)!}?`,
      images: [paintScene(scene, masked)],
      options,
      answer,
      helpers: [paintCrop(item, side)],
      counterfactuals: options.map((word, i) =>
        i === answer ? null : [paintCrop(answeredBy(ask, item, word, order), side)],
      ),
      attributes: {
        ask,
        kind: item.kind,
        color: colors[item.color]![0],
        value: item.value,
        row,
        column,
        masked,
        scene: exampleId(scenes, index),
      },
      state: {
        ...{ side, marked, ask, masked },
        items: items.map((each) => ({ ...each, color: colors[each.color]![0] })),
      },
      ...(reasoning && { reasoning }),
      ...(edits && { edits: edited() }),
    };
  }
}
