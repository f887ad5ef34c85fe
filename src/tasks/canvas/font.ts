import { ensure } from "../../util/index.ts";

/**
 * Glyphs of 5 × 7 pixels, drawn for Lintel: a character of base 32 per line, whose bits are the pixels from left to
 * right. Two more lines hang below the base line where a letter has a tail.
 */
const glyphs: Readonly<Record<string, string>> = {
  ...{ A: "EHHVHHH", B: "UHHUHHU", C: "EHGGGHE", D: "UHHHHHU", E: "VGGUGGV", F: "VGGUGGG", G: "EHGNHHF" },
  ...{ H: "HHHVHHH", I: "E44444E", J: "72222IC", K: "HIKOKIH", L: "GGGGGGV", M: "HRLLHHH", N: "HHPLJHH" },
  ...{ O: "EHHHHHE", P: "UHHUGGG", Q: "EHHHLID", R: "UHHUKIH", S: "FGGE11U", T: "V444444", U: "HHHHHHE" },
  ...{ V: "HHHHHA4", W: "HHHLLLA", X: "HHA4AHH", Y: "HHHA444", Z: "V1248GV" },
  ...{ a: "00E1FHF", b: "GGMPHHU", c: "00EGGHE", d: "11DJHHF", e: "00EHVGE", f: "698S888", g: "00FHHHF1E" },
  ...{ h: "GGMPHHH", i: "40C444E", j: "2062222IC", k: "GGIKOKI", l: "C44444E", m: "00QLLHH", n: "00MPHHH" },
  ...{ o: "00EHHHE", p: "00UHHHUGG", q: "00FHHHF11", r: "00MPGGG", s: "00FGE1U", t: "88S8896", u: "00HHHJD" },
  ...{ v: "00HHHA4", w: "00HHLLA", x: "00HA4AH", y: "00HHHHF1E", z: "00V248V" },
  ...{ 0: "EHJLPHE", 1: "4C4444E", 2: "EH1248V", 3: "V2421HE", 4: "26AIV22", 5: "VGU11HE", 6: "68GUHHE" },
  ...{ 7: "V124888", 8: "EHHEHHE", 9: "EHHF12C" },
  ...{ " ": "0000000", "(": "2488842", ")": "8422248", "?": "EH12404", "!": "4444404", ",": "00000C48" },
  ...{ ".": "00000CC", ":": "0CC0CC0", "-": "000V000", "+": "044V440", "=": "00V0V00", "/": "01248G0" },
  ...{ "%": "OP248J3", "#": "AAVAVAA", "°": "CIIC000", "×": "0HA4AH0", "'": "4480000" },
  ...{ "→": "042V240", "←": "048V840", "↑": "4EL4444", "↓": "4444LE4" },
};

/** Pixels from one character to the next at scale 1, of which the last is empty. */
const advance = 6;

/** Lines of a character without its tail, at scale 1. */
export const textHeight = 7;

/**
 * Width of a text in pixels, without the gap behind its last character.
 *
 * @example
 * textWidth("(a)", 2); // 34
 */
export const textWidth = (text: string, scale: number): number =>
  Math.max(0, ([...text].length * advance - 1) * scale);

/**
 * Calls `block` with the left top corner of every pixel of a text, at scale 1. Throws `LintelError` "input" for a
 * character without a glyph: letters, digits, ( ) ? ! , . : - + = / % # ° × ' and the four arrows have one.
 */
export function eachTextPixel(text: string, block: (x: number, y: number) => void): void {
  for (const [i, character] of [...text].entries()) {
    const glyph = Object.hasOwn(glyphs, character) ? glyphs[character] : undefined;
    ensure(glyph !== undefined, "input", () => ({
      where: `text ${JSON.stringify(text)}`,
      expected: "characters that the font has (A–Z, a–z, 0–9, common marks, arrows)",
      got: JSON.stringify(character),
    }));
    for (let y = 0; y < glyph.length; y++) {
      const bits = Number.parseInt(glyph[y]!, 32);
      for (let x = 0; x < 5; x++) if (bits & (16 >> x)) block(i * advance + x, y);
    }
  }
}
