/** The part of a reply that holds its answer: behind the thinking, in the tag or the box; plain text without markup. */

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

/** What follows the thinking; "" where the thinking never ended. */
function behindThinking(text: string): string {
  const ends = [...text.matchAll(/<\s*\/\s*(?:think(?:ing)?|reason(?:ing)?|thought)\s*>/gi)].at(-1);
  const behind = ends ? text.slice(ends.index + ends[0].length) : text;
  // Nothing follows: what stands before the thinking, if anything does.
  const before = text.search(/<\s*(?:think(?:ing)?|reason(?:ing)?|thought)\s*>/i);
  const after = behind.trim() === "" && before > 0 ? text.slice(0, before) : behind;
  const open = /<\s*(?:think(?:ing)?|reason(?:ing)?|thought)\s*>/i.exec(after);
  if (!open) return after;
  // A tag or box may follow thinking that was not closed.
  const answer = /<\s*answer\s*>|\\boxed\{/i.exec(after.slice(open.index));
  return after.slice(0, open.index) + (answer ? after.slice(open.index + answer.index) : "");
}

/** What a brace that opens at `start` holds, to its end or that of the text. */
function inBraces(text: string, start: number): string {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === "{") depth++;
    else if (text[i] === "}" && --depth === 0) return text.slice(start + 1, i);
  }
  return text.slice(start + 1);
}

const BOX = /\\(?:f|boxed\s*\{\s*\\)?(?:boxed|box)\s*(?=\{)/g;

/** The last `\boxed{…}` that holds something; null where none does; undefined where two are alternatives. */
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

/** LaTeX commands around words, and math's own marks. */
function withoutLatex(text: string): string {
  let out = text;
  // As deep as commands are nested; nobody nests ten.
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

/** Of lines with boxes to tick, the only one that is ticked; else the text as it is. */
function tickedLine(text: string): string {
  const lines = text.split("\n");
  const ticked = lines.filter((line) => /^\s*(?:[-*•]\s*)?\[[xX✓✔]\]/.test(line));
  if (ticked.length !== 1 || !lines.some((line) => /^\s*(?:[-*•]\s*)?\[\s\]/.test(line))) return text;
  return ticked[0]!.replace(/^\s*(?:[-*•]\s*)?\[[xX✓✔]\]/, "");
}

/** Of a very long text the beginning and the end: models that never stop repeat themselves. */
const [HEAD, TAIL] = [1000, 3000];
const shortened = (text: string): string =>
  text.length <= HEAD + TAIL ? text : `${text.slice(0, HEAD)}\n…\n${text.slice(-TAIL)}`;

/** A piece of a reply, and whether it is the answer itself rather than prose around it. */
export interface Segment {
  text: string;
  isAnswer: boolean;
}

/**
 * The part of a reply to look for an answer in: what follows the thinking, and of that the last `<answer>` or the last
 * `\boxed{…}` if they hold something. Special tokens, tags and LaTeX's commands are taken off. null: two boxes are alternatives.
 *
 * @example
 * segmentOf("<think>A?</think> so \\boxed{\\text{B}}"); // { text: " B ", isAnswer: true }
 */
export function segmentOf(reply: string): Segment | null {
  let text = behindThinking(plainForms(reply))
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
