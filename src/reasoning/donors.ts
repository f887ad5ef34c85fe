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
}

/** Random pairs of places with different answers, as many as a greedy search finds; null for who has no partner. */
export function partners(
  present: readonly boolean[],
  answers: readonly string[],
  r: Random,
): (number | null)[] {
  const out: (number | null)[] = present.map(() => null);
  const waiting = new Map<string, number[]>();
  for (const i of r.shuffled(present.flatMap((p, at) => (p ? [at] : [])))) {
    // From the longest queue of another answer, so that few are left over.
    const [queue] = [...waiting]
      .filter(([answer, list]) => answer !== answers[i] && list.length > 0)
      .map(([, list]) => list)
      .sort((a, b) => b.length - a.length);
    if (queue) {
      const partner = queue.shift()!;
      out[i] = partner;
      out[partner] = i;
    } else waiting.set(answers[i]!, [...(waiting.get(answers[i]!) ?? []), i]);
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
  examples: readonly Pick<Example, "question" | "options" | "answer" | "attributes">[],
  seed: number,
): Donors {
  const answers = examples.map(({ options, answer }) => options[answer]!);
  const present = own.map((blocks) => blocks.length > 0);
  const groups = new Map<string, number[]>();
  for (const [i, { question }] of examples.entries())
    if (present[i]) groups.set(question, [...(groups.get(question) ?? []), i]);
  const same: (number | null)[] = examples.map(() => null);
  const base: Blocks[] = examples.map(() => []);
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
    for (const i of places) base[i] = means;
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
      .filter((j) => examples[j]!.question !== example.question && answers[j] !== answers[i]);
    const least = Math.min(...others.map(far));
    const nearest = others.filter((j) => far(j) === least);
    return nearest.length === 0 ? null : random(seed, "matched-question", String(i)).pick(nearest);
  });
  return { same, matched, base };
}
