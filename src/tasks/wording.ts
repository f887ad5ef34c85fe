import { random } from "../util/index.ts";

/** Ways to say one piece of reasoning: with the transformation named, without, and in a word or two. */
export interface Wording {
  named: readonly string[];
  plain: readonly string[];
  /** Where there is none, "brief" says it as "named" does. */
  brief?: readonly string[];
}

/**
 * Reasoning for one example: for each piece (before every helper, and after the last one) one of its wordings, by
 * the parameter `plan`; undefined for "none". The choice has a random stream of its own, so that plans change no
 * pixel. No piece may tell the answer: it is given after them.
 */
export function wordsFor(
  plan: string,
  pieces: readonly Wording[],
  seed: number,
  ...names: (string | number)[]
): string[] | undefined {
  if (plan === "none") return undefined;
  const r = random(seed, ...names, "words");
  return pieces.map(({ named, plain, brief = named }) =>
    r.pick(plan === "named" ? named : plan === "brief" ? brief : plain),
  );
}
