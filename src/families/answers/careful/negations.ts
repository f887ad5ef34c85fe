/** Mentions that say what the answer is not, what was thought before, or what the options are: they are dropped. */
import { DROPPED, indexOf, LETTER, M, S } from "./marks.ts";

const AND = "\\s*(?:(?:,|\\/|&|、|\\band\\b|\\bor\\b|\\bnor\\b|和|及|与|或者?|还是|也不是|，)\\s*)+";
/** One mention, or several that share what is said of them: "A, B and D". */
const GROUP = `${M}(?:${AND}(?:(?:not|option|choice|the|an?)\\s+)?${M}){0,26}`;
const KIND =
  "(?:(?:options?|choices?|answers?|letters?|either|both|of|the|an?|with|it|is|be|being|as|on|at|in|to)\\s+|选项)*";

const BEFORE = [
  "\\bnot",
  "n't(?:\\s+be)?",
  "\\b(?:cannot|can not|could not)(?: be)?",
  "\\bnever",
  "\\bneither",
  "\\bnor",
  "\\brul(?:e|es|ed|ing) out",
  "\\bexclud\\w+",
  "\\beliminat\\w+",
  "\\bdiscard\\w*",
  "\\breject\\w*",
  "\\binstead of",
  "\\brather than",
  "\\bunlike",
  "\\bthan",
  "\\bover",
  "\\bexcept(?: for)?",
  "\\bcompar\\w+(?: with| to)?",
  "\\bversus",
  "\\bvs\\.?",
  "\\bwithout",
  "\\bat (?:least|most)",
  "\\bup to",
  "\\b(?:might|may|could|would) (?:look|seem|appear)(?: like| as)?",
  "\\bagainst",
  "\\bnone of",
  "\\bconsider(?:ed|ing)?",
  "\\blook(?:ed|ing)? at",
  "不是",
  "不选",
  "排除",
  "而非",
];
/** Thoughts that were given up. */
const EARLIER =
  "\\b(?:at first(?: glance| sight)?|first(?:ly)?(?= (?:i|thought|guess|said|answer))|(?:first|initial|original|earlier|previous) (?:answer|choice|thought|guess|idea|impression|pick|instinct|response)|initially|originally|previously|i(?:'d| would)? first|(?:wrong|mistaken) (?:to|in|about)|i (?:thought|said|believed|assumed|was going to say|thought of|was thinking of))\\b[^.;\\n\\ue000-\\ue3ff]{0,40}";

const WRONG =
  "(?:wrong|incorrect|false|no(?=\\s*(?:[.,;\\n)]|$))|invalid|impossible|unlikely|out\\b|excluded|eliminated|ruled out|not in|✗|✘|❌|❎|×|都?不(?:对|正确|是)|都?错误?)";
const AFTER = [
  `\\s*(?:选项)?["'*_)\\]]*\\s*(?:is|are|was|were|looks?|seems?|:|：|-|–|—|=|->|→|\\?)?\\s*(?:all|both|also|clearly|definitely|obviously|too|therefore|thus|then)*\\s*${WRONG}`,
  `\\s*["'*_)\\]]*\\s*(?:is|are|was|were|looks?|seems?|:|=|->|→)\\s*(?:all|both|also|clearly|definitely|obviously|therefore)*\\s*not\\b`,
  "\\s+(?:can|could|may|might|should|must|to)\\s+(?:all |both |also )?be\\s+(?:excluded|eliminated|ruled out|discarded|rejected|ignored|wrong|incorrect)",
  "\\s+(?:isn't|aren't|wasn't|weren't|doesn't|don't|didn't|cannot|can't|couldn't|won't|wouldn't|does not|do not|did not|can not|could not|will not|would not)\\b",
  "\\s+(?:before|at first|first|initially|earlier)\\b",
  "\\s*(?:\\?)\\s*(?:no\\b|\\bnot\\b|wrong)",
];

const DENIED = new RegExp(`(?:${BEFORE.join("|")})\\s*${KIND}${GROUP}`, "gi");
const REVISED = new RegExp(`\\bfrom\\s+${KIND}(${M})\\s+to\\s+${KIND}(${M})(?=\\s*(?:[.;!\\n]|$))`, "gi");
const BETWEEN = new RegExp(`\\b(?:between|from)\\s+${KIND}${M}\\s*(?:and|or|to|&)\\s*${KIND}${M}`, "gi");
const GIVEN_UP = new RegExp(`${EARLIER}${GROUP}`, "gi");
const JUDGED = new RegExp(`${GROUP}(?=${AFTER.join("|")})`, "gi");
/** "Is it A? No": a question is no answer. */
const ASKED = new RegExp(
  `${LETTER}(?:${AND}(?:option\\s+)?${LETTER}){0,26}["'*_)]*\\s*\\?(?!\\s*(?:yes|correct|right|✓|✅))`,
  "gi",
);
const MENTION = new RegExp(M, "g");

/** Each mention of a piece of text dropped. */
const dropped = (text: string): string => text.replace(MENTION, DROPPED);

const LIST = new RegExp(`${S}(?:(?:[\\s,;:.|*_#>()\\-\\u2022]|\\band\\b|\\bor\\b|❑|☐){0,12}${S})+`, "g");
const STRONG = new RegExp(S, "g");

/** Labels with texts that follow each other are the list of options. */
function withoutList(text: string): string {
  return text.replace(LIST, (run) => {
    const labels = [...run.matchAll(STRONG)].map(({ 0: char, index }) => ({
      i: indexOf(char),
      at: index,
    }));
    const end = labels.findIndex(({ i }, n) => n > 0 && i !== labels[n - 1]!.i + 1);
    if (end === 1) return run;
    const rest = end < 0 ? run.length : labels[end]!.at;
    return dropped(run.slice(0, rest)) + run.slice(rest);
  });
}

/** "Everything but D is wrong" says D. */
const ONLY = new RegExp(
  `\\b(?:everything|all|anything|every option|each|nothing|none)\\s+(?:but|except|other than)\\s+${KIND}(${M})[^.;\\n]*`,
  "gi",
);

/**
 * A marked text without mentions that are denied, taken back, questioned, or listed.
 *
 * @example
 * const [a, b] = ["\ue000", "\ue001"];
 * withoutDenied(`not ${a} but ${b}`).includes(a); // false
 */
export function withoutDenied(text: string): string {
  let out = withoutList(text);
  out = out.replace(ONLY, (_, only: string) => `the answer is ${only}`);
  out = out.replace(DENIED, dropped);
  out = out.replace(REVISED, (_, from: string, to: string) =>
    indexOf(from) === indexOf(to) ? to : `${DROPPED} the answer is ${to}`,
  );
  for (const pattern of [BETWEEN, GIVEN_UP, JUDGED, ASKED]) out = out.replace(pattern, dropped);
  return out;
}
