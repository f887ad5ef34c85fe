import { defineTask } from "../define.ts";
import { commonParameters } from "../parameters.ts";
import type { ParameterSpec, Task } from "../types.ts";
import { describe } from "./describe.ts";
import { generate } from "./generate.ts";
import { generateFull } from "./generate-full.ts";
import { solve } from "./solve.ts";

const parameters = {
  ...commonParameters({
    difficulty: "full rendering: a scene of 4 × 4, 6 × 6 or 8 × 8 things; pocket rendering: always 2 × 2",
  }),
  jitter: {
    default: 0,
    min: 0,
    max: 9,
    description: "shift every shape from the center of its panel by up to this many of 96 pixels",
  },
  helper: {
    default: "crop",
    choices: ["crop", "unmarked"],
    description:
      "pocket rendering: the crop as the scene shows it, or without its mark, which a model that looks for marks would " +
      "find in the latent; in full rendering the frame is outside of the crop anyway",
  },
  mark: {
    default: "ground",
    quiet: true,
    choices: ["ground", "beside"],
    description:
      "pocket rendering: the ground of the marked panel, or a dark square at its left, outside of the crop " +
      "(the scene is then twice as wide)",
  },
  edits: {
    default: false,
    quiet: true,
    description:
      "edited versions of every scene as well (colour, shape, text, removal, space), each with the answer that is right after it",
  },
} as const satisfies Record<string, ParameterSpec>;

/** The two tasks differ in whether the marked panel is hidden in the input, and in that "crop" has both to compare. */
function makeTask(name: string, title: string, description: string, splits: readonly string[]): Task {
  return defineTask({
    name,
    title,
    description,
    splits,
    parameters,
    pocket: ({ mark }) => ({
      maxPixels: mark === "beside" ? 1152 : 576,
      latentsPerBlock: 1,
      start: "plain",
    }),
    generate(request) {
      const { split, values } = request;
      const masked = name === "crop-masked" || split === "masked";
      const scenes = split === "masked" ? "eval" : split;
      return (values.rendering === "full" ? generateFull : generate)(request, scenes, masked);
    },
    solve,
    describe,
  });
}

/**
 * Crops as helpers: one of many things is framed, and its color, shape, number of dots or text is asked (pocket
 * rendering: of 2 × 2 colored shapes one is marked by its ground; its color or its shape is asked). The helper is
 * the crop of what is marked, which the input shows as well, so a model can do without it. The split
 * "masked" shows the scenes of "eval" with the marked panel hidden: only the helper could then tell.
 */
export const crop = makeTask(
  "crop",
  "A question about a marked region",
  "One of many small things is marked; what colour or shape is it, how many dots, or which text? The helper image is " +
    'the crop of it, so it adds nothing to the input, except in the split "masked", where it is hidden.',
  ["train", "eval", "masked", "held-out"],
);

/**
 * The same scenes and questions with the marked panel hidden in every split: the helper alone tells the answer.
 */
export const cropMasked = makeTask(
  "crop-masked",
  "A question about a hidden region",
  "One of many small things is marked and hidden by grey; what colour or shape is it, how many dots, or which text? " +
    "The helper image is the crop of what is hidden, so only it can tell.",
  ["train", "eval", "held-out"],
);
