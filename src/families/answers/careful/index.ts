/** The careful reader: conservative extraction that returns no option rather than a wrong one. */
import type { ReadAnswer } from "../types.ts";
import { CLASH, DROPPED, indexOf, isText, LETTER, M, marked, S } from "./marks.ts";
import { withoutDenied } from "./negations.ts";
import { segmentOf } from "./segment.ts";
import { implied, leading, type Statement, stated, trailing } from "./statements.ts";

/** Markers of a correction; the text after them counts if it names an option. */
const CORRECTION =
  /\b(?:wait|actually|sorry|correction|on second thoughts?|scratch that|let me (?:re)?(?:check|consider|think)|reconsider|misread|mistake|chang(?:e|ed|ing) (?:(?:it|that|this|my answer) )?to|edit:|i mean(?:t)?|hmm|oh|in fact|however|finally|no,|no\.|→ no)|不对|更正|应该是/gi;
/** Corrections that revoke everything before them. */
const TAKEN_BACK =
  /\b(?:wait|scratch that|correction|(?:that|this|it)(?:'s| is) (?:wrong|not right|incorrect)|cannot be right|can't be right|now i do not know|it's not|it is not)\b/i;

const REFUSES =
  /\b(?:cannot|can't|can not|could not|couldn't|unable to|impossible to|not possible to|not able to)\s+(?:\w+\s+){0,3}?(?:tell|determine|decide|choose|answer|see|say|help|view|identify|judge|know)\b|\b(?:i (?:do not|don't) know|have no (?:idea|access)|no idea|not enough information|equally likely|无法|不知道|不确定|it depends)/i;

/** Options discussed line by line, the last of which is labeled but not judged. */
const LISTED = new RegExp(
  `(?:^|\\n)[\\s>*•-]*(?:option\\s+)?${DROPPED}[\\s\\S]*\\n[\\s>*•-]*(?:option\\s+)?${S}`,
  "i",
);

const MENTION = new RegExp(M, "g");

/** The options that a text mentions. */
const mentions = (text: string): string[] => [...text.matchAll(MENTION)].map(([char]) => char);
const distinct = (chars: readonly string[]): number[] => [...new Set(chars.map(indexOf))];

/** The option of statements: the only one, or the last if it concludes; undefined without statements. */
function agreed(statements: readonly Statement[]): number | null | undefined {
  const last = statements.at(-1);
  if (!last) return undefined;
  const all = new Set(statements.map(({ index }) => index));
  if (all.size === 1 || (last.concludes && last.index !== null)) return last.index;
  return null;
}

/** The option of a marked text without denials; undefined if it names none, null if several. */
function decided(text: string, isAnswer: boolean): number | null | undefined {
  const chars = mentions(text);
  if (chars.length === 0) return undefined;
  const strong = agreed(stated(text));
  if (strong !== undefined) return strong;
  const first = leading(text);
  if (first) return first.index;
  const last = trailing(text);
  if (last) return last.index;
  const letters = chars.filter((char) => !isText(char));
  const weak = agreed(implied(text));
  const indices = distinct(chars);
  const ending = implied(text).at(-1);
  const closes = ending?.concludes === true && mentions(text.slice(ending.at + 1)).length === 0;
  if (weak !== undefined && weak !== null && (indices.length === 1 || letters.length > 0 || closes)) {
    const byLetter = distinct(letters);
    if (letters.length === 0 || byLetter.length === 1)
      return byLetter.length === 1 && byLetter[0] !== weak ? null : weak;
  }
  if (weak === null && letters.length === 0) return null;
  if (indices.length !== 1) return null;
  // a label after other discussed options is the next to be discussed
  if (LISTED.test(text)) return null;
  if (letters.length > 0) return isInAnswerPosition(text, isAnswer) ? indices[0]! : undefined;
  // in a long text the words of an option may refer to something else
  return text.split(/\s+/).length <= 40 ? indices[0]! : undefined;
}

const ANSWER_POSITION = new RegExp(
  `${LETTER}["'*_)\\]]*\\s*(?:[.,;:!)。，、${DROPPED}]|\\n|$|\\b(?:because|since|as|is|it|rather|instead|fits|matches|seems|shows|i (?:guess|think|believe|suppose))\\b|[\\u3040-\\u9fff\\uac00-\\ud7af])`,
  "i",
);
/** Whether a single letter is in the position of an answer, not within a sentence about something else. */
const isInAnswerPosition = (text: string, isAnswer: boolean): boolean =>
  isAnswer || ANSWER_POSITION.test(text);

/** The option after the last correction, if it names one. */
function corrected(text: string, isAnswer: boolean, yesNo: boolean): number | null | undefined {
  const marks = [...text.matchAll(CORRECTION)].filter(([word]) => !(yesNo && /^no/i.test(word)));
  for (const { index, 0: word } of marks.reverse()) {
    const [before, after] = [text.slice(0, index), text.slice(index + word.length)];
    if (mentions(after).length > 0) {
      const now = decided(after, isAnswer) ?? null;
      const then = agreed(stated(before));
      // option words after a stated letter are no correction by themselves
      return mentions(after).every(isText) &&
        then !== undefined &&
        then !== now &&
        agreed(stated(after)) === undefined
        ? null
        : now;
    }
    if (mentions(before).length > 0 && (/^no/i.test(word) || TAKEN_BACK.test(text.slice(index)))) return null;
  }
  return undefined;
}

/**
 * The final option of a reply, read conservatively; null if it names none, several, or leaves the choice open. Reasoning
 * is ignored, of several answers the corrected one counts, denied options do not count, and "A" before a noun is an
 * article. Letters count as labels, in brackets or emphasis, or if the sentence presents them as the answer; option texts
 * count as complete words, longer ones before shorter ones that they contain. This is not a published rule; it prefers
 * misses to errors and was measured on test/goldens/replies.
 *
 * @param options - The expected answers: letters or words.
 * @param texts - The option texts, if `options` are letters.
 */
export const carefulChoice: ReadAnswer = (reply, options, texts) => {
  const key = JSON.stringify([reply, options, texts]);
  let choice = known.get(key);
  if (choice === undefined) {
    choice = choiceIn(reply, options, texts);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, choice);
  }
  return choice;
};

/** Choices in replies that were read already: most replies of an audit are one of a few. */
const known = new Map<string, number | null>();
const MOST_KNOWN = 4096;

const choiceIn: ReadAnswer = (reply, options, texts) => {
  const segment = segmentOf(reply);
  if (segment === null) return null;
  const { text, isAnswer } = segment;
  const shown = marked(text, options, texts);
  if (shown.includes(CLASH)) return null;
  const yesNo =
    options.some((each) => /^no$/i.test(each)) || (texts ?? []).some((each) => /^no$/i.test(each));
  const open = withoutDenied(shown);
  const choice = corrected(open, isAnswer, yesNo);
  const read = choice === undefined ? decided(open, isAnswer) : choice;
  if (read === null || read === undefined) return null;
  const certain = agreed(stated(open)) === read || !REFUSES.test(text);
  return certain ? read : null;
};
