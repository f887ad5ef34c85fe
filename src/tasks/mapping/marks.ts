/** Where images are in a question: "<image>" marks in order, or "<image 2>" by number. */
import { LintelError } from "../../util/index.ts";

const numbered = /<\|?image[ _-]?(\d+)\|?>/gi;

/** Marks of other tools, which Lintel does not know as places of images. */
const foreign =
  /<\/?img\b[^<>]*>|<(?:ImageHere|image[_-]?here|im_patch|video|audio)>|\{image#?\d+\}|\[(?:IMG|IMAGE)[_ ]?\d*\]|<\|vision_start\|>/i;

/**
 * A mark of another tool that a text holds ("<ImageHere>"), which the model reads as words; undefined where there is none.
 */
export const foreignMark = (text: string): string | undefined => foreign.exec(text)?.[0];

/** A question with one "<image>" for each image, and which of the record's images these are. */
interface MarkedText {
  question: string;
  /** For each mark in order the index of its image. */
  order: number[];
  /** Images are specified by number, within the text: it must not be asked with all images first. */
  interleaved: boolean;
  /** What had to be changed to place them, in words. */
  note?: string;
}

/**
 * Places a record's images. Numbers ("<image 2>", as MMMU has them) stand for the image of that number, where they are and
 * as often; images that no number names are not shown, as in VLMEvalKit. As many "<image>" as there are images stay where
 * they are. Otherwise images come first, as chat templates put them.
 *
 * Errors: "dataset" for a number without an image, and for both kinds of marks in one question.
 */
export function placeImages(question: string, numbers: readonly number[], where: string): MarkedText {
  const plain = question.split("<image>").length - 1;
  const told = [...question.matchAll(numbered)].map(([, digits]) => Number(digits));
  if (told.length === 0) {
    const order = numbers.map((_, i) => i);
    if (plain === numbers.length) return { question, order, interleaved: false };
    const text = question.replaceAll("<image>", "").trim();
    return {
      question: "<image> ".repeat(numbers.length) + text,
      order,
      interleaved: false,
      ...(plain > 0 && {
        note: 'the number of "<image>" placeholders differs from the number of images: they are removed, and images come first',
      }),
    };
  }
  const refuse = (expected: string, got: string): LintelError =>
    new LintelError("dataset", { where, expected, got });
  if (plain > 0) throw refuse('either "<image>" placeholders or image numbers', "both");
  const order = told.map((number) => {
    const at = numbers.indexOf(number);
    if (at < 0) throw refuse(`an image for "<image ${number}>"`, `images ${numbers.join(", ") || "none"}`);
    return at;
  });
  const unnamed = numbers.length - new Set(order).size;
  return {
    question: question.replaceAll(numbered, "<image>"),
    order,
    interleaved: true,
    ...(unnamed > 0 && { note: "images that no <image N> of the text names are not shown" }),
  };
}
