/** A command line as arguments, without a shell. */
import { ensure } from "../util/index.ts";

/**
 * The arguments of a command line: split at blanks, quoted parts together, a backslash before what is meant as it stands.
 * Nothing else has a meaning: no variables, no patterns, no pipes.
 *
 * Errors: "usage" for an empty command and an open quote.
 *
 * @example
 * splitCommand("ssh gpu01 '/opt/my env/bin/python'"); // ["ssh", "gpu01", "/opt/my env/bin/python"]
 */
export function splitCommand(text: string): string[] {
  const out: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quote === null && /\s/.test(c)) {
      if (word !== null) out.push(word);
      word = null;
    } else if (quote === null && (c === '"' || c === "'")) {
      quote = c;
      word ??= "";
    } else if (c === quote) quote = null;
    else if (c === "\\" && quote !== "'" && i + 1 < text.length) word = (word ?? "") + text[++i]!;
    else word = (word ?? "") + c;
  }
  ensure(quote === null, "usage", () => ({
    where: "--python",
    expected: "a command whose quotes are closed",
    got: text,
  }));
  if (word !== null) out.push(word);
  ensure(out.length > 0, "usage", () => ({
    where: "--python",
    expected: "a command that starts Python, such as /opt/env/bin/python or ssh gpu01 python3",
    got: "nothing",
  }));
  return out;
}
