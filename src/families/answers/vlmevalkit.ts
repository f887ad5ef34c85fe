/** VLMEvalKit's extraction, by which CoVT and SwimBird, Monet and SkiLa are evaluated; and what stands in for its judge. */
import { lastBoxed } from "./boxed.ts";
import { carefulChoice } from "./careful/index.ts";
import { lastNamed, namedOption } from "./named.ts";
import { areLetters, areYesNo, orNull, same, withoutSpecial } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";

const REFUSALS = [
  "Sorry, I can't help with images of people yet.",
  "I can't process this file.",
  "I'm sorry, but without the image provided",
  "Cannot determine the answer",
];

/** `can_infer_option`; "Z" is a refusal, null leaves it to the texts. `sentences`: "the answer is B", as later versions. */
function inferredOption(answer: string, letters: readonly string[], sentences: boolean): string | null {
  if (answer.includes("Failed to obtain answer via API")) return null;
  if (REFUSALS.some((refusal) => answer.includes(refusal))) return "Z";
  const words = answer
    .replace(/[.()[\],:;!*#{}]/g, " ")
    .split(/\s+/)
    .filter(Boolean);
  const found = letters.filter((letter) => words.includes(letter));
  if (found.length === 1 && words.indexOf(found[0]!) > words.length - 5) return found[0]!;
  if (found.length === 0 && words.includes("Z")) return "Z";
  const stated = sentences
    ? /(?:correct\s+)?answer\s+is\s+\**([ABCD])\**/i.exec(answer)?.[1]?.toUpperCase()
    : undefined;
  return stated !== undefined && letters.includes(stated) ? stated : null;
}

/** `can_infer_text`: the only text that the answer holds, unless it is over twice as long as all texts. */
function inferredText(answer: string, texts: readonly string[]): number | null {
  const said = answer.toLowerCase();
  if (Array.from(said).length > 2 * texts.reduce((sum, text) => sum + Array.from(text).length, 0))
    return null;
  const found = texts.flatMap((text, i) => (said.includes(text.toLowerCase()) ? [i] : []));
  return found.length === 1 ? found[0]! : null;
}

/**
 * VLMEvalKit's `can_infer` (`vlmeval/utils/matching_util.py`) for options listed as A, B, C, …: their index, null where
 * it refuses, undefined where it infers nothing and a judge model is asked. `sentences` as the kit has it since (at
 * e8e78f0); without, as CoVT's and SwimBird's copies of it.
 */
export function canInfer(
  answer: string,
  letters: readonly string[],
  texts: readonly string[],
  { sentences = false }: { sentences?: boolean } = {},
): number | null | undefined {
  const option = inferredOption(answer, letters, sentences);
  if (option !== null) return orNull(letters.indexOf(option));
  return inferredText(answer, texts) ?? undefined;
}

/** `process_punctuation` (`vlmeval/smp/misc.py`); of full stops it takes off 32 at most, because it passes a flag as the count. */
function withoutPunctuation(text: string): string {
  const comma = /\p{Nd},\p{Nd}/u.test(text);
  let out = text;
  for (const mark of ';/[]"{}()=+\\_-><@`,?!')
    out = out.replaceAll(mark, comma || text.includes(`${mark} `) || text.includes(` ${mark}`) ? "" : " ");
  let left = 32;
  return out.replace(/(?<!\p{Nd})\.(?!\p{Nd})/gu, (dot) => (left-- > 0 ? "" : dot));
}

/**
 * VLMEvalKit's `YOrN_Extraction` (`vlmeval/dataset/utils/yorn.py`), as for MME and POPE: the one of "yes" and "no" that stands in the
 * reply as a word; undefined where both or neither do and a judge model is asked.
 *
 * @example
 * yesOrNo("No, there is none."); // "no"
 */
export function yesOrNo(answer: string): "yes" | "no" | undefined {
  const words = withoutPunctuation(answer.toLowerCase()).split(/\s+/);
  const [yes, no] = [words.includes("yes"), words.includes("no")];
  return yes === no ? undefined : yes ? "yes" : "no";
}

/** The kit's own extraction; undefined where it asks its judge, or where it has no such options. */
function inferred(
  said: string,
  options: readonly string[],
  texts: readonly string[] | undefined,
  version: { sentences: boolean },
): number | null | undefined {
  if (areLetters(options)) return canInfer(said, options, texts ?? [], version);
  if (!areYesNo(options)) return undefined;
  const word = yesOrNo(said);
  return word && orNull(options.findIndex((option) => same(option, word)));
}

const listed = (options: readonly string[]): boolean => areLetters(options) || areYesNo(options);

/** CoVT's and SwimBird's models answer with what stands in the first `<answer>`, else with the whole reply. */
const inTag = (text: string): string =>
  (/<\s*answer\s*>(.*?)<\s*\/\s*answer\s*>/is.exec(text)?.[1] ?? text).trim();

/**
 * SwimBird on VLMEvalKit: the first `<answer>…</answer>`, else the whole reply, special tokens and all, through
 * `can_infer`, or `YOrN_Extraction` for yes and no. Where that infers nothing its evaluation asks a judge model
 * (gpt-4o); Lintel's own careful reader stands in for it. Other options are read by text or letter.
 *
 * @example
 * firstTagged("<answer>B. a red hat</answer>", ["A", "B"], ["a cat", "a red hat"]); // 1
 */
export const firstTagged: ReadAnswer = (text, options, texts) => {
  const said = inTag(text);
  const found = inferred(said, options, texts, { sentences: false });
  if (found !== undefined) return found;
  if (listed(options)) return carefulChoice(said, options, texts);
  return namedOption(said, options) ?? lastNamed(said, options);
};

/**
 * CoVT on VLMEvalKit: as SwimBird's, but decoded without special tokens.
 *
 * @example
 * firstTaggedPlain("B<|im_end|>", ["A", "B"]); // 1
 */
export const firstTaggedPlain: ReadAnswer = (text, options, texts) =>
  firstTagged(withoutSpecial(text), options, texts);

/**
 * Monet and SkiLa on VLMEvalKit, and models without latents: the whole reply through `can_infer` (as of e8e78f0), or
 * `YOrN_Extraction`; where that infers nothing an API model judges, for which Lintel's own careful reader stands in.
 * Options in other forms: the last `\boxed{…}`, else the last `<answer>`, else the last option that stands alone.
 *
 * @example
 * boxedOrTagged("A hat, so \\boxed{B}", ["A", "B"]); // 1
 */
export const boxedOrTagged: ReadAnswer = (text, options, texts) => {
  const said = withoutSpecial(text);
  const found = inferred(said, options, texts, { sentences: true });
  if (found !== undefined) return found;
  if (listed(options)) return carefulChoice(said, options, texts);
  const boxed = lastBoxed(said);
  const named = boxed === null ? null : namedOption(boxed, options);
  if (named !== null) return named;
  const inside = [...said.matchAll(/<answer>(.*?)<\/answer/gs)].at(-1)?.[1];
  return (inside === undefined ? null : namedOption(inside, options)) ?? lastNamed(said, options);
};
