/** Numbers and names as text: numbers as in report.html. */
import { figureText, typeset, type Unit } from "../../src/statistics/index.ts";

const MINUS = "\u2212";
const NONE = "–";

const inUnit =
  (unit: Unit) =>
  (value: number | null | undefined): string =>
    typeof value === "number" ? figureText(value, unit) : NONE;

/** 0.3125 → "31.3 %", with a narrow space that does not break */
export const percent = (value: number | null | undefined, digits = 1): string =>
  typeof value !== "number"
    ? NONE
    : digits === 1
      ? figureText(value, "percent")
      : `${fixed(value * 100, digits)}\u202f%`;

/** A difference of shares in points: 0.05 → "+5.0" */
export const points = inUnit("points");

/** A cosine or another number near 1: three decimals. */
export const decimal = inUnit("decimal");

/** A number of any size with one decimal: log-odds, ranks. */
export const tenth = inUnit("tenth");

export const pValue = inUnit("p");

/** 1500 → "1 500" */
export const count = (value: number): string => figureText(value, "count");

/** 75.2 seconds → "1 min 15 s"; an hour and more in hours and minutes. */
export const duration = (seconds: number): string =>
  seconds < 3600
    ? figureText(seconds, "seconds")
    : `${Math.floor(Math.round(seconds / 60) / 60)}\u202fh\u202f${Math.round(seconds / 60) % 60}\u202fmin`;

/** 90 seconds → "1 min 30 s", 120 → "2 min": marks of an axis, without parts that are nothing. */
export const clock = (seconds: number): string => {
  if (seconds < 60) return `${Number(seconds.toPrecision(6))}\u202fs`;
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "min"],
    [Math.round(seconds % 60), "s"],
  ] as const;
  return parts.flatMap(([value, unit]) => (value > 0 ? [`${value}\u202f${unit}`] : [])).join(" ");
};

/** Fixed decimals; what rounds to nothing has no sign. */
export const fixed = (value: number, digits: number): string => {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
};

/** A plain number with three significant digits. */
export const number = (value: number | null | undefined, digits = 3): string =>
  typeof value === "number" ? String(Number(value.toPrecision(digits))).replace("-", MINUS) : NONE;

/** "A", "B", … for the options of an example. */
export const letter = (index: number): string =>
  index < 26 ? String.fromCharCode(65 + index) : String(index + 1);

export const plural = (n: number, word: string): string => `${count(n)} ${word}${n === 1 ? "" : "s"}`;

/** A description for a tooltip, which has no code: without its backticks. */
export const plain = (text: string | undefined): string | undefined => text?.replaceAll("`", "");

/** A reason as a sentence: with a capital and a full stop. */
export const sentence = (text: string): string =>
  typeset(`${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`);
