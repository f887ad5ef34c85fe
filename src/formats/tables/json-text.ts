/** JSON as other programs write it. */

/** Python's words for numbers that JSON does not have, and integers that a double cannot hold. */
const special = /-?Infinity|NaN|-?\d{16,}(?![\d.eE])/g;

/** Whether the character at `at` is outside of strings, for ascending positions. */
function outsideStrings(text: string): (at: number) => boolean {
  let position = 0;
  let quoted = false;
  return (at) => {
    for (; position < at; position++) {
      const character = text.charCodeAt(position);
      if (character === 0x22) quoted = !quoted;
      else if (character === 0x5c && quoted) position++;
    }
    return !quoted;
  };
}

/** Text with NaN and infinities as null, and integers beyond 2⁵³ as text. */
function replaced(text: string): string {
  const outside = outsideStrings(text);
  return text.replace(special, (found, at: number) => {
    const before = text[at - 1];
    if ((before !== undefined && /[\w.+-]/.test(before)) || !outside(at)) return found;
    if (!/\d/.test(found)) return "null";
    return Number.isSafeInteger(Number(found)) ? found : `"${found}"`;
  });
}

/** What is wrong with a text that is no JSON, where it is something that people and programs often write. */
function problem(text: string): string | null {
  const start = text.trimStart();
  if (start === "") return "nothing";
  if (/^(\/\/|\/\*|#)/.test(start)) return "a comment, which JSON does not have";
  if (/^[{[]\s*'/.test(start)) return "text in single quotes (Python's repr): write it with json.dumps";
  if (/[}\]]\s*,\s*$/.test(text)) return "a comma behind the record";
  if (/,\s*[}\]]/.test(text)) return "a comma before a closing bracket (or other text that is no JSON)";
  if (/\b(True|False|None)\b/.test(text))
    return "True, False or None (Python's repr): write it with json.dumps";
  if (/[}\]]\s*[{[]/.test(text)) return "several values where one is expected";
  return null;
}

/**
 * Parses JSON as Python's `json` writes it. NaN, Infinity and -Infinity become null. Integers beyond ±2⁵³, which JavaScript
 * would round, become texts of their digits. Throws `SyntaxError` for what is no JSON, naming common mistakes (comments,
 * trailing commas, single quotes).
 *
 * @example
 * parseJson('{"id": 12345678901234567890, "score": NaN}'); // { id: "12345678901234567890", score: null }
 */
export function parseJson(text: string): unknown {
  special.lastIndex = 0;
  const ready = special.test(text) ? replaced(text) : text;
  try {
    return JSON.parse(ready);
  } catch (cause) {
    const named = problem(text);
    throw new SyntaxError(named ? `${named} (${(cause as Error).message})` : (cause as Error).message, {
      cause,
    });
  }
}
