/** Right answers in words, by which examples are grouped: letters of options say nothing across questions. */
import { known, type Measured, unknown } from "../../statistics/index.ts";

interface Answered {
  options: readonly string[];
  answer: number;
  /** What the options say, where they are letters. */
  optionTexts?: readonly string[] | undefined;
}

/**
 * The right answer in words.
 *
 * @example
 * answerInWords({ options: ["A", "B"], optionTexts: ["red", "blue"], answer: 1 }); // "blue"
 */
export const answerInWords = ({ options, optionTexts, answer }: Answered): string =>
  optionTexts?.[answer] ?? options[answer]!;

/** "A", "(B)", "C.": the place of an option, not what it says. */
const LETTER = /^\(?[A-Z][).:]?$/;

const onlyLetters = (options: readonly string[]): boolean => options.every((option) => LETTER.test(option));

/**
 * Options of rows that say only whether replies are right: made up, and so is which of them is the right one.
 *
 * @example
 * assumedOptions(2); // ["option 1", "option 2"]
 */
export const assumedOptions = (n: number): string[] => Array.from({ length: n }, (_, i) => `option ${i + 1}`);

/**
 * Whether options are made up.
 *
 * @example
 * areAssumed(["option 1", "option 2"]); // true
 */
export const areAssumed = (options: readonly string[]): boolean =>
  options.length > 1 && options.every((option, i) => option === `option ${i + 1}`);

/**
 * The right answers of examples in words, by example.
 *
 * @param textsOf - What the options of an example say, where that is known beside its outcomes.
 * @returns null with a reason where answers are made up, or known as letters alone.
 *
 * @example
 * answersInWords([{ example: "1", options: ["A", "B"], answer: 0 }], () => undefined).reason;
 * // "the options of 1 of 1 examples are letters, which say nothing across questions, and their texts are not known"
 */
export function answersInWords(
  examples: readonly (Answered & { example: string })[],
  textsOf: (example: string) => readonly string[] | undefined,
): Measured<ReadonlyMap<string, string>> {
  const assumed = examples.filter(({ options }) => areAssumed(options)).length;
  if (assumed > 0)
    return unknown(
      `the right answers of ${assumed} of ${examples.length} examples are not known, only whether replies are right`,
    );
  const all = examples.map(({ example, options, answer }) => ({
    example,
    options,
    answer,
    optionTexts: textsOf(example),
  }));
  const letters = all.filter(({ options, optionTexts }) => onlyLetters(optionTexts ?? options)).length;
  if (letters > 0)
    return unknown(
      `the options of ${letters} of ${examples.length} examples are letters, which say nothing across questions, and their texts are not known`,
    );
  return known(new Map(all.map((each) => [each.example, answerInWords(each)])));
}
