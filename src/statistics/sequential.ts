/** Group-sequential looks: the level of each of several planned looks at growing data. */
import { ensure } from "../util/index.ts";
import { normalCdf, normalQuantile } from "./distributions/normal.ts";

/**
 * Levels of planned looks, by O'Brien and Fleming's spending: of α, 2(1 − Φ(z / √t)) is spent once the share t of the data is
 * there, and a look has what its share adds. The levels add up to α, so that any tests that hold their level at each look
 * err at most at α together, however the looks depend on each other: exact tests and intersections of tests included.
 * (Boundaries that use the dependence are a little wider, and hold for one normal statistic only.)
 *
 * @param fractions - Share of the examples at each look, rising, the last one 1.
 * @throws LintelError "usage" for shares that do not rise to 1.
 *
 * Source: Lan & DeMets 1983 (spending); O'Brien & Fleming 1979; the union bound instead of their joint distribution.
 *
 * @example
 * lookLevels([0.5, 1]); // [0.0055…, 0.0444…]
 */
export function lookLevels(fractions: readonly number[], alpha = 0.05): number[] {
  ensure(fractions.at(-1) === 1 && fractions.every((t, i) => t > (fractions[i - 1] ?? 0)), "usage", () => ({
    where: "planned looks",
    expected: "shares of the examples that rise to 1",
    got: fractions.join(", "),
  }));
  const z = normalQuantile(1 - alpha / 2);
  const spent = fractions.map((t) => (t === 1 ? alpha : 2 * (1 - normalCdf(z / Math.sqrt(t)))));
  return spent.map((all, i) => all - (spent[i - 1] ?? 0));
}

/**
 * The same number of examples between looks.
 *
 * @example
 * evenLooks(4); // [0.25, 0.5, 0.75, 1]
 */
export const evenLooks = (looks: number): number[] =>
  Array.from({ length: looks }, (_, i) => (i + 1) / looks);
