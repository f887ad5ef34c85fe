/** VLMEvalKit's answer extraction, used by CoVT, SwimBird, Monet and SkiLa, with a substitute for its judge model. */
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

/** `can_infer_option`; "Z" is a refusal, null defers to the texts. `sentences`: also "the answer is B", as in later versions. */
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

/** `can_infer_text`: the only text in the answer, unless the answer is over twice as long as all texts. */
function inferredText(answer: string, texts: readonly string[]): number | null {
  const given = answer.toLowerCase();
  if (Array.from(given).length > 2 * texts.reduce((sum, text) => sum + Array.from(text).length, 0))
    return null;
  const found = texts.flatMap((text, i) => (given.includes(text.toLowerCase()) ? [i] : []));
  return found.length === 1 ? found[0]! : null;
}

/**
 * VLMEvalKit's `can_infer` (`vlmeval/utils/matching_util.py`) for options listed as A, B, C, …: their index, null for
 * a refusal, undefined if nothing is inferred and a judge model is used. `sentences` as in current versions (at e8e78f0);
 * without, as in the copies of CoVT and SwimBird.
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

/** `process_punctuation` (`vlmeval/smp/misc.py`); it removes at most 32 full stops, because it passes a flag as the count. */
function withoutPunctuation(text: string): string {
  const comma = /\p{Nd},\p{Nd}/u.test(text);
  let out = text;
  for (const mark of ';/[]"{}()=+\\_-><@`,?!')
    out = out.replaceAll(mark, comma || text.includes(`${mark} `) || text.includes(` ${mark}`) ? "" : " ");
  let left = 32;
  return out.replace(/(?<!\p{Nd})\.(?!\p{Nd})/gu, (dot) => (left-- > 0 ? "" : dot));
}

/**
 * VLMEvalKit's `YOrN_Extraction` (`vlmeval/dataset/utils/yorn.py`), as for MME and POPE: "yes" or "no" if exactly one
 * occurs as a word in the reply; undefined otherwise, where a judge model is used.
 *
 * @example
 * yesOrNo("No, there is none."); // "no"
 */
export function yesOrNo(answer: string): "yes" | "no" | undefined {
  const words = withoutPunctuation(answer.toLowerCase()).split(/\s+/);
  const [yes, no] = [words.includes("yes"), words.includes("no")];
  return yes === no ? undefined : yes ? "yes" : "no";
}

/** The extraction of the kit; undefined if it uses its judge or does not support the options. */
function inferred(
  given: string,
  options: readonly string[],
  texts: readonly string[] | undefined,
  version: { sentences: boolean },
): number | null | undefined {
  if (areLetters(options)) return canInfer(given, options, texts ?? [], version);
  if (!areYesNo(options)) return undefined;
  const word = yesOrNo(given);
  return word && orNull(options.findIndex((option) => same(option, word)));
}

const listed = (options: readonly string[]): boolean => areLetters(options) || areYesNo(options);

/** The answer of CoVT's and SwimBird's models: the content of the first `<answer>`, else the full reply. */
const inTag = (text: string): string =>
  (/<\s*answer\s*>(.*?)<\s*\/\s*answer\s*>/is.exec(text)?.[1] ?? text).trim();

/**
 * SwimBird on VLMEvalKit: the first `<answer>…</answer>`, else the full reply with special tokens, through
 * `can_infer`, or `YOrN_Extraction` for yes and no. If that infers nothing, its evaluation uses a judge model (gpt-4o),
 * which Lintel replaces by the careful reader. Other options are read by text or letter.
 *
 * @example
 * firstTagged("<answer>B. a red hat</answer>", ["A", "B"], ["a cat", "a red hat"]); // 1
 */
export const firstTagged: ReadAnswer = (text, options, texts) => {
  const given = inTag(text);
  const found = inferred(given, options, texts, { sentences: false });
  if (found !== undefined) return found;
  if (listed(options)) return carefulChoice(given, options, texts);
  return namedOption(given, options) ?? lastNamed(given, options);
};

/**
 * CoVT on VLMEvalKit: like SwimBird, but decoded without special tokens.
 *
 * @example
 * firstTaggedPlain("B<|im_end|>", ["A", "B"]); // 1
 */
export const firstTaggedPlain: ReadAnswer = (text, options, texts) =>
  firstTagged(withoutSpecial(text), options, texts);

/**
 * Monet and SkiLa on VLMEvalKit, and models without latents: the full reply through `can_infer` (as of e8e78f0), or
 * `YOrN_Extraction`; if that infers nothing, an API model judges, which Lintel replaces by the careful reader.
 * Other options: the last `\boxed{…}`, else the last `<answer>`, else the last option in the text.
 *
 * @example
 * boxedOrTagged("A hat, so \\boxed{B}", ["A", "B"]); // 1
 */
export const boxedOrTagged: ReadAnswer = (text, options, texts) => {
  const given = withoutSpecial(text);
  const found = inferred(given, options, texts, { sentences: true });
  if (found !== undefined) return found;
  if (listed(options)) return carefulChoice(given, options, texts);
  const boxed = lastBoxed(given);
  const named = boxed === null ? null : namedOption(boxed, options);
  if (named !== null) return named;
  const inside = [...given.matchAll(/<answer>(.*?)<\/answer/gs)].at(-1)?.[1];
  return (inside === undefined ? null : namedOption(inside, options)) ?? lastNamed(given, options);
};
