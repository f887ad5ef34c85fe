/** Multiple choice as benchmarks ask it: options with letters behind the question, the letter being the answer. */
import { type Random, random } from "../../util/index.ts";
import type { Example } from "../types.ts";

const letter = (i: number): string => String.fromCharCode(65 + i);

/**
 * An example whose options are listed in its question and answered by letter: "QUESTION\nOptions:\nA. …\nB. …", as
 * LanteRn (evals/viscot_blink_vstar_eval.py) and LVR (evaluation/evaluation.py) ask BLINK, VisCoT and MMVP; the families
 * add their own instruction. "brackets": "QUESTION\n(A) …\n(B) …", as V*'s file has it and both pass it on. With `r` the
 * options stand in random order.
 *
 * @example
 * const example = { id: "1", question: "Which?", images: [], options: ["hat", "cat"], answer: 1 };
 * const listed = withListedOptions({ ...example, helpers: [], counterfactuals: [null, null], attributes: {} });
 * [listed.question, listed.options[listed.answer]]; // ["Which?\nOptions:\nA. hat\nB. cat", "B"]
 */
export function withListedOptions(
  example: Example,
  r?: Pick<Random, "shuffled">,
  form: "letters" | "brackets" = "letters",
): Example {
  const order = example.options.map((_, i) => i);
  const shown = r ? r.shuffled(order) : order;
  const texts = shown.map((i) => example.options[i]!);
  const { edits } = example;
  return {
    ...example,
    ...(edits && { edits: edits.map((edit) => ({ ...edit, answer: shown.indexOf(edit.answer) })) }),
    question: [
      example.question,
      ...(form === "letters" ? ["Options:"] : []),
      ...texts.map((text, i) => (form === "letters" ? `${letter(i)}. ${text}` : `(${letter(i)}) ${text}`)),
    ].join("\n"),
    options: texts.map((_, i) => letter(i)),
    optionTexts: texts,
    answer: shown.indexOf(example.answer),
    counterfactuals: shown.map((i) => example.counterfactuals[i] ?? null),
  };
}

/** The random order of one example's options: its own, whatever else is read. */
export const orderOf = (seed: number, id: string): Random => random(seed, "option order", id);
