import { checkRequest, commonParameters, resolveParameters, sheetFacts } from "../parameters.ts";
import type { ParameterSpec, Task } from "../types.ts";
import { generate } from "./generate.ts";
import { solve } from "./solve.ts";

const parameters = {
  ...commonParameters({ difficulty: "full rendering: the scene has 4 × 4, 6 × 6 or 8 × 8 things" }),
  jitter: {
    default: 0,
    min: 0,
    max: 9,
    description: "move every shape off the centre of its panel by up to so many of 96 pixels",
  },
} as const satisfies Record<string, ParameterSpec>;

/** The two tasks differ in whether the marked panel is hidden in the input, and in that "crop" has both to compare. */
function makeTask(name: string, title: string, description: string, splits: readonly string[]): Task {
  return {
    name,
    title,
    description,
    splits,
    parameters,
    pocket: ({ rendering }) =>
      rendering === "full" ? sheetFacts : { maxPixels: 576, latentsPerBlock: 1, start: "plain" },
    generate(split, count, seed, given) {
      checkRequest(name, splits, split, count, seed);
      const { jitter } = resolveParameters(name, parameters, given);
      const masked = name === "crop-masked" || split === "masked";
      return generate(split, split === "masked" ? "eval" : split, masked, count, seed, jitter);
    },
    solve,
  };
}

/**
 * Crops as helpers: of 2 × 2 coloured shapes one is marked by its ground; its colour or its shape is asked. The
 * helper is the crop of the marked panel, which the input shows as well, so a model can do without it. The split
 * "masked" shows the scenes of "eval" with the marked panel hidden: only the helper could then tell.
 *
 * @example
 * const [clear] = crop.generate("eval", 1, 0);
 * const [hidden] = crop.generate("masked", 1, 0);
 * clear.attributes.scene === hidden.attributes.scene; // true
 */
export const crop = makeTask(
  "crop",
  "A question about a marked region",
  "One of four coloured shapes is marked; which colour or shape is it? The helper image is the crop of the marked " +
    'panel, so it adds nothing to the input, except in the split "masked", where that panel is hidden.',
  ["train", "eval", "masked", "held-out"],
);

/**
 * The same scenes and questions with the marked panel hidden in every split: the helper alone tells the answer.
 *
 * @example
 * const [example] = cropMasked.generate("train", 1, 0);
 * cropMasked.solve(example) === example.answer; // true, by the helper
 */
export const cropMasked = makeTask(
  "crop-masked",
  "A question about a hidden region",
  "One of four coloured shapes is marked and hidden by a grey panel; which colour or shape is it? The helper image " +
    "is the crop of what is hidden, so only it can tell.",
  ["train", "eval", "held-out"],
);
