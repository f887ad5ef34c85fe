/** Statements of the answer in a marked text. */
import { indexOf, LETTER, M, S } from "./marks.ts";

/** A statement: an option, or null if it names several at once. */
export interface Statement {
  at: number;
  index: number | null;
  /** "so", "finally", "the final answer": supersedes everything before. */
  concludes: boolean;
}

const FILL =
  "(?:[\\s:：=,，\"'*_(>\\[-]|–|—|→|\\b(?:is|was|are|be|being|would|should|must|will|has|have|to|can|only|therefore|thus|hence|then|clearly|obviously|definitely|likely|probably|most|indeed|indeed|the|this|your|my|question|here|now|option|choice|letter|number|answer|correct|right|best|final|an?|object|color|colour|es|est|ist|correcta|correcte|it|it's|that|of|for|with|on|as|still|actually|simply|in|fact|therefore|given|above|very|quite|entirely)\\b|'s\\b|为|是|应该|应|该|选择|选项|选|é|은|는|は|即|：)*";
const NOUN =
  '(?:\\b(?:answer|ans|response|conclusion|prediction|guess|verdict|réponse|respuesta|antwort|resposta|risposta|solution)\\b|\\b(?:correct|right|best|selected|chosen|final|suitable|appropriate|my|your)\\s+(?:option|choice|letter|match|pick|candidate|one|selection)\\b|\\bpick\\b|"(?:answer|choice|option)"|答案|答|Ответ|ответ|答え|정답|应选|故选|应该选|所以选|我选|选择|选|正确选项|结论)';
const VERB =
  "\\b(?:choose|choosing|chose|select|selecting|selected|pick|picking|picked|say|go|going|went|opt|opting|settle|guess|conclude|lean|leaning|take|prefer|vote|answer(?:ing)?|believe|mean|meant|leaves|leaving|left|remain|arrive|arriving|arrived)\\b(?:\\s+(?:with|for|on|at|towards?|to|that|is))*";
const CONCLUDES =
  "(?:\\b(?:so|therefore|thus|hence|finally|in the end|ultimately|in conclusion|final|corrected|revised|in total|altogether|that makes)\\b|=|所以|因此|综上|最终|故)";
const TAIL = `["'*_)\\]]*\\s*(?:(?:,|/|&|、|\\bor\\b|\\band\\b|或者?|和|以及|还是|\\(\\s*or\\b)["'*_)\\]\\s]*)+(?:(?:maybe|possibly|perhaps|also|option|choice|even|the|an?)\\s+)*${M}`;
const RIGHT =
  "(?:correct\\b|right\\b|true\\b|best\\b|better\\b|more (?:accurate|appropriate|suitable|likely|plausible|correct|precise)\\b|(?:most )?likely\\b|most plausible\\b|(?:my |the )?(?:final )?(?:answer|choice|pick|guess)\\b|suitable\\b|certain\\b|appropriate\\b|yes\\b|✓|✔|✅|☑|正确|对的|对(?![\\u4e00-\\u9fff])|是正确|是对)";
const AFTER = [
  `\\s*(?:选项)?["'*_)\\]]*\\s*(?:is|are|was|would be|must be|has to be|seems(?: to be)?|looks|fits|:|：|=|->|→|\\?|-|–)?\\s*(?:clearly|definitely|obviously|indeed|the|most|likely|probably|only|my|both|all|in the picture,)*\\s*(?:the\\s+)?(?:option\\s+(?:that\\s+is\\s+)?)?${RIGHT}`,
  "\\s+(?:it is|it must be|must be it|has to be it|is it(?=\\s*[.!\\n])|wins|remains|is left|is what (?:i see|fits|we see|is asked)|makes sense|is more (?:likely|suitable))\\b",
  "\\s+(?:best\\s+)?(?:fits|matches|describes|does|seems likely|makes sense)\\b(?!\\s*(?:not|n't))",
];

/** Window in characters around a mention in which others count as named with it. */
const NEAR = 60;
const WITH_NEXT = new RegExp(`^${TAIL}`, "i");
const WITH_PREVIOUS = new RegExp(
  `(${M})["'*_)\\]]*\\s*(?:,|/|&|、|\\bor\\b|\\band\\b|或者?|和)\\s*(?:(?:and|or|option|choice|the|an?)\\s+)*$`,
  "i",
);
const STATED = [
  new RegExp(`(?:${NOUN}|${VERB})(?:\\s+(?:to|for) (?:the|this|your) question)?${FILL}(${M})`, "gi"),
  new RegExp(`(${M})(?=${AFTER.join("|")})`, "gi"),
];
const IMPLIED = new RegExp(
  `(?:${CONCLUDES}|\\b(?:it's|it is|it was|it must be|it has to be|it should be|it would be|that's|that is|that would be|this is|has to be|must be|leaves|leaving|which is|but|is|are|there is|there are|i see|in total|makes|option|choice|only)\\b|选项|=>|->|-->|→)${FILL}(${M})`,
  "gi",
);
const LEADS = new RegExp(
  `^[\\s>*_#•|"'([{-]*(?:\\d+[.)]\\s*)?(?:(?:option|choice|letter)\\s+)?(${LETTER}|${M}(?=["'*_\\s]*(?:[.,;:!]|\\n|$)))`,
  "i",
);
const LETTERS = new RegExp(LETTER, "g");
const STRONG = new RegExp(S);
const GOES_THROUGH = new RegExp(`${S}|\\b(?:option|choice)\\s+${LETTER}`, "i");
const MENTION_NEXT = new RegExp(`^[\\s.:,)]*${M}`);
const ALTERNATIVE = new RegExp(
  `^[^.;!?\\n]{0,40}\\bor\\s+(?:maybe\\s+|perhaps\\s+|possibly\\s+)?(${M})`,
  "i",
);
const ALONE = new RegExp(`^[\\s>*_#•|"'()\\[\\]{}-]*(${M})[\\s*_|"')\\]}.!。]*$`);
const LAST_SENTENCE = new RegExp(`[.!?。:;]\\s+(${M})[\\s*_"')\\]}.!。]{0,20}$`);

/** Whether other options named together with a mention follow it. */
const severalAt = (text: string, end: number, index: number): boolean => {
  const tail = WITH_NEXT.exec(text.slice(end, end + NEAR));
  return tail !== null && indexOf(tail[0].at(-1)!) !== index;
};
/** Whether a mention is the last of several named together. */
const severalBefore = (text: string, at: number, index: number): boolean => {
  const head = WITH_PREVIOUS.exec(text.slice(Math.max(0, at - NEAR), at));
  return head !== null && indexOf(head[1]!) !== index;
};

function found(text: string, pattern: RegExp, concluding: RegExp): Statement[] {
  return [...text.matchAll(pattern)].map((match) => {
    const char = match[1]!;
    const at = match.index + match[0].indexOf(char);
    const index = indexOf(char);
    const several = severalAt(text, at + 1, index) || severalBefore(text, at, index);
    const before = text.slice(Math.max(0, match.index - 20), at);
    return { at, index: several ? null : index, concludes: concluding.test(before) };
  });
}

const concluding = new RegExp(CONCLUDES, "i");

/**
 * "The answer is B", "I choose B", "B is correct": statements in order.
 *
 * @example
 * stated("the answer is \ue001")[0].index; // 1
 */
export function stated(text: string): Statement[] {
  const all = STATED.flatMap((pattern) => found(text, pattern, concluding));
  return [...new Map(all.map((each) => [each.at, each] as const)).values()].sort((a, b) => a.at - b.at);
}

/**
 * "It must be B", "so B", "that leaves B": weaker statements in order.
 *
 * @example
 * implied("so \ue001")[0].index; // 1
 */
export function implied(text: string): Statement[] {
  return found(text, IMPLIED, concluding);
}

/** A label at the very start: "B. …", or a mention alone on the first line. */
export function leading(text: string): Statement | null {
  const match = LEADS.exec(text);
  if (!match) return null;
  const char = match[1]!;
  const at = match[0].length - 1;
  const rest = text.slice(at + 1);
  const strong = STRONG.test(char);
  const label =
    /^\s*\(?(?:not|rather than|instead of|and not|over)\b|^["'*_)\]\s]*(?:[.,:;)、。!]|\s[-–—]|\n|$)/.test(
      rest,
    ) || /^\s*$/.test(rest);
  const index = indexOf(char);
  if (severalAt(text, at + 1, index)) return { at, index: null, concludes: false };
  const others = new Set([...rest.matchAll(LETTERS)].map(([each]) => indexOf(each)));
  others.delete(index);
  // "2, I think, or 3" names two.
  const alternative = ALTERNATIVE.exec(rest)?.[1];
  if (alternative !== undefined && indexOf(alternative) !== index)
    return { at, index: null, concludes: false };
  // "Option A: … Option B: …" goes through the options.
  if (others.size > 0 && GOES_THROUGH.test(rest)) return null;
  // "(A) shows a cat and (B) a hat" is no answer; "A. It shows a cat, B a hat" is.
  if (others.size > 0 && !(label && strong && !MENTION_NEXT.test(rest))) return null;
  return strong || label ? { at, index, concludes: false } : null;
}

/** A mention alone on the last line, if no other line is one, or alone in the last sentence. */
export function trailing(text: string): Statement | null {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const singles = lines.flatMap((line) => ALONE.exec(line)?.[1] ?? []);
  const last = lines.length > 1 ? ALONE.exec(lines.at(-1)!)?.[1] : undefined;
  if (last !== undefined)
    return new Set(singles.map(indexOf)).size === 1
      ? { at: text.length, index: indexOf(last), concludes: false }
      : null;
  const sentence = LAST_SENTENCE.exec(text);
  return sentence ? { at: sentence.index, index: indexOf(sentence[1]!), concludes: false } : null;
}
