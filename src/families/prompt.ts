/** Turns as families write them. */
import type { Example } from "../tasks/index.ts";
import type { ContentPart, ResponsePart } from "./types.ts";

/**
 * Images and text of the question in order; "<image>" stands for the next image. Where the text tells images by number
 * (`interleaved`), the spaces and line ends around them stay.
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

/** Parts with a text behind the last of them. */
function withSuffix(parts: readonly ContentPart[], suffix: string): ContentPart[] {
  const last = parts.at(-1);
  if (!suffix) return [...parts];
  return last?.type === "text"
    ? [...parts.slice(0, -1), { type: "text", text: last.text + suffix }]
    : [...parts, { type: "text", text: suffix }];
}

/**
 * All images, then the question and the family's instruction: how most families evaluate. A question that tells its images
 * by number within the text (MMMU) keeps them there, as VLMEvalKit asks it.
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

/** The texts that a response is made of. */
export interface ResponseForm {
  /** A block: what stands before and behind its slots. */
  before: string;
  after: string;
  /** Around reasoning. */
  open: string;
  close: string;
  answer(option: string): string;
}

/**
 * The response that a form makes of an example: reasoning around the blocks, or alone; then the answer.
 */
export const responseIn =
  ({ before, after, open, close, answer }: ResponseForm) =>
  (example: Example, latents: boolean): ResponsePart[] => {
    const { helpers, reasoning } = example;
    const last = answer(example.options[example.answer]!);
    const block: ResponsePart[] = [{ text: before }, { latents: 1 }, { text: after }];
    if (!reasoning) return [...(latents ? helpers.flatMap(() => block) : []), { text: last }];
    const pieces = reasoning.map((piece) => piece.trim());
    const said = (...words: string[]): ResponsePart => ({ text: words.filter((each) => each).join(" ") });
    if (!latents || helpers.length === 0) return [said(open, ...pieces, close, last)];
    return [
      ...helpers.flatMap((_, i) => [said(...(i === 0 ? [open] : []), pieces[i]!), ...block]),
      said(pieces.at(-1)!, close, last),
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
