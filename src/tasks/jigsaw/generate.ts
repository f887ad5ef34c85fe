import { random } from "../../util/index.ts";
import { letters } from "../draw.ts";
import { belongsTo, fourOptions, isHeldOut, type SplitRequest } from "../four-options.ts";
import { stepByStepWording } from "../thoughts.ts";
import type { CommonValues, Example, Json } from "../types.ts";
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
export function generate(request: SplitRequest<CommonValues>): Iterable<Example> {
  const { split, seed, values } = request;
  const { difficulty, rendering } = values;
  const r = random(seed, "jigsaw", difficulty, split);
  const own = (pair: readonly number[]): boolean => {
    const names = pair.map((hue) => hues[hue]!).sort();
    return isHeldOut(names.join(" ")) === (split === "held-out");
  };
  return fourOptions<PieceChoice, { scene: JigsawScene; name: string }>(request, {
    task: "jigsaw",
    r,
    /** The choice with its versions in random order: the first of each band is the true one. */
    draw() {
      const choice = drawChoice(r, difficulty, own);
      if (!choice) return null;
      const [first, second] = choice.bands.map((versions) => r.shuffled(versions));
      return { ...choice, bands: [first, second] as unknown as PieceChoice["bands"] };
    },
    contentOf(choice) {
      const content = JSON.stringify(choice);
      return belongsTo(split, content) ? content : null;
    },
    optionsOf(choice) {
      const [right, ...wrong] = ["true", "second band", "first band", "both bands"].map((name, i) => ({
        scene: sceneOf(choice, i >> 1, i & 1),
        name,
      }));
      return { right: right!, wrong };
    },
    shown(_, options, answer) {
      const { scene } = options[answer]!;
      const scenes = options.map((option) => option.scene);
      const { completed, ...painted } = paint(rendering, scenes, answer);
      return {
        ...painted,
        ways: completed.map((each) => [each]),
        wording: stepByStepWording([scene.bands.map(told).join(", and ")]),
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
        state: { scene: jsonOf(scene), options: scenes.map(jsonOf) },
      };
    },
  });
}
