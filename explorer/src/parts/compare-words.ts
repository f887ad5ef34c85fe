/** The comparison of two audits as one sentence. */
import type { CompareContent } from "../../../src/explorer/types.ts";
import { count, plural, points } from "../format.ts";

type Comparison = CompareContent["comparisons"][string];

/** "tetris/text is 6.7 points above tetris/joint" */
function difference(of: number, a: string, b: string): string {
  const size = points(Math.abs(of)).replace("+", "");
  if (size === "0.0") return `${b} and ${a} are level`;
  return `${b} is ${size} points ${of > 0 ? "above" : "below"} ${a}`;
}

/** Own latents of B against those of A. Where interval and test disagree, it says which decides. */
export function inWords(comparison: Comparison, a: string, b: string): string {
  const { difference: found, interval, equivalent, margin, n, mcnemarP, clusteredP } = comparison;
  if (found === null || interval === null) return "The difference could not be computed.";
  const p = Math.max(mcnemarP ?? 0, clusteredP ?? 0);
  const shown = mcnemarP !== null && p < 0.05;
  const apart = interval[0] > 0 || interval[1] < 0;
  const differ = comparison.rightToWrong + comparison.wrongToRight;
  const test = (clusteredP ?? 0) > (mcnemarP ?? 0) ? "the test over clusters of images" : "the exact test";
  const pText = p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`;
  const range =
    `95 % interval ${points(interval[0])} to ${points(interval[1])}, ${count(n)} questions` +
    (mcnemarP !== null && apart !== shown
      ? `; ${plural(differ, "question")} ${differ === 1 ? "differs" : "differ"}, and ${test} decides: ${pText}`
      : mcnemarP !== null && shown
        ? `; ${pText}`
        : "");
  if (shown) return `${difference(found, a, b)} (${range}).`;
  if (equivalent)
    return `${a} and ${b} are equivalent within ${(margin * 100).toFixed(0)} points (${range}).`;
  return `Neither a difference nor equivalence is shown: ${difference(found, a, b)} on these questions (${range}).`;
}
