/** The layout of the hidden state of a known-answer model, and its vocabulary. */
import { createTokenizer, pocketTokenizer, type Tokenizer } from "../qwen/index.ts";

/** Width of the hidden state; a word of the vocabulary is this root times the unit vector of its id. */
export const WIDTH = 64;
export const UNIT = Math.sqrt(WIDTH);
/** Latents per block: two, so that slots can differ. */
export const SLOTS = 2;

export const options = ["a", "b", "c", "d"] as const;
/** First words of the two kinds of question; `half` looks at its latents for the first kind only. */
export const askings = ["Which", "What"] as const;

/** The tokenizer of every known-answer model. */
export const vocabulary = (): Tokenizer =>
  createTokenizer(pocketTokenizer([...askings, "colour", "is", "this", ...options]), "known-answer model");

/** Places behind those of the words (27 of them). The code of a color takes three, one per channel. */
export const places = {
  /** Code of a picture, as the vision tower writes it. */
  code: 32,
  /** Code that the answer is read from. */
  answer: 35,
  /** Code in a form of the model's own. */
  own: 38,
  /** Second kind of question. */
  asking: 41,
  /** "The end marker stands before me." */
  marker: 42,
  /** "The start marker stands before me": the first slot. */
  first: 43,
  /** A constant, by which the norm of what it is added to shows after normalisation. */
  constant: 44,
  /** How small the norm in the slots is. */
  small: 45,
  /** "This is an image", which the vision tower of some models writes beside the code. */
  present: 46,
  /** Whether the first pixels of a region's patches are white or black, which the tower of some models writes there. */
  marked: 47,
} as const;

/** Red, green, blue and white as pixels from −1 to 1: corners of a tetrahedron, so that all are equally unlike. */
export const colors = [
  [1, -1, -1],
  [-1, 1, -1],
  [-1, -1, 1],
  [1, 1, 1],
] as const;
