import { largest } from "../numeric/index.ts";
import type { PreparedExample } from "./prepared-example.ts";

/** Words by their numbers, the commonest first. */
export interface Words {
  count: number;
  /** Numbers of the known words of a text, each once. */
  numbers(text: string): number[];
}

const split = (text: string): string[] =>
  text
    .toLowerCase()
    .replaceAll("<image>", " ")
    .match(/[\p{L}\p{N}]+/gu) ?? [];

/**
 * The commonest words of some texts. Those that are in every text tell nothing and are left out where `varying`.
 *
 * @example
 * wordsOf(["a red one", "a blue one"], 8, true).numbers("red or blue"); // [1, 0]
 */
export function wordsOf(texts: readonly string[], most: number, varying: boolean): Words {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const word of new Set(split(text))) counts.set(word, (counts.get(word) ?? 0) + 1);
  const kept = [...counts]
    .filter(([, count]) => !varying || count < texts.length)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, most);
  const known = new Map(kept.map(([word], number) => [word, number]));
  return {
    count: known.size,
    numbers: (text) => [...new Set(split(text).flatMap((word) => known.get(word) ?? []))],
  };
}

const key = (text: string): string => text.trim().toLowerCase();

/**
 * Tokens of options: a whole option that is common is one token; a rare one falls into its words. Besides, each place
 * among the options is a token of its own.
 */
interface OptionTokens {
  count: number;
  /** Tokens of an option at a place. */
  of(option: string, place: number): { tokens: Int32Array; weights: Float32Array };
}

/** Places among the options that are distinguished, at most. */
const MOST_PLACES = 12;

/**
 * Tokens for the options of some cases: at most `most` whole options and as many words.
 *
 * @example
 * optionTokens([{ options: ["red", "blue"] }], 8).of("red", 0).tokens.length; // 2: the word and the place
 */
export function optionTokens(cases: readonly Pick<PreparedExample, "options">[], most: number): OptionTokens {
  const places = Math.min(MOST_PLACES, largest(cases.map(({ options }) => options.length)));
  const counts = new Map<string, number>();
  for (const { options } of cases)
    for (const option of options) counts.set(key(option), (counts.get(key(option)) ?? 0) + 1);
  const least = Math.max(1, 0.01 * cases.length);
  const whole = new Map(
    [...counts]
      .filter(([, count]) => count >= least)
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .slice(0, most)
      .map(([option], number) => [option, places + number] as const),
  );
  const rare = [...counts.keys()].filter((option) => !whole.has(option));
  const words = wordsOf(rare, most, false);
  return {
    count: places + whole.size + words.count,
    of(option, place) {
      const token = whole.get(key(option));
      const named = token !== undefined ? [token] : words.numbers(option).map((n) => places + whole.size + n);
      const tokens = Int32Array.of(Math.min(place, places - 1), ...named);
      return { tokens, weights: Float32Array.from(tokens, (_, i) => (i === 0 ? 1 : 1 / named.length)) };
    },
  };
}

/**
 * The answers' texts in order of frequency, as far as `most` of them go.
 *
 * @example
 * answerTexts([{ options: ["Red", "blue"], answer: 0 }], 4); // ["red"]
 */
export function answerTexts(
  cases: readonly Pick<PreparedExample, "options" | "answer">[],
  most: number,
): string[] {
  const counts = new Map<string, number>();
  for (const { options, answer } of cases) {
    const text = key(options[answer]!);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, most)
    .map(([text]) => text);
}

/**
 * The answer's text as `answerTexts` spells it.
 *
 * @example
 * answerText({ options: ["Red ", "blue"], answer: 0 }); // "red"
 */
export const answerText = ({ options, answer }: Pick<PreparedExample, "options" | "answer">): string =>
  key(options[answer]!);
