/** Makes text from files and networks safe to print on a terminal. */

/** Control characters except tab and line feed, C1 controls, and marks that change the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression matches them.
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/**
 * The text with control characters written as `\uXXXX`, so that nothing in it moves the cursor, changes colors or hides
 * other text. Tabs and line feeds stay.
 *
 * @example
 * printable("red \u001b[31m"); // "red \\u001b[31m"
 */
export const printable = (text: string): string => text.replace(hidden, escaped);

/**
 * `printable` in one line, for names within a message.
 *
 * @example
 * printableLine("a\nb"); // "a\\nb"
 */
export const printableLine = (text: string): string =>
  printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
