/** Sample size of the verdict "starved": own latents and controls guess, the oracle does not. */

import { boundedMeanTest, type Counted, type Discordance, mcnemarPower } from "../../statistics/index.ts";
import { random } from "../../util/index.ts";
import { closesLittlePower, contrastOf } from "./gap.ts";
import { inDistribution } from "./guards.ts";

export interface StarvedScenario {
  /** Accuracy of own latents and controls, which are independent. */
  chance: number;
  /** By how much the oracle is better. */
  oracleGain: number;
  /** Share of the way to the oracle that is called next to nothing. */
  share: number;
  alpha: number;
}

/** Simulated audits behind the power of the contrast's test. */
const AUDITS = 1000;
/** With more examples the normal formula is as accurate, and fast. */
const SIMULATED_UP_TO = 20_000;

/** Every value of the contrast with its probability. */
function valuesOf({ chance, oracleGain, share }: StarvedScenario): Counted {
  const k = inDistribution.length;
  const choose = (of: number, from: number): number =>
    of === 0 ? 1 : (choose(of - 1, from) * (from - of + 1)) / of;
  const out: [number, number][] = [];
  for (const own of [0, 1])
    for (const oracle of [0, 1])
      for (let right = 0; right <= k; right++) {
        const reach = chance + oracleGain;
        const probability =
          (own ? chance : 1 - chance) *
          (oracle ? reach : 1 - reach) *
          choose(right, k) *
          chance ** right *
          (1 - chance) ** (k - right);
        out.push([own - (1 - share) * (right / k) - share * oracle, probability]);
      }
  return out;
}

/**
 * Powers of the tests that "starved" asks for, by number of examples, in the normal form: the contrast's first, then one
 * for each content-free control that the oracle must beat.
 *
 * @param dummies - Number of content-free controls.
 *
 * @example
 * starvedPowers({ chance: 0.25, oracleGain: 0.7, share: 0.1, alpha: 0.05 }, 5)[0](300); // 0.76…
 */
export function starvedPowers(given: StarvedScenario, dummies: number): ((n: number) => number)[] {
  const contrast = contrastOf(valuesOf(given), 1);
  const { chance, oracleGain, alpha } = given;
  const reach = chance + oracleGain;
  const pairs: Discordance = { first: reach * (1 - chance), second: chance * (1 - reach) };
  return [
    (n) => closesLittlePower(n, contrast, alpha),
    ...Array.from({ length: dummies }, () => (n: number) => mcnemarPower(n, pairs, alpha)),
  ];
}

/**
 * Power of the contrast's test on n examples, by 1,000 simulated audits; by the normal formula beyond 20,000 examples.
 *
 * @example
 * contrastPower({ chance: 0.25, oracleGain: 0.7, share: 0.1, alpha: 0.05 }, 100); // 0.338…
 */
export function contrastPower(given: StarvedScenario, n: number): number {
  const values = valuesOf(given);
  if (n > SIMULATED_UP_TO) return closesLittlePower(n, contrastOf(values, 1), given.alpha);
  const source = random(0, "starved power", n);
  const edges: number[] = [];
  for (const [, probability] of values) edges.push((edges.at(-1) ?? 0) + probability);
  let shown = 0;
  for (let audit = 0; audit < AUDITS; audit++) {
    const counts = values.map(() => 0);
    for (let i = 0; i < n; i++) {
      const u = source.uniform();
      let at = 0;
      while (at < edges.length - 1 && u >= edges[at]!) at++;
      counts[at]!++;
    }
    const { p } = boundedMeanTest(
      values.map(([value], i) => [value, counts[i]!]),
      1,
    );
    if (p < given.alpha) shown++;
  }
  return shown / AUDITS;
}
