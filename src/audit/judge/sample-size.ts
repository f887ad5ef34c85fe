/** The number of examples that an audit needs. */

import {
  type Discordance,
  equivalencePower,
  evenLooks,
  exactEquivalencePower,
  exactMcnemarPower,
  examplesNeeded,
  interactionPower,
  lookLevels,
  mcnemarPower,
} from "../../statistics/index.ts";
import { ensure } from "../../util/index.ts";
import { inDistribution } from "./guards.ts";
import { contrastPower, type StarvedScenario, starvedPowers } from "./starved-sample-size.ts";
import { contentDummies, STARVED_SHARE } from "./verdict.ts";

interface SampleSizeOptions {
  /** Of equivalence, in accuracy: 0.02 is two points; this if left out. */
  margin?: number;
  /** Probability of the verdict where it is true (default: 0.8). */
  power?: number;
  /** Significance level (default: 0.05). */
  alpha?: number;
  /** Share of examples on which two conditions differ in being right though neither is better; 0.05 if left out. */
  discordance?: number;
  /** By how much own latents beat the nearest dummy where they carry load; 0.1 if left out. */
  gain?: number;
  /** Whether the split has oracles, which must be equivalent too for "bypassed"; true if left out. */
  oracle?: boolean;
  /** "starved": accuracy of own latents and controls, which are independent, and the gain of the oracle; 0.25 and 0.5. */
  chance?: number;
  oracleGain?: number;
  /** Share of the way to the oracle that own latents of a starved model close at most; 0.1 if left out. */
  starvedShare?: number;
  /** Questions per image (default: 1) and their intra-cluster correlation (default: 0). */
  perImage?: number;
  correlation?: number;
  /** Difference in differences that suite `paths` is to show over every in-distribution control; none if left out. */
  interaction?: number;
  /** Planned looks at equal shares of the examples; 1 if left out. */
  looks?: number;
}

interface SampleSizeRow {
  /** Without oracles there is no row for "starved". */
  verdict: "bypassed" | "load-bearing" | "starved";
  /** Comparisons that must all succeed. */
  comparisons: number;
  /** Examples for one of them at the requested power, by the exact test and by the normal formula. */
  one: number | null;
  oneNormal: number | null;
  /** Examples for all of them together, however they depend on each other. */
  all: number | null;
  /** Exact power of one comparison at `one`; of "starved" the simulated power of the test of the gap. */
  power: number | null;
  /** Where `all` is null: why. */
  reason?: string;
}

/** An interaction of own latents with each of three controls. */
interface InteractionSize {
  difference: number;
  /** Of an example's difference in differences: from the discordant pairs of two conditions that are independent. */
  deviation: number;
  one: number | null;
  all: number | null;
}

interface SampleSizes extends Required<Omit<SampleSizeOptions, "interaction" | "looks">> {
  /** Only with the options of these names. */
  interaction?: InteractionSize;
  /** Level of the tests at each look, on that share of the examples; sizes are those of the last look alone, which is safe. */
  looks?: { share: number; level: number }[];
  /** By which numbers of examples grow because images are shared: 1 + (perImage − 1) · correlation. */
  designEffect: number;
  rows: SampleSizeRow[];
}

/** With more pairs the exact power takes minutes, and the normal formula is as accurate. */
const EXACT_UP_TO = 20_000;

/** Least n (to a percent) at which `exact` reaches the target, found from where the normal formula reaches it. */
function leastExact(
  normal: (n: number) => number,
  exact: (n: number) => number,
  target: number,
): { n: number; power: number } | null {
  const start = examplesNeeded([normal], target);
  if (start === null) return null;
  if (start > EXACT_UP_TO) return { n: start, power: normal(start) };
  const powers = new Map<number, number>();
  const enough = (n: number): boolean => {
    if (!powers.has(n)) powers.set(n, exact(n));
    return powers.get(n)! >= target;
  };
  // Exact power goes up and down a little with n; to a percent it rises.
  let [low, high] = [start, start];
  while (!enough(high)) [low, high] = [high, Math.ceil(1.06 * high) + 8];
  while (low === high && low > 2) {
    const fewer = Math.max(2, Math.floor(0.94 * low) - 8);
    if (enough(fewer)) [low, high] = [fewer, fewer];
    else low = fewer;
    if (fewer === 2) break;
  }
  while (high - low > Math.max(1, 0.01 * high)) {
    const middle = Math.round((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return { n: high, power: powers.get(high)! };
}

function row(
  verdict: SampleSizeRow["verdict"],
  comparisons: number,
  power: number,
  designEffect: number,
  tests: { normal: (n: number) => number; exact: (n: number) => number },
): SampleSizeRow {
  // If each fails with at most (1 − power) / k, all k succeed together with at least the requested power.
  const each = 1 - (1 - power) / comparisons;
  const one = leastExact(tests.normal, tests.exact, power);
  const all = leastExact(tests.normal, tests.exact, each);
  const grown = (n: number | null): number | null => (n === null ? null : Math.ceil(n * designEffect));
  return {
    verdict,
    comparisons,
    one: grown(one?.n ?? null),
    oneNormal: grown(examplesNeeded([tests.normal], power)),
    all: grown(all?.n ?? null),
    power: one?.power ?? null,
    ...(all === null && {
      reason: "no number of examples shows it: the difference is not what is to be shown",
    }),
  };
}

/** "starved": `one` is the test of the gap, which takes most; the oracle over each dummy comes with it in `all`. */
function starvedRow(
  given: StarvedScenario,
  dummies: number,
  power: number,
  designEffect: number,
): SampleSizeRow {
  const tests = starvedPowers(given, dummies);
  const one = examplesNeeded([tests[0]!], power);
  const all = examplesNeeded(tests, power);
  const grown = (n: number | null): number | null => (n === null ? null : Math.ceil(n * designEffect));
  return {
    verdict: "starved",
    comparisons: tests.length,
    one: grown(one),
    oneNormal: grown(one),
    all: grown(all),
    power: one === null ? null : contrastPower(given, one),
    ...(all === null && { reason: "no number of examples up to ten million shows it" }),
  };
}

/** Each of two differences has the variance of its discordant pairs; the second has the interaction besides. */
function interactionSize(
  difference: number,
  discordance: number,
  power: number,
  alpha: number,
  designEffect: number,
): InteractionSize {
  const deviation = Math.sqrt(2 * discordance + difference - difference ** 2);
  const test = (n: number): number => interactionPower(n, { difference, deviation }, alpha);
  const grown = (n: number | null): number | null => (n === null ? null : Math.ceil(n * designEffect));
  const all = inDistribution.map(() => test);
  return {
    difference,
    deviation,
    one: grown(examplesNeeded([test], power)),
    all: grown(examplesNeeded(all, power)),
  };
}

/**
 * Examples that an audit needs to call a model bypassed, load-bearing, or starved, with the requested power. By
 * the exact tests that the verdict uses (to a percent above the least such number).
 *
 * @throws LintelError "usage" for shares outside 0 … 1, or a gain of 0.
 *
 * Source: docs/science.md "Statistics"; normal formulas: Connor 1987, Schuirmann 1987.
 *
 * @example
 * sampleSizes({ gain: 0.2, margin: 0.1 }).rows.map(({ verdict, all }) => [verdict, all]);
 */
export function sampleSizes(request: SampleSizeOptions = {}): SampleSizes {
  const {
    margin = 0.02,
    power = 0.8,
    alpha = 0.05,
    discordance = 0.05,
    gain = 0.1,
    oracle = true,
    chance = 0.25,
    oracleGain = 0.5,
    starvedShare = STARVED_SHARE,
    perImage = 1,
    correlation = 0,
    interaction,
    looks = 1,
  } = request;
  ensure(looks >= 1 && (interaction === undefined || (interaction > 0 && interaction < 1)), "usage", () => ({
    where: "size of an audit",
    expected: "at least one look, and an interaction between 0 and 100 points",
    got: `${looks} looks, interaction ${interaction}`,
  }));
  const parts = evenLooks(looks);
  const levels = lookLevels(parts, alpha);
  const last = levels.at(-1)!;
  const shares = { margin, power, alpha, chance, starvedShare, oracleGain };
  const sums = { "discordance + gain": discordance + gain, "chance + oracleGain": chance + oracleGain };
  const wrong = [
    ...Object.entries(shares).filter(([, value]) => !(value > 0 && value < 1)),
    ...Object.entries({ discordance, correlation }).filter(([, value]) => !(value >= 0 && value <= 1)),
    ...Object.entries({ gain }).filter(([, value]) => !(value > 0)),
    ...Object.entries({ perImage }).filter(([, value]) => !(value >= 1)),
    ...Object.entries(sums).filter(([, value]) => !(value <= 1)),
  ];
  ensure(wrong.length === 0, "usage", () => ({
    where: "size of an audit",
    expected:
      "margin, power, alpha, chance, oracle gain and starved share between 0 and 1 (100 points or percent), a gain above 0, and discordance + gain and chance + oracle gain of at most 1",
    got: wrong.map(([name, value]) => `${name} of ${value}`).join(", "),
  }));
  const designEffect = 1 + (perImage - 1) * correlation;
  const alike: Discordance = { first: discordance / 2, second: discordance / 2 };
  const better: Discordance = { first: gain + discordance / 2, second: discordance / 2 };
  const dummies = contentDummies.length;
  return {
    margin,
    power,
    alpha,
    discordance,
    gain,
    oracle,
    chance,
    oracleGain,
    starvedShare,
    perImage,
    correlation,
    designEffect,
    ...(interaction !== undefined && {
      interaction: interactionSize(interaction, discordance, power, last, designEffect),
    }),
    ...(looks > 1 && { looks: parts.map((share, i) => ({ share, level: levels[i]! })) }),
    rows: [
      row("bypassed", dummies + Number(oracle), power, designEffect, {
        normal: (n) => equivalencePower(n, alike, margin, last),
        exact: (n) => exactEquivalencePower(n, alike, margin, last),
      }),
      row("load-bearing", dummies, power, designEffect, {
        normal: (n) => mcnemarPower(n, better, last),
        exact: (n) => exactMcnemarPower(n, better, last),
      }),
      ...(oracle
        ? [starvedRow({ chance, oracleGain, share: starvedShare, alpha: last }, dummies, power, designEffect)]
        : []),
    ],
  };
}
