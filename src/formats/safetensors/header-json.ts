/**
 * A JSON reader for untrusted headers. `JSON.parse` keeps the last of two equal keys and rounds large numbers in
 * silence; both would let a header say one thing to us and another to the next reader.
 */
export type StrictJson =
  | { kind: "object"; entries: Map<string, StrictJson> }
  | { kind: "array"; items: StrictJson[] }
  | { kind: "string"; text: string }
  /** `text` as written: the reader of a field decides which numbers it accepts. */
  | { kind: "number"; text: string }
  | { kind: "literal"; text: "true" | "false" | "null" };

/** Deeper nesting than any header needs; the bound keeps recursion off the end of the stack. */
const deepest = 16;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const literal = /true|false|null/y;
const blank = /[ \t\n\r]*/y;

/** What is wrong with a text, and where. */
export class JsonFault extends Error {
  readonly at: number;
  constructor(what: string, at: number) {
    super(`${what} at character ${at}`);
    this.name = "JsonFault";
    this.at = at;
  }
}

/**
 * Parses one JSON value with nothing but white space around it. Objects become maps, so `__proto__` is a key
 * like any other. Throws `JsonFault` on bad syntax, an equal key twice in one object, a lone surrogate, or
 * nesting deeper than 16.
 */
export function parseStrictJson(text: string): StrictJson {
  let at = 0;
  const fail = (what: string, where = at): never => {
    throw new JsonFault(what, where);
  };
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  const expect = (char: string): void => {
    if (text[at] !== char) fail(`expected ${JSON.stringify(char)}`);
    at++;
    match(blank);
  };

  const string = (): string => {
    const start = at;
    if (text[at] !== '"') fail("expected a string");
    let escaped = false;
    for (at++; ; at++) {
      const code = text.charCodeAt(at);
      if (Number.isNaN(code)) fail("a string without end", start);
      if (code < 0x20) fail("a control character in a string");
      if (code === 0x22) break;
      if (code === 0x5c) {
        escaped = true;
        at++;
      }
    }
    at++;
    let value = text.slice(start + 1, at - 1);
    if (escaped) {
      try {
        value = JSON.parse(text.slice(start, at)) as string;
      } catch {
        fail("a bad escape in a string", start);
      }
      if (/\p{Surrogate}/u.test(value)) fail("a lone surrogate in a string", start);
    }
    match(blank);
    return value;
  };

  const list = (close: string, item: () => void): void => {
    at++;
    match(blank);
    if (text[at] !== close) item();
    while (text[at] === ",") {
      expect(",");
      item();
    }
    expect(close);
  };

  const value = (depth: number): StrictJson => {
    if (depth > deepest) fail(`nesting deeper than ${deepest}`);
    const first = text[at];
    if (first === "{") {
      const entries = new Map<string, StrictJson>();
      list("}", () => {
        const start = at;
        const key = string();
        if (entries.has(key)) fail(`the key ${JSON.stringify(key)} twice`, start);
        expect(":");
        entries.set(key, value(depth + 1));
      });
      return { kind: "object", entries };
    }
    if (first === "[") {
      const items: StrictJson[] = [];
      list("]", () => items.push(value(depth + 1)));
      return { kind: "array", items };
    }
    if (first === '"') return { kind: "string", text: string() };
    const digits = match(number);
    const word = digits === null ? match(literal) : null;
    match(blank);
    if (digits !== null) return { kind: "number", text: digits };
    if (word !== null) return { kind: "literal", text: word as "true" };
    return fail(at < text.length ? "an unexpected character" : "an unexpected end");
  };

  match(blank);
  const root = value(1);
  if (at < text.length) fail("something after the value");
  return root;
}
