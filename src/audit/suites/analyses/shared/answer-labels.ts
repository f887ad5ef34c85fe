/** The right answers of examples as class labels of probes: by option, and by what the option says. */
import type { Example } from "../../../../tasks/index.ts";
import { answersInWords } from "../../../record/answer-words.ts";

/** More answers than this are no classes. */
const MOST_ANSWERS = 12;

interface AnswerLabels {
  /** Place of the right option, by index of the example: the letter that the model writes. */
  options: Map<number, number>;
  /** What it says; null where that is the same, not known, or something else in almost every example. */
  words: Map<number, string> | null;
  /** Why there are none. */
  reason?: string;
}

/**
 * Labels of examples `indices`. Where options are letters whose order is each question's own, latents may hold what the answer
 * says and not where it stands: a probe for the letter then finds nothing, and one for the words everything.
 *
 * @example
 * const of = (answer, ...optionTexts) => ({ id: String(answer), options: ["A", "B"], optionTexts, answer });
 * const { options, words } = answerLabels([of(0, "red", "blue"), of(1, "blue", "red")], [0, 1]);
 * [...options.values()]; // [0, 1]
 * [...words.values()]; // ["red", "red"]
 */
export function answerLabels(
  examples: readonly Pick<Example, "id" | "options" | "optionTexts" | "answer">[],
  indices: readonly number[],
): AnswerLabels {
  const options = new Map(indices.map((i) => [i, examples[i]!.answer] as const));
  const some = indices.map((i) => examples[i]!);
  const texts = new Map(some.map(({ id, optionTexts }) => [id, optionTexts]));
  const { value, reason } = answersInWords(
    some.map(({ id, options: written, answer }) => ({ example: id, options: written, answer })),
    (id) => texts.get(id),
  );
  if (!value) return { options, words: null, reason };
  const words = new Map(indices.map((i) => [i, value.get(examples[i]!.id)!] as const));
  const pairs = new Set(indices.map((i) => JSON.stringify([options.get(i), words.get(i)])));
  const [places, said] = [new Set(options.values()).size, new Set(words.values()).size];
  if (pairs.size === places && pairs.size === said)
    return { options, words: null, reason: "what an option says is its place: one label" };
  if (said > MOST_ANSWERS)
    return {
      options,
      words: null,
      reason: `${said} different answers; up to ${MOST_ANSWERS} can be told apart here`,
    };
  return { options, words };
}
