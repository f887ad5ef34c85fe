/** Escapes text for LaTeX and Markdown. */

const latex: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  $: "\\$",
  "&": "\\&",
  "#": "\\#",
  "%": "\\%",
  _: "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  '"': "''",
  "|": "\\textbar{}",
  "“": "``",
  "”": "''",
  "−": "$-$",
  "±": "$\\pm$",
  "–": "--",
  "×": "$\\times$",
  α: "$\\alpha$",
  σ: "$\\sigma$",
  ε: "$\\varepsilon$",
  "≥": "$\\ge$",
  "≤": "$\\le$",
};

/**
 * Plain text as LaTeX: every character that means something there is escaped, and the signs of our sentences become
 * commands, so that any engine prints them. Powers of ten in `3e-8` are set as such.
 *
 * @example
 * latexText("50 % of a_b"); // "50 \\% of a\\_b"
 */
export function latexText(text: string): string {
  return text
    .split(/(\b\d(?:\.\d+)?e[+-]?\d+\b)/)
    .map((part, i) => {
      if (i % 2 === 0) return part.replace(/[\\{}$&#%_^~<>"|“”−±–×ασε≥≤]/g, (sign) => latex[sign]!);
      const [digits, power] = part.split("e");
      return `$${digits} \\times 10^{${Number(power)}}$`;
    })
    .join("");
}

/**
 * Plain text as Markdown, also within a table's cell.
 *
 * @example
 * markdownText("a|b_c"); // "a\\|b\\_c"
 */
export const markdownText = (text: string): string =>
  text.replace(/[\\`*_{}[\]<>|#~]/g, (sign) => `\\${sign}`).replace(/\s*\n\s*/g, " ");
