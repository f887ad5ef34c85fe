import { random } from "../../util/index.ts";
import { balancedPositions, distinct, exampleId, withAnswer, within } from "../draw.ts";
import { type SplitRequest, splitOf } from "../four-options.ts";
import type { Edit, Example } from "../types.ts";
import { wordsFor } from "../wording.ts";
import { pocketEdits } from "./edits.ts";
import { cropPainter } from "./paint.ts";
import { closeLook } from "./text.ts";
import { colors, contentOf, contextOf, drawScene, type PocketScene, shapes, type Thing } from "./world.ts";

const colorNames = colors.map(([name]) => name);
const places = ["top left", "top right", "bottom left", "bottom right"];

/** Parameters with their defaults filled in. */
export interface CropParameters {
  difficulty: number;
  plan: string;
  jitter: number;
  helper: string;
  mark: string;
  edits: boolean;
}

/**
 * The examples of a split in pocket rendering. `scenes` names the split whose scenes are shown and `masked` hides the marked panel:
 * the split "masked" shows the scenes of "eval", number by number.
 *
 * Which context (the three other panels and the place of the mark) belongs to which split is fixed by a hash: so
 * no example of one split is in another, whatever the seed and the number, and neither is one that has become
 * equal by masking.
 */
export function* generate(
  { split, count, seed, values: { jitter, plan, helper, mark, edits }, share }: SplitRequest<CropParameters>,
  scenes: string,
  masked: boolean,
): Generator<Example> {
  const r = random(seed, "crop", jitter, scenes);
  const position = balancedPositions(random(seed, "crop", "positions", scenes), 4);
  const acceptable = (scene: PocketScene): string | null => {
    return splitOf(contextOf(scene)) === scenes ? contentOf(scene) : null;
  };
  const draw = (): PocketScene => drawScene(r, scenes === "held-out", jitter);

  const beside = mark === "beside";
  const painter = cropPainter(beside ? "beside" : "ground");
  const paintHelper = (thing: Thing) => [painter.crop(thing, helper === "crop")];
  let index = -1;
  for (const scene of distinct(`split ${split} of crop`, count, draw, acceptable)) {
    const thing = scene.panels[scene.marked]!;
    const names: readonly string[] = scene.ask === "color" ? colorNames : shapes;
    const right = scene.ask === "color" ? thing.color : thing.shape;
    const answer = position();
    const choices = withAnswer(scene.distractors, right, answer);
    const options = choices.map((choice) => names[choice]!);
    const [first, second, third, fourth] = options;
    const asked = scene.ask === "color" ? "what color is the marked shape ?" : "what shape is marked ?";
    const instead = (choice: number): Thing => ({ ...thing, [scene.ask]: choice });
    index++;
    if (!within(share, index)) continue;
    const place = places[scene.marked]!;
    const reasoning = wordsFor(plan, closeLook(`at the ${place}`), seed, "crop", scenes, index);
    const edited = (): Edit[] =>
      pocketEdits({ ...scene, masked, options, answer }, random(seed, "crop", "edits", scenes, index)).map(
        ({ kind, things, answer: right }) => ({
          kind,
          images: [painter.scene({ panels: things, marked: scene.marked }, masked)],
          answer: right,
        }),
      );
    const described = ({ color, shape, dx, dy }: Thing) => ({
      ...{ color: colorNames[color]!, shape: shapes[shape]! },
      ...{ dx, dy },
    });
    yield {
      id: exampleId(split, index),
      question: `<image> ${asked} ${first} , ${second} , ${third} or ${fourth}`,
      images: [painter.scene(scene, masked)],
      options,
      answer,
      helpers: paintHelper(thing),
      counterfactuals: choices.map((choice) => (choice === right ? null : paintHelper(instead(choice)))),
      attributes: {
        ask: scene.ask,
        color: colorNames[thing.color]!,
        shape: shapes[thing.shape]!,
        place,
        masked,
        scene: exampleId(scenes, index),
      },
      state: {
        panels: scene.panels.map(described),
        marked: scene.marked,
        ask: scene.ask,
        masked,
        ...(beside && { mark }),
      },
      ...(reasoning && { reasoning }),
      ...(edits && { edits: edited() }),
    };
  }
}
