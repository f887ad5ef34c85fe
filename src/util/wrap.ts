/** Text in lines of a terminal's width. */

/**
 * The text in lines of at most `width` characters, broken between words; a longer word has a line of its own.
 *
 * @param first - Before the first line.
 * @param indent - Before the others.
 *
 * @example
 * wrapText("one two three", 9, "- ", "  "); // "- one two\n  three"
 */
export function wrapText(text: string, width: number, first = "", indent = first): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.trim().split(/\s+/)) {
    if (line !== "" && (lines.length === 0 ? first : indent).length + line.length + 1 + word.length > width) {
      lines.push((lines.length === 0 ? first : indent) + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, (lines.length === 0 ? first : indent) + line].join("\n");
}
