/** Scoring that forgives the form of an answer, beside the family's own extraction. */
import { carefulChoice } from "../../families/index.ts";

/**
 * The option that a text names however it is put, read by itself: what the family's own extraction found does not
 * enter. `carefulChoice` of the families' room has the rules.
 *
 * @param _exact - What the family's own extraction read; the first version returned it where there was one.
 * @param options - What the model was to write: letters or words.
 * @param texts - What the options say, where `options` are letters.
 *
 * @example
 * lenientChoice("It must be the red hat.", null, ["A", "B"], ["hat", "red hat"]); // 1
 * lenientChoice("B. a dog", 0, ["A", "B"]); // 1
 */
export function lenientChoice(
  text: string,
  _exact: number | null,
  options: readonly string[],
  texts?: readonly string[],
): number | null {
  return carefulChoice(text, options, texts);
}
