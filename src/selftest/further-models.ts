/** Known-answer models for what the questions about one color have no data for. */
import { contentDummies } from "../audit/index.ts";
import { code, type Head } from "./circuit.ts";
import { places, UNIT, vocabulary } from "./layout.ts";
import { type KnownModel, knownModels } from "./models.ts";

const tokens = vocabulary();

/** Reads the marked region from where a word stands. */
const fromMarked = (word: string, to: number): Head => ({
  looks: "self",
  when: [{ place: tokens.idOf(word)!, strength: UNIT, look: "flagged", instead: "self" }],
  flag: places.marked,
  moves: code(places.code, to, 6),
});
const idle: Head = { looks: "self", moves: [] };

/** It reads one region of several; its examples are `regionExamples`. */
export const oneRegion: KnownModel = {
  name: "one-region",
  truth: "the answer is read from the marked region of the picture; other regions show other colours",
  layers: [
    [idle, idle],
    [fromMarked("<answer>", places.answer), fromMarked("<|lvr_start|>", places.code)],
  ],
  marks: true,
  clear: 1,
  verdict: { conclusion: "bypassed", from: 149 },
  facts: ["own", "oracle", ...contentDummies].map((intervention) => ({ intervention, accuracy: 1 })),
};

const [readsLatents] = knownModels as readonly [KnownModel];

/** It reads its latents; its examples are `editedExamples`. */
export const edited: KnownModel = {
  ...readsLatents,
  name: "edited",
  truth: "as reads-latents, with edited pictures, one helper for each colour, and captions",
  clear: 0.7,
  facts: [],
};

/** It reads the marked region, so no option's image; its examples are `optionExamples`. */
export const withOptions: KnownModel = {
  ...oneRegion,
  name: "with-options",
  truth: "as one-region, with an image for each option, which is not read",
  facts: [],
};
