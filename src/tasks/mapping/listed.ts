/** Multiple choice as benchmarks ask it: options with letters behind the question, the letter being the answer. */
import { type Random, random } from "../../util/index.ts";
import type { Example } from "../types.ts";
import { letterOf } from "./options.ts";

/** How options are listed. */
export type Listing = "letters" | "brackets" | "vlmevalkit";

/** What a listing needs besides the example. */
interface Listed {
  /** Letters of the options; A, B, C … if left out. */
  labels?: readonly string[];
  hint?: string | undefined;
}

/** The question with its options, in VLMEvalKit's words (`ImageMCQDataset.build_prompt`), or benchmarks' own. */
function questionWith(question: string, lines: readonly string[], form: Listing, hint?: string): string {
  const hinted = hint === undefined ? [] : [`Hint: ${hint}`];
  const asked = hint === undefined && form !== "vlmevalkit" ? question : `Question: ${question}`;
  const before = form === "brackets" ? [] : ["Options:"];
  const behind = form === "vlmevalkit" ? ["Please select the correct answer from the options above."] : [];
  return [...hinted, asked, ...before, ...lines, ...behind].join("\n");
}

/**
 * An example whose options are listed in its question and answered by letter: "QUESTION\nOptions:\nA. …\nB. …", as
 * LanteRn (evals/viscot_blink_vstar_eval.py) and LVR (evaluation/evaluation.py) ask BLINK, VisCoT and MMVP; the families
 * add their own instruction. "brackets": "QUESTION\n(A) …\n(B) …", as V*'s file has it and both pass it on. "vlmevalkit":
 * "Hint: …\nQuestion: …\nOptions:\nA. …\nPlease select …" (vlmeval/dataset/image_mcq.py). With `r` the options are in random
 * order; their letters stay in order.
 */
export function withListedOptions(
  example: Example,
  r?: Pick<Random, "shuffled">,
  form: Listing = "letters",
  { labels = example.options.map((_, i) => letterOf(i)), hint }: Listed = {},
): Example {
  const order = example.options.map((_, i) => i);
  const shown = r ? r.shuffled(order) : order;
  const texts = shown.map((i) => example.options[i]!);
  const { edits } = example;
  const lines = texts.map((text, i) =>
    form === "brackets" ? `(${labels[i]}) ${text}` : `${labels[i]}. ${text}`,
  );
  return {
    ...example,
    ...(edits && { edits: edits.map((edit) => ({ ...edit, answer: shown.indexOf(edit.answer) })) }),
    question: questionWith(example.question, lines, form, hint),
    options: [...labels],
    optionTexts: texts,
    answer: shown.indexOf(example.answer),
    counterfactuals: shown.map((i) => example.counterfactuals[i] ?? null),
  };
}

/** The random order of one example's options: its own, whatever else is read. */
export const orderOf = (seed: number, id: string): Random => random(seed, "option order", id);
