/** Text of examples in a dataset card: shown literally, whatever Markdown or HTML it holds. */
import { printable } from "../../util/index.ts";

const inLine = (text: string): string => printable(text).replace(/\s*\n\s*/g, " ");

/**
 * Plain text within a paragraph, list or table of Markdown.
 *
 * @example
 * cardText("<b>a|b</b>"); // "\\<b\\>a\\|b\\</b\\>"
 */
export const cardText = (text: string): string =>
  inLine(text).replace(/[\\`*[\]<>|]/g, (sign) => `\\${sign}`);

/**
 * A name as code. A code span ends at the same number of backticks that it begins with.
 *
 * @example
 * cardCode("angle"); // "`angle`"
 */
export function cardCode(name: string): string {
  const text = inLine(name).replaceAll("|", "\\|");
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return longest > 0 ? `${fence} ${text} ${fence}` : `${fence}${text}${fence}`;
}
