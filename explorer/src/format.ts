/** Numbers and names as text. */
import { typeset } from "../../src/statistics/index.ts";

const MINUS = "\u2212";

/** Fixed decimals; what rounds to nothing has no sign. */
const fixed = (value: number, digits: number): string => {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
};

/** 0.3125 → "31.3 %", with a narrow space that does not break */
export const percent = (value: number | null | undefined, digits = 1): string =>
  typeof value === "number" ? `${fixed(value * 100, digits)}\u202f%` : "–";

/** A difference of shares in points: 0.05 → "+5.0" */
export const points = (value: number | null | undefined): string =>
  typeof value === "number"
    ? `${value > 0 && (value * 100).toFixed(1) !== "0.0" ? "+" : ""}${fixed(value * 100, 1)}`
    : "–";

/** A cosine or another number near 1: three decimals, as in report.html. */
export const decimal = (value: number | null | undefined): string =>
  typeof value === "number" ? fixed(value, 3) : "–";

/** A plain number with three significant digits. */
export const number = (value: number | null | undefined, digits = 3): string =>
  typeof value === "number" ? String(Number(value.toPrecision(digits))).replace("-", MINUS) : "–";

export const pValue = (value: number | null | undefined): string =>
  typeof value !== "number" ? "–" : value < 0.001 ? "< 0.001" : value.toFixed(3);

export const count = (value: number): string => value.toLocaleString("en-US").replaceAll(",", "\u202f");

export const duration = (seconds: number): string =>
  seconds < 60
    ? `${seconds.toFixed(0)} s`
    : seconds < 3600
      ? `${Math.round(seconds / 60)} min`
      : `${(seconds / 3600).toFixed(1)} h`;

/** "A", "B", … for the options of an example. */
export const letter = (index: number): string =>
  index < 26 ? String.fromCharCode(65 + index) : String(index + 1);

export const plural = (n: number, word: string): string => `${count(n)} ${word}${n === 1 ? "" : "s"}`;

/** A reason as a sentence: with a capital and a full stop. */
export const sentence = (text: string): string =>
  typeset(`${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`);
