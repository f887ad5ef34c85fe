import { random } from "../../util/index.ts";
import { balancedPositions, bucket, distinct, exampleId, letters, withAnswer, within } from "../draw.ts";
import { stepByStepWording } from "../thoughts.ts";
import type { CommonValues, Example, Json, Share } from "../types.ts";
import { wordsFor } from "../wording.ts";
import { paint } from "./paint.ts";
import { type Band, drawChoice, hues, type JigsawScene, type PieceChoice, sceneOf } from "./world.ts";

/** What a band does, as a clause. */
const told = ({ hue, ends }: Band): string =>
  `the ${hues[hue]} band runs on from the ${ends[0].side} of the gap to the ${ends[1].side}`;

const jsonOf = ({ ground, gap, discs, bands }: JigsawScene): Json => ({
  ground,
  gap: { ...gap },
  discs: discs.map((disc) => ({ ...disc })),
  bands: bands.map(({ hue, width, ends }) => ({ hue, width, ends: ends.map((end) => ({ ...end })) })),
});

/**
 * The examples of a split. Two versions of each of two bands make four pictures that differ in how the bands cross the
 * border of the gap and run within it; the true one is drawn from them last. So nothing in the four pieces, taken by
 * themselves, tells which is right, and of each wrong one at least one band breaks off at the border.
 *
 * A pair of colors of bands is seen in training or held out by its hash, and so are examples of seen pairs divided
 * between train and eval: no seed lets one appear in another split.
 */
export function* generate(
  split: string,
  count: number,
  seed: number,
  { difficulty, rendering, plan }: CommonValues,
  share?: Share,
): Generator<Example> {
  const r = random(seed, "jigsaw", difficulty, split);
  const position = balancedPositions(random(seed, "jigsaw", "positions", split), 4);
  const own = (pair: readonly number[]): boolean => {
    const names = pair.map((hue) => hues[hue]!).sort();
    return (bucket(names.join(" "), 4) === 0) === (split === "held-out");
  };
  /** The choice with its versions in random order: the first of each band is the true one. */
  const draw = (): PieceChoice | null => {
    const choice = drawChoice(r, difficulty, own);
    if (!choice) return null;
    const [first, second] = choice.bands.map((versions) => r.shuffled(versions));
    return { ...choice, bands: [first, second] as unknown as PieceChoice["bands"] };
  };
  const contentOf = (choice: PieceChoice | null): string | null => {
    if (!choice) return null;
    const content = JSON.stringify(choice);
    return split === "held-out" || (bucket(content, 8) === 0 ? "eval" : "train") === split ? content : null;
  };

  let index = 0;
  for (const choice of distinct(`split ${split} of jigsaw`, count, draw, contentOf)) {
    const answer = position();
    const number = index++;
    const all = [0, 1].flatMap((first) =>
      [0, 1].map((second) => ({
        scene: sceneOf(choice!, first, second),
        name: ["true", "second band", "first band", "both bands"][2 * first + second]!,
      })),
    );
    const wrong = r.shuffled(all.slice(1));
    const options = withAnswer(wrong, all[0]!, answer);
    if (!within(share, number)) continue;
    const { scene } = all[0]!;
    const clause = scene.bands.map(told).join(", and ");
    const reasoning = wordsFor(plan, stepByStepWording([clause]), seed, "jigsaw", split, number);
    const { completed, ...asked } = paint(
      rendering,
      options.map((option) => option.scene),
      answer,
    );
    yield {
      id: exampleId(split, number),
      ...asked,
      options: letters,
      answer,
      helpers: [completed[answer]!],
      counterfactuals: completed.map((each, i) => (i === answer ? null : [each])),
      attributes: {
        difficulty,
        // Where the gap's middle is, in thirds of the picture.
        column: Math.floor((scene.gap.x + scene.gap.size / 2) / 32),
        row: Math.floor((scene.gap.y + scene.gap.size / 2) / 32),
        bands: scene.bands.map(({ hue }) => hues[hue]!).join(" over "),
        ways: scene.bands.map(({ ends }) => ends.map(({ side }) => side).join("-")).join(" "),
        letter: letters[answer]!,
        transforms: options.map(({ name }) => name).join(","),
      },
      ...(reasoning && { reasoning }),
      state: { scene: jsonOf(scene), options: options.map((option) => jsonOf(option.scene)) },
    };
  }
}
