/** The segment of a reply with its answer: after the reasoning, in the tag or box; plain text without markup. */

/** Full-width letters, digits and marks as their ASCII forms; typographic quotes as plain ones. */
function plainForms(text: string): string {
  return text
    .replace(/[\ue000-\uf8ff]/g, "")
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replaceAll("\u3000", " ")
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d\u300c\u300d\u300e\u300f\u300a\u300b]/g, '"')
    .replace(/\u3010/g, "[")
    .replace(/\u3011/g, "]");
}

/** The text after the reasoning; "" if the reasoning never ended. */
function afterReasoning(text: string): string {
  const ends = [...text.matchAll(/<\s*\/\s*(?:think(?:ing)?|reason(?:ing)?|thought)\s*>/gi)].at(-1);
  const behind = ends ? text.slice(ends.index + ends[0].length) : text;
  // nothing follows: the text before the reasoning, if any
  const before = text.search(/<\s*(?:think(?:ing)?|reason(?:ing)?|thought)\s*>/i);
  const after = behind.trim() === "" && before > 0 ? text.slice(0, before) : behind;
  const open = /<\s*(?:think(?:ing)?|reason(?:ing)?|thought)\s*>/i.exec(after);
  if (!open) return after;
  // a tag or box may follow reasoning without an end tag
  const answer = /<\s*answer\s*>|\\boxed\{/i.exec(after.slice(open.index));
  return after.slice(0, open.index) + (answer ? after.slice(open.index + answer.index) : "");
}

/** The content of the brace at `start`, up to its end or the end of the text. */
function inBraces(text: string, start: number): string {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === "{") depth++;
    else if (text[i] === "}" && --depth === 0) return text.slice(start + 1, i);
  }
  return text.slice(start + 1);
}

const BOX = /\\(?:f|boxed\s*\{\s*\\)?(?:boxed|box)\s*(?=\{)/g;

/** The last non-empty `\boxed{…}`; null without one; undefined if two are alternatives. */
function lastBox(text: string): string | null | undefined {
  const boxes = [...text.matchAll(BOX)].map(({ index, 0: { length } }) => ({
    index,
    content: inBraces(text, index + length),
  }));
  const full = boxes.filter(({ content }) => content.trim() !== "");
  const last = full.at(-1);
  if (!last) return null;
  const before = full.at(-2);
  const between = before && text.slice(before.index, last.index);
  if (between && /\}\$?\s*(?:|,|\/|\bor\b|\band\b|或|和)\s*\$?$/i.test(between)) return undefined;
  return last.content;
}

/** Removes LaTeX commands around words, and math delimiters. */
function withoutLatex(text: string): string {
  let out = text;
  // one level of nesting per pass
  for (let depth = 0, before = ""; depth < 10 && before !== out; depth++) {
    before = out;
    out = out.replace(
      /\\(?:text(?:bf|it|rm|sf|tt)?|math(?:rm|bf|it|sf|tt)|operatorname|emph|boxed|fbox|underline)\s*\{([^{}]*)\}?/g,
      " $1 ",
    );
  }
  return out
    .replace(/\\[()[\]]/g, " ")
    .replace(/\\(?:q?quad|[ ,;!])/g, " ")
    .replace(/\\\\/g, "\n")
    .replace(/\\(?:rightarrow|to|Rightarrow)\b/g, "→");
}

/** The only ticked line of a checklist; else the text unchanged. */
function tickedLine(text: string): string {
  const lines = text.split("\n");
  const ticked = lines.filter((line) => /^\s*(?:[-*•]\s*)?\[[xX✓✔]\]/.test(line));
  if (ticked.length !== 1 || !lines.some((line) => /^\s*(?:[-*•]\s*)?\[\s\]/.test(line))) return text;
  return ticked[0]!.replace(/^\s*(?:[-*•]\s*)?\[[xX✓✔]\]/, "");
}

/** The beginning and end of a very long text, since models that never stop repeat themselves. */
const [HEAD, TAIL] = [1000, 3000];
const shortened = (text: string): string =>
  text.length <= HEAD + TAIL ? text : `${text.slice(0, HEAD)}\n…\n${text.slice(-TAIL)}`;

/** A segment of a reply, and whether it is the answer itself rather than surrounding prose. */
interface Segment {
  text: string;
  isAnswer: boolean;
}

/**
 * The segment of a reply that may hold the answer: the text after the reasoning, or the last non-empty `<answer>` or
 * `\boxed{…}` in it. Special tokens, tags and LaTeX commands are removed. null if two boxes are alternatives.
 *
 * @example
 * segmentOf("<think>A?</think> so \\boxed{\\text{B}}"); // { text: " B ", isAnswer: true }
 */
export function segmentOf(reply: string): Segment | null {
  let text = afterReasoning(plainForms(reply))
    .replace(/<\|[^|<>]*\|>/g, " ")
    .replace(/~~[^~]*~~/g, " ");
  let isAnswer = false;
  const tags = [
    ...text.matchAll(
      /(?:<\s*answer\s*>|\\begin\{answer\})([\s\S]*?)(?=<\s*\/?\s*answer|\\end\{answer\}|$)/gi,
    ),
  ];
  const tag = tags
    .map(({ 1: inside }) => inside!)
    .filter((inside) => inside.trim() !== "")
    .at(-1);
  if (tag !== undefined) {
    text = tag;
    isAnswer = true;
  }
  const box = lastBox(text);
  if (box === undefined) return null;
  if (box !== null) {
    text = lastBox(box) ?? box;
    isAnswer = true;
  } else text = text.replace(/\\f?box(?:ed)?\{\s*\}?/g, " ");
  text = withoutLatex(text)
    .replace(/<\/?[a-zA-Z][^<>\n]*>/g, " ")
    .replace(/<\s*\/?\s*[a-zA-Z]*\s*\/?\s*[a-zA-Z]*>?$/g, " ")
    .replace(/<\s*\/\s*answer[^>]*>?/gi, " ")
    .replace(/!?\[([^\]\n]+)\]\([^)\n]*\)/g, "[$1]");
  return { text: tickedLine(shortened(text)), isAnswer };
}
