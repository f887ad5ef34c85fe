/** Prompt and response formats of the families. */
import type { Example } from "../tasks/index.ts";
import type { ContentPart, ResponsePart } from "./types.ts";

/**
 * Images and text of the question in order; "<image>" marks the next image. In `interleaved` questions, which refer to
 * images by number, white space around images is kept.
 *
 * @example
 * inOrder({ question: "See <image>: which?" }).length; // 3
 */
export function inOrder(example: Pick<Example, "question" | "interleaved">): ContentPart[] {
  const parts: ContentPart[] = [];
  const texts = example.question.split("<image>");
  texts.forEach((text, i) => {
    const trimmed = example.interleaved ? text : text.trim();
    if (trimmed) parts.push({ type: "text", text: trimmed });
    if (i < texts.length - 1) parts.push({ type: "image" });
  });
  return parts;
}

/** Parts with a text appended. */
function withSuffix(parts: readonly ContentPart[], suffix: string): ContentPart[] {
  const last = parts.at(-1);
  if (!suffix) return [...parts];
  return last?.type === "text"
    ? [...parts.slice(0, -1), { type: "text", text: last.text + suffix }]
    : [...parts, { type: "text", text: suffix }];
}

/**
 * All images, then the question and the family's instruction, as most families evaluate. Interleaved questions (MMMU) keep
 * their images in place, as in VLMEvalKit.
 *
 * @example
 * imagesFirst("\nAnswer briefly.")({ question: "<image> Which?" })[1].text; // "Which?\nAnswer briefly."
 */
export const imagesFirst =
  (suffix = "") =>
  (example: Pick<Example, "question" | "interleaved">): ContentPart[] => {
    const parts = inOrder(example);
    if (example.interleaved) return withSuffix(parts, suffix);
    const text = parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join(" ");
    const images = parts.filter(({ type }) => type === "image");
    return text || suffix ? [...images, { type: "text", text: text + suffix }] : images;
  };

/** The texts of a response. */
interface ResponseForm {
  /** Texts before and after the slots of a block. */
  before: string;
  after: string;
  /** Texts around the reasoning. */
  open: string;
  close: string;
  answer(option: string): string;
}

/**
 * Builds the response of an example: reasoning with the blocks, or alone; then the answer.
 */
export const responseIn =
  ({ before, after, open, close, answer }: ResponseForm) =>
  (example: Example, latents: boolean): ResponsePart[] => {
    const { helpers, reasoning } = example;
    const last = answer(example.options[example.answer]!);
    const block: ResponsePart[] = [{ text: before }, { latents: 1 }, { text: after }];
    if (!reasoning) return [...(latents ? helpers.flatMap(() => block) : []), { text: last }];
    const pieces = reasoning.map((piece) => piece.trim());
    const joined = (...words: string[]): ResponsePart => ({ text: words.filter((each) => each).join(" ") });
    if (!latents || helpers.length === 0) return [joined(open, ...pieces, close, last)];
    return [
      ...helpers.flatMap((_, i) => [joined(...(i === 0 ? [open] : []), pieces[i]!), ...block]),
      joined(pieces.at(-1)!, close, last),
    ].filter((part) => !("text" in part) || part.text !== "");
  };

/**
 * `<answer> OPTION </answer>`.
 *
 * @example
 * tagged("b"); // "<answer> b </answer>"
 */
export const tagged = (option: string): string => `<answer> ${option} </answer>`;

/**
 * `\boxed{OPTION}`.
 *
 * @example
 * boxed("b"); // "\\boxed{b}"
 */
export const boxed = (option: string): string => `\\boxed{${option}}`;
