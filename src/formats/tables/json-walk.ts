/** JSON walked without being parsed: how much it holds, and where the records of a list end. */
import type { DataLimits } from "./limits.ts";
import type { Line } from "./text.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
/** "{" and "}" are these, and "[" and "]" with the bit of lower case. */
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Finds commas and brackets outside of strings in a text that comes in pieces. */
function marks(): (text: string, visit: (code: number, at: number) => void) => void {
  let quoted = false;
  /** Backslashes at the end of the text so far. */
  let slashes = 0;
  return (text, visit) => {
    for (let at = 0; at < text.length; at++) {
      if (quoted) {
        const close = text.indexOf('"', at);
        const end = close < 0 ? text.length : close;
        let run = 0;
        while (run < end - at && text.charCodeAt(end - 1 - run) === BACKSLASH) run++;
        slashes = run === end - at ? slashes + run : run;
        at = end;
        if (close < 0) break;
        quoted = slashes % 2 === 1;
        slashes = 0;
        continue;
      }
      const code = text.charCodeAt(at);
      if (code === QUOTE) quoted = true;
      else if (code === COMMA || (code | 0x20) === OPEN || (code | 0x20) === CLOSE) visit(code, at);
    }
  };
}

/** Counts what a record holds; throws `Error` beyond the limits. */
function counter({ fields: mostFields, values: mostValues, depth: deepest }: DataLimits) {
  let [depth, values, fields] = [0, 1, 1];
  return {
    get depth() {
      return depth;
    },
    add(code: number): void {
      if (code === COMMA) {
        values++;
        if (depth === 1) fields++;
      } else if ((code | 0x20) === OPEN) {
        depth++;
        values++;
      } else depth--;
      if (values > mostValues) throw new Error(`more than ${mostValues} values in a record`);
      if (fields > mostFields) throw new Error(`more than ${mostFields} fields in a record`);
      if (depth > deepest) throw new Error(`more than ${deepest} lists within lists`);
    },
  };
}

/** Texts up to this long hold few values, whatever they are. */
const SHORT = 4096;

/**
 * Throws `Error` where the JSON of a record holds more fields, values or lists within lists than are read.
 *
 * @example
 * checkJson('{"a": [1, 2]}', dataLimits); // undefined: it holds few
 */
export function checkJson(text: string, limits: DataLimits): void {
  if (text.length <= Math.min(SHORT, limits.values, limits.fields)) return;
  const { add } = counter(limits);
  marks()(text, add);
}

/**
 * The records of a JSON list, as texts with their numbers from 1 on. They are not parsed.
 *
 * Errors: `Error` for a list that does not end or has something behind it, and for a record beyond the limits.
 */
export async function* listedJson(
  pieces: Iterable<string> | AsyncIterable<string>,
  limits: DataLimits,
): AsyncGenerator<Line> {
  const visit = marks();
  let number = 0;
  let parts: string[] = [];
  let length = 0;
  const list = { state: "before" as "before" | "within" | "behind" };
  let record = counter(limits);
  const take = (text: string): void => {
    if (text === "") return;
    parts.push(text);
    length += text.length;
    if (length > limits.line) throw new Error(`record ${number + 1} has more than ${limits.line} characters`);
  };
  const ended = (): Line => {
    const text = parts.join("");
    [parts, length, record] = [[], 0, counter(limits)];
    return { number: ++number, text };
  };
  for await (const piece of pieces) {
    let from = 0;
    const found: Line[] = [];
    visit(piece, (code, at) => {
      if (list.state === "before") {
        if (code !== OPEN_LIST) throw new Error("no list");
        list.state = "within";
        from = at + 1;
      } else if (list.state === "within" && record.depth === 0 && (code === COMMA || code === CLOSE_LIST)) {
        take(piece.slice(from, at));
        from = at + 1;
        const { number: each, text } = ended();
        if (code === CLOSE_LIST) list.state = "behind";
        if (text.trim() !== "") found.push({ number: each, text });
        else if (code === COMMA || each > 1)
          throw new Error(`no record ${each}: a comma before a closing bracket, or two in a row`);
      } else if (list.state === "within") {
        try {
          record.add(code);
        } catch (cause) {
          throw new Error(`record ${number + 1}: ${(cause as Error).message}`, { cause });
        }
      }
    });
    if (list.state === "within") take(piece.slice(from));
    else if (list.state === "behind" && piece.slice(from).trim() !== "")
      throw new Error("text behind the list: several values where one is expected");
    yield* found;
  }
  if (list.state !== "behind") throw new Error(`a list that does not end: record ${number + 1} is cut off`);
}
