/**
 * The number of fresh examples that would decide an inconclusive audit, and the level of repeated looks at the same ones.
 *
 * "Bypassed" is planned as `lintel plan` does: for two conditions of which neither is better, at the share of discordant
 * pairs that was observed. To plan with the observed difference would take the noise of one audit for the truth: with 5 % of
 * pairs discordant and no difference, 26 of 60 audits of 300 examples then found that no number is enough, the others a
 * median of 11,758, where 1,867 are.
 *
 * The advice is an audit of *fresh* examples. Whoever adds to the examples that were looked at tests twice, and is wrong
 * more often; who does so says `--look 2`, and the tests take place at a level of their own (`levelOf`).
 */

import {
  count,
  type Discordance,
  evenLooks,
  lookLevels,
  observedDiscordance,
} from "../../statistics/index.ts";
import type { Comparison } from "../record/schema.ts";

/**
 * Rates of discordant pairs that an equivalence is planned with: no difference, unless the interval lies outside the margin.
 *
 * @example
 * ratesIfEqual({ wrongToRight: 4, rightToWrong: 10, n: 299, interval: [-0.05, 0.005], margin: 0.02 }); // { first: 0.025, second: 0.025 }
 */
export function ratesIfEqual(
  row: Pick<Comparison, "wrongToRight" | "rightToWrong" | "n" | "interval" | "margin">,
): Discordance {
  const { first, second } = observedDiscordance(row.wrongToRight, row.rightToWrong, row.n);
  const [low, high] = row.interval ?? [0, 0];
  if (low > row.margin || high < -row.margin) return { first, second };
  return { first: (first + second) / 2, second: (first + second) / 2 };
}

/** What has to be true for a verdict to be the one that more examples decide. */
const conditions: Record<string, string> = {
  bypassed: "if accuracies are equal",
  "load-bearing": "if own latents are as much better as they were here",
  starved: "if own and oracle latents are as good as they were here",
};

/**
 * The advice in words: for each verdict that is possible, how many fresh examples show it where it is true.
 *
 * @param plans - The fewest examples first.
 *
 * @example
 * freshText([{ examples: 1867, verdict: "bypassed" }], 0.8);
 * // "an audit of fresh examples, without these, would decide it at 80 % power: 1,867 for bypassed, if accuracies are equal"
 */
export const freshText = (plans: readonly { examples: number; verdict: string }[], power: number): string =>
  `an audit of fresh examples, without these, would decide it at ${Math.round(100 * power)} % power: ` +
  plans
    .map(
      ({ examples, verdict }) => `${count(examples)} for ${verdict}, ${conditions[verdict] ?? "as observed"}`,
    )
    .join("; ");

/** The second look has this part of α. */
const LATER = 10;

/**
 * Level of the tests of a look: α of the first one, which is where it stood before anybody knew that there would be more;
 * a tenth of it for the second, half of that for the third, and so on. The first spends less than α, being exact, and all
 * together stay within it in simulation (docs/calibration.md).
 *
 * Of looks that were planned before the first (`looks`), each has what O'Brien and Fleming's spending gives it.
 *
 * @param look - From 1.
 *
 * @example
 * [levelOf(1), levelOf(2), levelOf(3)]; // [0.05, 0.005, 0.0025]
 */
export const levelOf = (look: number, alpha = 0.05, looks = 1): number =>
  looks > 1
    ? lookLevels(evenLooks(looks), alpha)[look - 1]!
    : look <= 1
      ? alpha
      : alpha / (LATER * 2 ** (look - 2));

/**
 * What a verdict of a further look says of its level; empty for the first.
 *
 * @example
 * lookText(2, 0.005); // "; look 2 at these examples, so each test has the level 0.005 instead of 0.05"
 */
export const lookText = (look: number, level: number, looks = 1): string =>
  looks > 1
    ? `; look ${look} of ${looks} that were planned, so each test has the level ${Number(level.toPrecision(2))} instead of 0.05`
    : look <= 1
      ? ""
      : `; look ${look} at these examples, so each test has the level ${level} instead of 0.05`;
