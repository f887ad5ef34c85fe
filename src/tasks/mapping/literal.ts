/** Lists and dictionaries that a table holds as text, as Python's `repr` and JSON write them. */

/** Lists within lists that are followed. */
const deepest = 32;

const words: Record<string, null | string> = {
  None: null,
  null: null,
  nan: null,
  NaN: null,
  True: "True",
  False: "False",
  true: "true",
  false: "false",
};

const escapes: Record<string, string> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  a: "\x07",
  v: "\v",
  "\n": "",
};

/** A value of a literal: numbers and booleans stay as they are written. */
export type Literal = string | null | Literal[] | { [key: string]: Literal };

class NotALiteral extends Error {}

function reader(text: string) {
  let at = 0;
  const fail = (): never => {
    throw new NotALiteral();
  };
  const space = (): void => {
    while (/\s/.test(text[at] ?? "")) at++;
  };
  const take = (what: string): boolean => {
    space();
    if (!text.startsWith(what, at)) return false;
    at += what.length;
    return true;
  };

  /** The character that an escape stands for; `at` is behind the backslash. */
  function escaped(raw: boolean): string {
    const mark = text[at++];
    if (mark === undefined) return fail();
    if (raw) return `\\${mark}`;
    const digits = { x: 2, u: 4, U: 8 }[mark];
    if (digits !== undefined) {
      const hex = text.slice(at, at + digits);
      if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length !== digits) return fail();
      const code = Number.parseInt(hex, 16);
      if (code > 0x10ffff) return fail();
      at += digits;
      return code > 0xffff ? String.fromCodePoint(code) : String.fromCharCode(code);
    }
    if (mark === "N") return fail();
    // As in Python, an unknown escape stands for itself; LaTeX within options relies on it.
    return escapes[mark] ?? ("\\'\"/".includes(mark) ? mark : `\\${mark}`);
  }

  function quoted(): string {
    const prefix = /^[rRuUbB]{0,2}/.exec(text.slice(at, at + 2))![0];
    at += prefix.length;
    const one = text[at];
    if (one !== "'" && one !== '"') return fail();
    const quote = text.startsWith(one.repeat(3), at) ? one.repeat(3) : one;
    at += quote.length;
    const raw = /r/i.test(prefix);
    const parts: string[] = [];
    for (;;) {
      if (at >= text.length) return fail();
      if (text.startsWith(quote, at)) break;
      if (text[at] === "\\") {
        at++;
        parts.push(escaped(raw));
      } else parts.push(text[at++]!);
    }
    at += quote.length;
    return parts.join("");
  }

  function items(close: string, depth: number): Literal[] {
    const found: Literal[] = [];
    while (!take(close)) {
      found.push(value(depth + 1));
      if (take(",")) continue;
      if (!take(close)) return fail();
      break;
    }
    return found;
  }

  function pairs(depth: number): { [key: string]: Literal } {
    const found: { [key: string]: Literal } = Object.create(null);
    while (!take("}")) {
      const key = value(depth + 1);
      if (typeof key !== "string" || !take(":") || Object.hasOwn(found, key)) return fail();
      found[key] = value(depth + 1);
      if (take(",")) continue;
      if (!take("}")) return fail();
      break;
    }
    return found;
  }

  function value(depth: number): Literal {
    if (depth > deepest) return fail();
    space();
    if (take("[")) return items("]", depth);
    if (take("(")) return items(")", depth);
    if (take("{")) return pairs(depth);
    if (take("array(")) {
      const inner = value(depth + 1);
      if (take(",") && !/^\s*dtype\s*=\s*[\w.'<>|]+\s*,?\s*/.test(text.slice(at))) return fail();
      at += /^\s*(?:dtype\s*=\s*[\w.'<>|]+\s*,?\s*)?/.exec(text.slice(at))![0].length;
      return take(")") ? inner : fail();
    }
    if (/^[rRuUbB]{0,2}['"]/.test(text.slice(at, at + 3))) return quoted();
    const word = /^[+-]?[\w.]+(?:[eE][+-]?\d+)?/.exec(text.slice(at, at + 400))?.[0] ?? fail();
    at += word.length;
    if (Object.hasOwn(words, word)) return words[word]!;
    return Number.isFinite(Number(word)) ? word : fail();
  }

  const whole = value(0);
  space();
  return at === text.length ? whole : fail();
}

/**
 * The value of a text that Python or JSON wrote: lists, tuples, dictionaries, strings, numbers, and NumPy's `array([…])`.
 * Numbers and booleans stay the texts that they are, `None`, `null` and `nan` are null. Undefined for what is none, NumPy's
 * `['a' 'b']` without commas among it, which Python reads as one string.
 */
export function literalOf(text: string): Literal | undefined {
  try {
    return reader(text);
  } catch (error) {
    if (error instanceof NotALiteral) return undefined;
    throw error;
  }
}

/** Whether a text looks as if it held a list: between brackets. */
export const looksListed = (text: string): boolean => /^\s*\[[\s\S]*\]\s*$/.test(text);
