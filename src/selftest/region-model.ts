/** A known-answer model for analyses that need pictures of several regions. */
import { contentDummies } from "../audit/index.ts";
import { code, type Head } from "./circuit.ts";
import { places, UNIT, vocabulary } from "./layout.ts";
import type { KnownModel } from "./models.ts";

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
