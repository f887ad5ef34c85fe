/** Drops mentions that deny an option, revise an earlier thought, or list the options. */
import { DROPPED, indexOf, LETTER, M, S, T } from "./marks.ts";

const AND = "\\s*(?:(?:,|\\/|&|、|\\band\\b|\\bor\\b|\\bnor\\b|和|及|与|或者?|还是|也不是|，)\\s*)+";
/** One mention, or several with a common predicate: "A, B and D". */
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
  "\\black(?:s|ed|ing)?",
  "(?:n't|\\bnot|\\bcannot|\\bnever)\\s+(?:\\w+\\s+){0,2}?(?:see|saw|seen|find|found|show|shows|contain|have|has|depict|include|wear|wearing|suggest|support|visible)(?:\\s+any)?",
  "\\banything but",
  // "The wrong answer is C", "the least likely one: C".
  "\\b(?:wrong|incorrect|false|worst|least|less)\\s+(?:\\w+\\s+){0,2}?(?:is|are|:)",
  "\\b(?:wrong|incorrect|false|excluded|eliminated)\\s*:",
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
/** Abandoned thoughts. */
const EARLIER =
  "\\b(?:at first(?: glance| sight)?|first(?:ly)?(?= (?:i|thought|guess|said|answer))|(?:first|initial|original|earlier|previous) (?:answer|choice|thought|guess|idea|impression|pick|instinct|response)|initially|originally|previously|i(?:'d| would)? first|(?:wrong|mistaken) (?:to|in|about)|tempt(?:ing|ed) to|(?:you|one|many|some|most|others|people|someone)(?:\\s+people)?\\s+(?:might|may|could|would|will|are likely to|would be likely to)\\s+(?:\\w+\\s+)?(?:think|say|answer|argue|believe|assume|guess|expect|pick|choose|select|suspect)|i (?:thought|said|believed|assumed|was going to say|thought of|was thinking of))\\b[^.;\\n\\ue000-\\ue3ff]{0,40}";

const WRONG =
  "(?:wrong|incorrect|false|no(?=\\s*(?:[.,;\\n)\\ue000-\\ue1ff]|$))|invalid|impossible|unlikely|absent|missing|hidden|gone\\b|removed|in(?:accurate|appropriate|consistent|compatible|adequate|sufficient)|irrelevant|un(?:true|related|supported|suitable|reasonable|founded|clear)|mis(?:leading|spelled|placed|taken)|far from|nowhere|questionable|doubtful|the opposite|an? (?:distractor|trap|decoy|mistake|red herring)|(?:the |an? )?(?:wrong|incorrect|false|worst|least|less)\\b|out\\b|excluded|eliminated|ruled out|not in|✗|✘|❌|❎|×|都?不(?:对|正确|是)|都?错误?)";
const AFTER = [
  `\\s*(?:选项)?["'*_)\\]]*\\s*(?:is|are|was|were|looks?|seems?|:|：|-|–|—|=|->|→|\\?)?\\s*(?:all|both|also|clearly|definitely|obviously|too|therefore|thus|then)*\\s*${WRONG}`,
  `\\s*["'*_)\\]]*\\s*(?:is|are|was|were|looks?|seems?|:|=|->|→)\\s*(?:all|both|also|clearly|definitely|obviously|therefore)*\\s*not\\b`,
  "\\s+(?:can|could|may|might|should|must|to)\\s+(?:all |both |also )?be\\s+(?:excluded|eliminated|ruled out|discarded|rejected|ignored|wrong|incorrect)",
  "\\s+(?:isn't|aren't|wasn't|weren't|doesn't|don't|didn't|cannot|can't|couldn't|won't|wouldn't|does not|do not|did not|can not|could not|will not|would not)\\b",
  "\\s+(?:is|are) the (?:only )?(?:option|choice|answer|one)s? (?:that|which|to) [^.;\\n]{0,30}?(?:exclud|eliminat|rul(?:e|ed|ing) out|reject|discard|wrong|incorrect|not\\b|n't)",
  "\\s*(?:选?项)?\\s*(?:是|都|均)?\\s*(?:错|误|不(?!仅|但|光|错)|并非)",
  "(?:では|じゃ)(?:な|あり)",
  "(?:이|가)?\\s*아(?:닙|니|닌)",
  "\\s+(?:before|at first|first|initially|earlier)\\b",
  "\\s+or\\s+(?:more|fewer|less|higher|lower|greater)\\b",
  "\\s*(?:\\?)\\s*(?:no\\b|\\bnot\\b|wrong)",
];

/** Denials with words before the denied mention, and words that end their scope. */
const FAR = [
  "\\b(?:do|does|did|would|could|should|is|are|was|were|can|ca|wo|must|might) ?(?:n't|not)",
  "\\b(?:cannot|never|hardly|barely|scarcely|avoid|disagree|nobody|doubtful|no one)\\b",
  "(?<!\\bno |without (?:a |any )?)\\bdoubt\\b",
  "\\bfail(?:s|ed)?\\b",
  "\\b(?:far from|by no means|under no circumstances|(?:the )?opposite of|anything but)\\b",
  `\\bno\\s+(?=${T})`,
  "\\bno (?:sign|trace|evidence|hint|indication|chance|way|reason|mention|presence)\\b",
  "\\b(?:nicht|keine?[nrms]?|falsche?[rnms]?)\\b",
  "\\b(?:no es|no son|n'est pas|ne sont pas|incorrecta|não (?:é|está)|errada|không phải)(?=\\s)",
  "(?<![а-я])(?:не|неверн[а-я]+|неправильн[а-я]+)(?![а-я])",
  "ليس(?:ت)?",
  "(?:不是|不可能|不应|不该|不能|不会|并非|错误|错的|不正确|没有|不选|如果)",
];
const ENDS_DENIAL =
  "[.,;:!?()\\n\\u2013\\u2014，。；：！？]|\\b(?:but|so|hence|therefore|thus|because|since|as|and|only|until|rather|instead|leaving|leaves|sondern|sino|mais|mas|answer is|answer:)\\b|而是|所以|因此|答案";
const DENIED_FAR = new RegExp(
  `(?:${FAR.join("|")})(?:(?!${ENDS_DENIAL})[^\\ue000-\\ue3ff]){0,40}?${GROUP}|\\b(?:n't|not|never) (?:say|think|believe|mean|sure)(?: that)? the (?:correct |right |best )?(?:answer|option|choice) is\\s*${GROUP}`,
  "gi",
);
/** Suppositions: "Suppose it is A", "Had it been a hat, A would be right". */
const SUPPOSED = new RegExp(
  `(?:\\b(?:suppose|let's (?:say|assume|suppose)|let us (?:say|assume|suppose)|hypothetically)\\b|(?:^|[.!?\\n]\\s*)assum(?:e|ing)\\b|\\bwould have been|\\b(?:runner-?up|second (?:guess|choice|best)|2nd|alternatively)\\b)[^.,;!?\\n\\ue000-\\ue3ff]{0,40}${GROUP}|(?:^|[.!?\\n]\\s*)(?:had|were) (?:it|there|the)\\b[^.!?\\n]*`,
  "gi",
);
/** "If it were a hat, it would be A" is not about the image; "if I had to guess" is. */
const HYPOTHETICAL = new RegExp(
  `\\bif\\b(?!\\s+(?:so|not|forced|i|we|you|one)\\b)[^.;!?\\n]{0,80}?\\bwould\\b[^.;!?\\n\\ue000-\\ue3ff]{0,40}${GROUP}|\\bif\\b(?!\\s+(?:so|not|forced|i|we|you|one)\\b)[^.;!?\\n\\ue000-\\ue3ff]{0,80},\\s*${KIND}${GROUP}(?=\\s+would\\b)`,
  "gi",
);
/** Text on a sign is no answer. */
const WRITTEN = new RegExp(`\\b(?:reads?|says|spells)\\s+(?:as\\s+)?["']?\\s*${S}`, "gi");
const DENIED = new RegExp(`(?:${BEFORE.join("|")})\\s*${KIND}${GROUP}`, "gi");
const REVISED = new RegExp(`\\bfrom\\s+${KIND}(${M})\\s+to\\s+${KIND}(${M})(?=\\s*(?:[.;!\\n]|$))`, "gi");
const BETWEEN = new RegExp(`\\b(?:between|from)\\s+${KIND}${M}\\s*(?:and|or|to|&)\\s*${KIND}${M}`, "gi");
const ABANDONED = new RegExp(`${EARLIER}${GROUP}`, "gi");
const JUDGED = new RegExp(`${GROUP}(?=${AFTER.join("|")})`, "gi");
/** "Is it A? No": a question is no answer. */
const QUESTIONED = new RegExp(
  `${LETTER}(?:${AND}(?:option\\s+)?${LETTER}){0,26}["'*_)]*\\s*\\?(?!\\s*(?:yes|correct|right|✓|✅))`,
  "gi",
);
const MENTION = new RegExp(M, "g");

/** Replaces each mention in a text. */
const dropped = (text: string): string => text.replace(MENTION, DROPPED);

const LIST = new RegExp(`${S}(?:(?:[\\s,;:.|*_#>()\\-\\u2022]|\\band\\b|\\bor\\b|❑|☐){0,12}${S})+`, "g");
const STRONG = new RegExp(S, "g");

/** Consecutive labels with texts are the list of options. */
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

/** "Everything but D is wrong" and "nothing but D" state D; "all except D" alone does not. */
const ONLY = new RegExp(
  `\\b(?:(?:everything|all|every option|each)\\s+(?:but|except|other than)\\s+${KIND}(${M})(?=[^.;\\n]*${WRONG})|(?:nothing|none)\\s+(?:but|except|other than)\\s+${KIND}(${M}))[^.;\\n]*`,
  "gi",
);

/**
 * A marked text without mentions that are denied, revised, questioned, or listed.
 */
export function withoutDenied(text: string): string {
  let out = withoutList(text);
  out = out.replace(ONLY, (_, all?: string, none?: string) => `the answer is ${all ?? none}`);
  out = out.replace(DENIED, dropped).replace(DENIED_FAR, dropped);
  out = out.replace(REVISED, (_, from: string, to: string) =>
    indexOf(from) === indexOf(to) ? to : `${DROPPED} the answer is ${to}`,
  );
  for (const pattern of [BETWEEN, ABANDONED, SUPPOSED, HYPOTHETICAL, WRITTEN, JUDGED, QUESTIONED])
    out = out.replace(pattern, dropped);
  return out;
}
