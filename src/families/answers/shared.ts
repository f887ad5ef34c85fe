/** Helpers of several readers: Python's word boundaries, kinds of options. */

/** Equal, ignoring case. */
export const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** An index, or null for −1. */
export const orNull = (index: number): number | null => (index >= 0 ? index : null);

/** Escapes regular-expression characters. */
export const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");

/** Word boundaries like Python's `\b`: letters and digits of any script, and "_". */
export const NOT_AFTER_WORD = "(?<![\\p{L}\\p{N}_])";
export const NOT_BEFORE_WORD = "(?![\\p{L}\\p{N}_])";

/** Whether options are the letters A, B, C, … in that order, as benchmarks list them. */
export const areLetters = (options: readonly string[]): boolean =>
  options.length > 0 &&
  options.length <= 26 &&
  options.every((each, i) => each === String.fromCharCode(65 + i));

/** Whether options are yes and no, in either order. */
export const areYesNo = (options: readonly string[]): boolean =>
  options.length === 2 && ["yes", "no"].every((word) => options.some((each) => same(each, word)));

/** A text without special tokens, as `skip_special_tokens` decodes it. */
export const withoutSpecial = (text: string): string =>
  text.replace(/<\|[^|<>]*\|>|<\/?abs_vis_token(?:_pad)?>|<\/?observation>/g, "");
