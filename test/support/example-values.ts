/**
 * The values that `@example` blocks promise. In an example, `expression; // value` states what the expression gives:
 *
 * - a literal: `3`, `-0.5`, `"text"`, `true`, `null`, `undefined`, `[1, 2]`, `{ a: 1 }`, `Float32Array [1, 2]`
 *   (`[1, 2]` is an array of any kind), `Set ["a"]`, a quotient or power of two numbers (`1 / 3`, `0.9 ** 10`) or `Math.log(24)`;
 * - `0.66…`: a number that begins with these digits; `≈ 0.67`: one that rounds to them;
 * - `"text…"`: a string that begins so; `[1, …]` and `{ a: 1, … }`: there is more;
 * - an explanation may follow after a colon: `3: one for each option`.
 *
 * A comment that begins with any other word is prose, and is not compared: `such as "left"`. Everything else is an error.
 */
import { expect } from "vitest";

type Check = (actual: unknown) => boolean;

/** What Vitest calls an asymmetric matcher. */
interface Matcher {
  asymmetricMatch: Check;
  toString(): string;
  toAsymmetricMatcher(): string;
}

const matcher = (text: string, asymmetricMatch: Check): Matcher => ({
  asymmetricMatch,
  toString: () => text,
  toAsymmetricMatcher: () => text,
});

const number = (text: string, holds: (value: number) => boolean): Matcher =>
  matcher(text, (actual) => typeof actual === "number" && holds(actual));

/** Equal but for rounding: of float64 in integers, of float32 in others. */
function near(expected: number): Matcher {
  if (!Number.isFinite(expected)) return number(String(expected), (actual) => Object.is(actual, expected));
  const tolerance = Math.abs(expected) * (Number.isInteger(expected) ? 1e-9 : 1e-6) || 1e-12;
  return number(String(expected), (actual) => Math.abs(actual - expected) <= tolerance);
}

const unit = (digits: string): number =>
  10 ** (Number(digits.split("e")[1] ?? 0) - (/\.(\d*)/.exec(digits)?.[1]?.length ?? 0));

function begins(digits: string): Matcher {
  const least = Math.abs(Number(digits));
  const slack = 1e-9 * least;
  return number(
    `${digits}…`,
    (actual) =>
      (actual === 0 || actual < 0 === digits.startsWith("-")) &&
      Math.abs(actual) >= least - slack &&
      Math.abs(actual) < least + unit(digits) + slack,
  );
}

const rounds = (digits: string): Matcher =>
  number(`≈ ${digits}`, (actual) => Math.abs(actual - Number(digits)) <= unit(digits) * 0.500001);

function equals(actual: unknown, expected: unknown): boolean {
  try {
    expect(actual).toEqual(expected);
    return true;
  } catch {
    return false;
  }
}

const rest = Symbol("…");
type Constructor = abstract new (...given: never[]) => unknown;
const typed: Record<string, Constructor> = {
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
  BigInt64Array,
  Set,
};
const words: Record<string, unknown> = { true: true, false: false, null: null, undefined };
const numerals: Record<string, number> = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY };
const NUMBER = /^(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?/i;

function parser(text: string) {
  let at = 0;
  const left = (): string => text.slice(at);
  const blank = (): void => {
    at += /^\s*/.exec(left())![0].length;
  };
  const take = (token: string): boolean => {
    blank();
    if (!left().startsWith(token)) return false;
    at += token.length;
    return true;
  };
  const match = (pattern: RegExp): string | undefined => {
    blank();
    const found = pattern.exec(left())?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const fail = (what: string): never => {
    throw new Error(`expected ${what} at "${left()}" in the comment "${text}"`);
  };

  function items(close: string): unknown[] {
    const list: unknown[] = [];
    while (!take(close)) {
      list.push(take("…") ? rest : value());
      if (!take(",") && !left().trimStart().startsWith(close)) fail(`"," or "${close}"`);
    }
    return list;
  }

  function array(convert?: Constructor): unknown {
    const list = items("]");
    const open = list.at(-1) === rest;
    const expected = open ? list.slice(0, -1) : list;
    return matcher(
      `${convert?.name ?? ""} [${expected.map(String).join(", ")}${open ? ", …" : ""}]`,
      (actual) => {
        if (!(convert ? actual instanceof convert : Array.isArray(actual) || ArrayBuffer.isView(actual)))
          return false;
        const all = [...(actual as Iterable<unknown>)];
        return equals(open ? all.slice(0, expected.length) : all, expected);
      },
    );
  }

  function object(): unknown {
    const entries: [string, unknown][] = [];
    let open = false;
    while (!take("}")) {
      if (take("…")) open = true;
      else {
        const key = match(/^(?:[\w$]+|"(?:[^"\\]|\\.)*")/) ?? fail("a key");
        if (!take(":")) fail('":"');
        entries.push([key.startsWith('"') ? JSON.parse(key) : key, value()]);
      }
      if (!take(",") && !left().trimStart().startsWith("}")) fail('"," or "}"');
    }
    const expected = Object.fromEntries(entries);
    if (!open) return expected;
    return matcher(`{ ${entries.map(([key]) => key).join(", ")}, … }`, (actual) =>
      entries.every(([key, each]) => equals((actual as Record<string, unknown> | null)?.[key], each)),
    );
  }

  /** A number, its text, or an operand of `/` and `**`. */
  function operand(): number {
    const sign = take("-") || take("−") ? -1 : 1;
    const call = match(/^Math\.\w+/);
    if (call) {
      const member = (Math as unknown as Record<string, number | ((x: number) => number)>)[call.slice(5)];
      if (typeof member === "number") return sign * member;
      if (typeof member !== "function" || !take("(")) return fail("a function of Math");
      const result = member(operation());
      return take(")") ? sign * result : fail('")"');
    }
    const word = match(/^(?:NaN|Infinity)/);
    if (word) return sign * numerals[word]!;
    const digits = match(NUMBER) ?? fail("a value");
    return sign * Number(digits.replaceAll("_", ""));
  }

  function operation(): number {
    let result = operand();
    for (;;) {
      const operator = match(/^(?:\*\*|\/|\*)/);
      if (!operator) return result;
      const second = operand();
      result = operator === "/" ? result / second : operator === "*" ? result * second : result ** second;
    }
  }

  function numeric(): unknown {
    const start = at;
    const result = operation();
    const digits = text.slice(start, at).trim().replace("−", "-").replaceAll("_", "");
    if (/^-?[\d.]+(?:e[+-]?\d+)?$/.test(digits)) {
      if (take("…")) return begins(digits);
      if (left().startsWith("n")) {
        at++;
        return BigInt(digits);
      }
    }
    return near(result);
  }

  function value(): unknown {
    blank();
    if (take("≈")) {
      const digits = match(/^[-−]?[\d.]+(?:e[+-]?\d+)?/) ?? fail("a number");
      return rounds(digits.replace("−", "-"));
    }
    if (take("[")) return array();
    if (take("{")) return object();
    const quoted = match(/^"(?:[^"\\]|\\.)*"/) ?? match(/^'[^'\\]*'/);
    if (quoted) {
      const string: string = quoted.startsWith("'") ? quoted.slice(1, -1) : JSON.parse(quoted);
      if (!string.endsWith("…")) return string;
      return matcher(
        quoted,
        (actual) => typeof actual === "string" && actual.startsWith(string.slice(0, -1)),
      );
    }
    const word = match(/^[A-Za-z]\w*(?![\w.(])/);
    if (word !== undefined) {
      if (word in words) return words[word];
      if (word in typed) return take("[") ? array(typed[word]) : fail('"["');
      at -= word.length;
    }
    return numeric();
  }

  return { value, left };
}

/** Whether a comment begins as a value does. */
export function isValue(comment: string): boolean {
  const word = /^[A-Za-z]\w*/.exec(comment)?.[0];
  if (word === undefined) return true;
  return (
    (word in words && /^\w+\s*(?::|$)/.test(comment)) ||
    (word in numerals && /^\w+\s*(?::|$)/.test(comment)) ||
    (word in typed && /^\w+ \[/.test(comment)) ||
    /^Math\.\w/.test(comment)
  );
}

/** The value that a comment promises, for `toEqual`; undefined where it is prose. Throws where it is neither. */
export function promised(comment: string): { expected: unknown } | undefined {
  if (!isValue(comment)) return undefined;
  const { value, left } = parser(comment);
  const expected = value();
  if (!/^\s*(?:$|:\s)/.test(left())) {
    throw new Error(`expected the end or ": explanation" at "${left()}" in the comment "${comment}"`);
  }
  return { expected };
}
