/**
 * Replaces mentions of options in a text by private-use characters, so that rules about their context are plain regular
 * expressions: `PLAIN` is a letter in prose, `STRONG` an unambiguous letter (in brackets, as a label), `TEXT` the text of an
 * option. Letters that are words or names (the article, "Vitamin C") are kept.
 */
import { escaped } from "../shared.ts";

const [PLAIN, STRONG, TEXT] = [0xe000, 0xe100, 0xe200];
/** Character classes of strong letters, of texts, of letters and of all. */
export const S = "[\\ue100-\\ue1ff]";
export const T = "[\\ue200-\\ue2ff]";
export const LETTER = "[\\ue000-\\ue1ff]";
export const M = "[\\ue000-\\ue2ff]";
/** A letter before the text of another option, which is ambiguous. */
export const CLASH = "\ue3fe";
/** Placeholder of a dropped mention. */
export const DROPPED = "\ue3ff";

const mark = (kind: number, index: number): string => String.fromCharCode(kind + index);

/** The option of a mark. */
export const indexOf = (char: string): number => char.charCodeAt(0) & 0xff;
export const isText = (char: string): boolean => char.charCodeAt(0) >= TEXT;

const WORD = "A-Za-z0-9\\u00c0-\\u024f_";
const NUMBER_WORDS = [
  ...["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
  ...[
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
  ],
];
const isNumber = (text: string): boolean => /^-?\d+(?:\.\d+)?$/.test(text);

/** Nouns before a letter that is part of a name. */
const NAMED =
  /\b(?:vitamins?|plan|grade|type|hepatitis|lines?|gate|platform|exit|row|seat|section|terminal|street|avenue|appendix|size|key|note|block|building|room|class|group|hall|wing|blood type|route|bus|model|series)\s+$/i;
/** "the letter C on the sign", "a big C": a letter in the image. */
const SEEN =
  /\b(?:an?|big|large|small|capital|lowercase|uppercase|(?<!(?:correct|right|best|answer) )(?:the )?letters?)\s+$/i;
const ANSWERING = /(?:correct|right|best|chosen|my|final)\s+letter\s+$|^\s*letter\s+$/i;
/** Context after "A" or "I" that is not an article or pronoun. */
const AFTER_A =
  /^(?:\s*(?:$|[.,;:!?)\]}"'\n/&\u2013\u2014\u3002\uff0c\u3001=>\u2192\u2713\u2705\u274c-])|\s+(?:is|was|isn't|wasn't|are|because|since|or|and|as the|matches|fits|shows|seems|looks|depicts|rather|instead|would|should|does|doesn't|makes|remains|wins|in favor|cannot|can't|can be|with)\b|\s*[\u0080-\uffff])/;

/** "J. B. Smith", "U.S.": a letter among initials. */
const isInitial = (before: string, after: string): boolean =>
  (/(?:^|[^A-Za-z])[A-Z]\.\s?$/.test(before) && /^\.(?:\s+[A-Z][a-z]|[A-Z])/.test(after)) ||
  /^\.(?:[A-Z]\.|[A-Z]\b|[a-z]\.)/.test(after) ||
  /(?:^|[^A-Za-z])[A-Za-z]\.$/.test(before);

/** Option letters by capital letter, and whether they are lowercase. */
interface Letters {
  index: ReadonlyMap<string, number>;
  lower: boolean;
}

function lettersOf(options: readonly string[]): Letters | null {
  if (!options.every((option) => /^[A-Za-z]$/.test(option))) return null;
  const lower = options.every((option) => option === option.toLowerCase());
  return { index: new Map(options.map((option, i) => [option.toUpperCase(), i])), lower };
}

/** Marks letters in brackets, quotes or emphasis, as labels, or alone. */
function markStrong(text: string, { index, lower }: Letters): string {
  const known = (letter: string): number | undefined => index.get(letter.toUpperCase());
  const put = (whole: string, letter: string): string => {
    const i = known(letter);
    return i === undefined ? whole : ` ${mark(STRONG, i)} `;
  };
  const alone = /^[\s"'*_`$#>\-\u2022:([{=]*([A-Za-z])[\s"'*_`$.):\]},!\u3002]*$/.exec(text);
  if (alone && known(alone[1]!) !== undefined) return ` ${mark(STRONG, known(alone[1]!)!)} `;
  return (
    text
      // **B**, `B`, "B", $B$, with a label's mark within: **B.**
      .replace(
        /(\*{1,3}|_{1,2}|`{1,3}|\${1,2}|"|(?<![A-Za-z])')\s*\(?([A-Z])\)?\s*[.:]?\s*\1(?![A-Za-z])/g,
        (whole, _, letter: string) => put(whole, letter),
      )
      // **B. a red hat**: the label in emphasis.
      .replace(/(?<![A-Za-z*])(\*{1,3})\s*\(?([A-Z])\)?\s*([.:)])(?=\s)/g, (whole, _, letter: string) =>
        put(whole, letter),
      )
      .replace(/(?<![A-Za-z0-9])[([{]\s*([A-Z])\s*[.:]?\s*[)\]}]/g, put)
      .replace(/(?<![A-Za-z0-9])[([]\s*([a-z])\s*[)\]]/g, put)
      // Labels at the start of a line: "B. a red hat", "- (B) …", "b) …".
      .replace(
        /(^|\n)([\s>*_#\u2022|-]*(?:\d+[.)]\s*)?(?:(?:option|choice)\s+)?)([A-Z])(?:\s*[.:)\u3001\u3002](?![A-Z]\b)(?!\d)|,(?=\s)|\s+[-\u2013\u2014](?=\s)|\s*(?=\n|$))/gi,
        (whole, start: string, before: string, letter: string) => {
          const i = known(letter);
          const small = letter !== letter.toUpperCase() && !lower;
          if (i === undefined || (small && start === "\n")) return whole;
          const tail = whole.slice((start + before + letter).length);
          return `${start}${before}${mark(STRONG, i)}${tail}`;
        },
      )
  );
}

/** The text around a position, with "…" where it is truncated. */
function around(text: string, at: number, length: number): [before: string, after: string] {
  const [from, to] = [at - NEAR, at + length + NEAR];
  return [
    from > 0 ? `…${text.slice(from, at)}` : text.slice(0, at),
    to < text.length ? `${text.slice(at + length, to)}…` : text.slice(at + length),
  ];
}
const NEAR = 80;

/** Marks letters in prose. */
function markPlain(text: string, { index, lower }: Letters): string {
  const pattern = new RegExp(`(?<![${WORD}'+@#&°\\\\-])[A-Za-z](?![${WORD}'+#°]|-[${WORD}])`, "g");
  return text.replace(pattern, (letter, at: number) => {
    const i = index.get(letter.toUpperCase());
    const [before, after] = around(text, at, 1);
    const stated =
      /(?:answer|ans|choice|option|choose|pick|select)\b["'*_\s:=.]*(?:is|are|be|was)?["'*_\s:=]*$/i.test(
        before,
      );
    const small = letter === letter.toLowerCase();
    if (i === undefined || isInitial(before, after)) return letter;
    // lowercase letters are words in prose, except after "the answer is" at the end of a sentence
    if (small && !lower && !(stated && /^\s*(?:[.,;!?)\n]|$)/.test(after))) return letter;
    const article = /^[AI]$/i.test(letter);
    if (small && lower && article && !(stated || /^\s*[.,;:!?)]|^\s+(?:is|or|and|but)\b/.test(after)))
      return letter;
    if (article && !small && !AFTER_A.test(after)) return letter;
    // a text that is truncated after "A"
    if (article && !stated && /^\s*$/.test(after) && /[.!?]\s+$/.test(before)) return letter;
    if (/\bN\/$/i.test(before) && /^a$/i.test(letter)) return letter;
    if (NAMED.test(before) || (SEEN.test(before) && !ANSWERING.test(before))) return letter;
    return mark(PLAIN, i);
  });
}

const article = (text: string): string => text.replace(/^(?:an?|the)\s+/i, "");

/** Forms of an option text in a reply. */
function formsOf(text: string): string[] {
  const bare = text.trim().replace(/[.\u3002!]+$/, "");
  const number = isNumber(bare) ? NUMBER_WORDS[Number(bare)] : undefined;
  return [bare, article(bare), ...(number ? [number] : [])].filter((form) => form !== "");
}

/** Context in which number words count; "one" is also a pronoun. */
const COUNTING =
  /(?:^[\s"'*$(]*|[.:,;\n]\s+|\b(?:answer|total|count|number|result)\b[^.\n]{0,40}?\s|\b(?:is|are|be|see|sees|count|counted|counts|find|exactly|only|just|remain|makes|total of|equals?|and|so|or)\s+(?:only |exactly |about |just |a total of |in total )*|[=:：是为]\s*["'*$(]*|[\ue000-\ue1ff][\s.:,)(-]*)$/i;
/** A number that names something, or counts the lines of a list. */
const NUMBERED =
  /(?:\b(?:image|picture|figure|fig\.|step|panel|photo|frame|question|option|part|line|row|column|room|page|version)\s+|(?:^|\n)\s*#?)$/i;
/** A number within a calculation or a time, which is no answer by itself. */
const CALCULATED_BEFORE = /(?:[\d\ue200-\ue2ff][°%)]?\s*[+*×÷/\u2212\u2013-]\s*|\d:)$/;
const CALCULATED_AFTER = /^(?:[°%]?\s*[+*×÷/\u2212\u2013-]\s*\(?[\d\ue200-\ue2ff]|:\d)/;
const ENUMERATES = /^[.):]\s+\S/;

/** Marks option texts, longer ones first, so that "red" in "dark red" is no mention. */
function markTexts(text: string, texts: readonly string[], skip: (text: string) => boolean): string {
  const forms = texts
    .flatMap((each, i) =>
      skip(each) ? [] : formsOf(each).map((form) => ({ form, i, number: isNumber(each.trim()) })),
    )
    .sort((a, b) => b.form.length - a.form.length);
  let out = text;
  for (const { form, i, number } of forms) {
    // scripts without spaces have no word boundaries
    const latin = !/[\u0250-\uffff]/.test(form);
    const body = escaped(form).replace(/(?:\\-|\s)+/g, "[\\s-]+");
    const pattern = latin
      ? `(?<![${WORD}]|\\d[.,]|-)(?:(?:an?|the)\\s+)?${body}(?![${WORD}]|[.,]\\d|-[${WORD}])`
      : body;
    out = out.replace(new RegExp(pattern, "gi"), (found, at: number) => {
      const [before, after] = around(out, at, found.length);
      if (number && /[a-z]/i.test(found) && !COUNTING.test(before)) return found;
      if (/^\d/.test(form) && (CALCULATED_BEFORE.test(before) || CALCULATED_AFTER.test(after))) return found;
      if (number && NUMBERED.test(before) && (/\w\s*$/.test(before) || ENUMERATES.test(after))) return found;
      if (/^right$/i.test(form)) {
        if (/^\s+(?:answer|option|choice|one\b|now|away|track)|^\s*\?/i.test(after)) return found;
        if (/\b(?:all|that's|you're|looks|seems)\s+$/i.test(before)) return found;
      }
      if (/^true$/i.test(form) && /\bnot\s+$/i.test(before)) return found;
      if (/^no$/i.test(form) && !isNo(before, after)) return found;
      return mark(TEXT, i);
    });
  }
  return out;
}

/** "No" as an answer, not before a noun. */
const isNo = (before: string, after: string): boolean =>
  /^\s*(?:$|[.,;:!"'*)\n\u3002\uff0c])/.test(after) ||
  (/(?:^|[.!?\n"*(]\s*|\bor\s+|answer is\s+)$/i.test(before) && /^\s+(?:or|and)\b/.test(after));

/** Merges letter and text of one option to one mention; of two options to a clash. */
function merged(text: string): string {
  return text.replace(
    new RegExp(
      `(${LETTER})[\\s"'*_\`]*(?:[.:),=\\u3001\\u3002\\uff1a-]|\\u2013|\\u2014|i\\.e\\.,?|that is,?|namely)*[\\s"'*_\`(]*(${T})\\)?`,
      "g",
    ),
    (_, letter: string, said: string) =>
      indexOf(letter) === indexOf(said) ? mark(STRONG, indexOf(letter)) : CLASH,
  );
}

/**
 * Marks the mentions of options in a text.
 *
 * @example
 * marked("B. a red hat", ["A", "B"], ["a cat", "a red hat"]); // the one mark of a strong mention of option 1
 */
export function marked(
  text: string,
  options: readonly string[],
  texts: readonly string[] | undefined,
): string {
  const letters = lettersOf(options);
  const says = letters ? (texts ?? []) : options;
  // a text that is a letter cannot be distinguished from a label
  const skip = (each: string): boolean => /^\s*[A-Za-z]?\s*$/.test(each);
  if (!letters) return markTexts(text, says, skip);
  const labeled = options.reduce((out, option, i) => {
    const each = texts?.[i]?.trim() ?? "";
    if (!/^[A-Za-z]$/.test(each)) return out;
    const pattern = new RegExp(`(?<![A-Za-z])\\(?${option}(?:\\)|[.:)]){1,2}\\s*${each}(?![A-Za-z])`, "g");
    return out.replace(pattern, mark(STRONG, i));
  }, text);
  // texts before plain letters, since they may end in a letter ("Point A"); labels before texts
  const strong = markStrong(labeled, letters);
  const said = markTexts(strong, says, skip);
  return merged(markPlain(said, letters));
}
