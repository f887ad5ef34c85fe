/** Scoring that forgives the form of an answer, beside the family's own extraction. */

const marks = /[.()[\],:;!*#{}"'?<>|/\\]/g;
/** In longer answers a lone "A" may be an article. */
const articleFrom = 4;

/** Indices of options that stand in the text as words of their own. */
function lettersIn(text: string, options: readonly string[]): number[] {
  const words = text.replace(marks, " ").split(/\s+/).filter(Boolean);
  const found = options.flatMap((option, i) => (words.includes(option) ? [i] : []));
  const bracketed = (option: string): boolean => text.includes(`(${option})`);
  return found.filter((i) => {
    const option = options[i]!;
    return !/^a$/i.test(option) || words.length < articleFrom || bracketed(option);
  });
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Indices of option texts that stand in the text, case aside; one within another that stands there does not count. */
function textsIn(text: string, texts: readonly string[]): number[] {
  const stands = (part: string, whole: string): boolean =>
    part !== "" && new RegExp(`(?<![\\p{L}\\p{N}])${escaped(part)}(?![\\p{L}\\p{N}])`, "iu").test(whole);
  const found = texts.flatMap((each, i) => (stands(each.trim(), text) ? [i] : []));
  return found.filter(
    (i) => !found.some((j) => j !== i && texts[j] !== texts[i] && stands(texts[i]!.trim(), texts[j]!)),
  );
}

/**
 * The option that a text names anywhere: what the family's own extraction read, else the only option's letter that
 * stands in it as a word, else the only option's text in it. Two different ones name none. The rules are VLMEvalKit's
 * `can_infer` (vlmeval/utils/matching_util.py), with "A" in a longer answer taken for the article unless in brackets.
 *
 * @param exact - What the family's own extraction read.
 * @param options - What the model was to write: letters or words.
 * @param texts - What the options say, where `options` are letters.
 *
 * @example
 * lenientChoice("It must be the red hat.", null, ["A", "B"], ["hat", "red hat"]); // 1
 * lenientChoice("A dog is B", null, ["A", "B"]); // 1
 */
export function lenientChoice(
  text: string,
  exact: number | null,
  options: readonly string[],
  texts?: readonly string[],
): number | null {
  if (exact !== null) return exact;
  // Special tokens and tags are no words of the answer.
  const said = text.replace(/<\/?[^<>\n]*>/g, " ");
  for (const found of [lettersIn(said, options), ...(texts ? [textsIn(said, texts)] : [])]) {
    if (found.length === 1) return found[0]!;
    if (found.length > 1) return null;
  }
  return null;
}
