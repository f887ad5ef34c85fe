/** Donors of latents by question: of the same question with another answer, and matched controls of another question. */
import type { Example } from "../tasks/index.ts";
import { type Random, random } from "../util/index.ts";

type Blocks = readonly Float32Array[];

/** By example index; null for who has none. */
export interface Donors {
  /** Pairs of examples that ask the same and have different right answers: each is the other's donor. */
  same: readonly (number | null)[];
  /** Another question with as many options and of the same category, of the nearest length, with another right answer. */
  matched: readonly (number | null)[];
  /** Mean own latents of the examples that ask the same, block by block; empty where nobody else asks it. */
  base: readonly Blocks[];
  /** Their standard deviations. */
  spread: readonly Blocks[];
}

type Asked = Pick<Example, "options" | "optionTexts" | "answer">;

/**
 * The right answer as it is written and as what it says, which are one where options are words. Of options that are letters
 * in an order of each question's own, the letter is a place: latents may hold the one or the other.
 */
export interface RightAnswer {
  option: string;
  words: string;
}

export const rightAnswer = ({ options, optionTexts, answer }: Asked): RightAnswer => ({
  option: options[answer]!,
  words: optionTexts?.[answer] ?? options[answer]!,
});

const unlike = (a: RightAnswer, b: RightAnswer): boolean => a.option !== b.option && a.words !== b.words;

/**
 * The option of an example that another example's right answer is: the one that says the same or, where none does, the one
 * that is written the same; −1 for neither.
 *
 * @example
 * const example = { options: ["A", "B"], optionTexts: ["red", "blue"] };
 * optionOf(example, { option: "A", words: "blue" }); // 1
 * optionOf(example, { option: "A", words: "green" }); // 0
 */
export function optionOf(
  { options, optionTexts = options }: Omit<Asked, "answer">,
  { option, words }: RightAnswer,
): number {
  const said = optionTexts.indexOf(words);
  return said >= 0 ? said : options.indexOf(option);
}

/**
 * Random pairs of places whose answers are written otherwise and say something else, as many as a greedy search finds; null
 * for who has no partner.
 */
export function partners(
  present: readonly boolean[],
  answers: readonly RightAnswer[],
  r: Random,
): (number | null)[] {
  const out: (number | null)[] = present.map(() => null);
  const waiting = new Map<string, { answer: RightAnswer; list: number[] }>();
  for (const i of r.shuffled(present.flatMap((p, at) => (p ? [at] : [])))) {
    const mine = answers[i]!;
    // From the longest queue of another answer, so that few are left over.
    const [queue] = [...waiting.values()]
      .filter(({ answer, list }) => unlike(answer, mine) && list.length > 0)
      .map(({ list }) => list)
      .sort((a, b) => b.length - a.length);
    if (queue) {
      const partner = queue.shift()!;
      out[i] = partner;
      out[partner] = i;
      continue;
    }
    const key = JSON.stringify([mine.option, mine.words]);
    const { list = [] } = waiting.get(key) ?? {};
    waiting.set(key, { answer: mine, list: [...list, i] });
  }
  return out;
}

/** The mean of the first `length` numbers of all blocks that are as long. */
function meanOf(blocks: Blocks): Float32Array {
  const length = Math.min(...blocks.map((block) => block.length));
  return Float32Array.from(
    { length },
    (_, i) => blocks.reduce((sum, block) => sum + block[i]!, 0) / blocks.length,
  );
}

/**
 * Donors of a split.
 *
 * @param own - Own latents by example, one array per block; empty where there are none.
 *
 * Source: docs/published-families.md §19.3 (3); MMVP and V* ask one question of several images.
 *
 * @example
 * const ask = (question, answer) => ({ question, options: ["a", "b"], answer, attributes: {} });
 * donorsOf([[Float32Array.of(1)], [Float32Array.of(3)]], [ask("q", 0), ask("q", 1)], 0).base[0]; // [Float32Array [2]]
 */
export function donorsOf(
  own: readonly Blocks[],
  examples: readonly (Asked & Pick<Example, "question" | "attributes">)[],
  seed: number,
): Donors {
  const answers = examples.map(rightAnswer);
  const present = own.map((blocks) => blocks.length > 0);
  const groups = new Map<string, number[]>();
  for (const [i, { question }] of examples.entries())
    if (present[i]) groups.set(question, [...(groups.get(question) ?? []), i]);
  const same: (number | null)[] = examples.map(() => null);
  const base: Blocks[] = examples.map(() => []);
  const spread: Blocks[] = examples.map(() => []);
  for (const [question, places] of groups) {
    const r = random(seed, "same-question", question);
    const found = partners(
      places.map(() => true),
      places.map((i) => answers[i]!),
      r,
    );
    for (const [at, i] of places.entries()) same[i] = found[at] === null ? null : places[found[at]!]!;
    if (places.length < 2) continue;
    const blocks = Math.min(...places.map((i) => own[i]!.length));
    const means = Array.from({ length: blocks }, (_, b) => meanOf(places.map((i) => own[i]![b]!)));
    const squares = Array.from({ length: blocks }, (_, b) =>
      meanOf(places.map((i) => own[i]![b]!.map((x, j) => (x - (means[b]![j] ?? x)) ** 2))),
    );
    for (const i of places) {
      base[i] = means;
      spread[i] = squares.map((each) => each.map(Math.sqrt));
    }
  }
  const kindOf = (i: number): string =>
    `${examples[i]!.options.length} ${examples[i]!.attributes.category ?? ""}`;
  const kinds = new Map<string, number[]>();
  for (const places of groups.values())
    for (const i of places) kinds.set(kindOf(i), [...(kinds.get(kindOf(i)) ?? []), i]);
  const matched = examples.map((example, i): number | null => {
    if (!present[i]) return null;
    const far = (j: number): number => Math.abs(examples[j]!.question.length - example.question.length);
    const others = kinds
      .get(kindOf(i))!
      .filter((j) => examples[j]!.question !== example.question && unlike(answers[j]!, answers[i]!));
    const least = Math.min(...others.map(far));
    const nearest = others.filter((j) => far(j) === least);
    return nearest.length === 0 ? null : random(seed, "matched-question", String(i)).pick(nearest);
  });
  return { same, matched, base, spread };
}
