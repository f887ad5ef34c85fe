import { expect, test } from "vitest";
import { boundedMeanTest } from "../../statistics/index.ts";
import { random } from "../../util/index.ts";
import { closesLittleP, type GapRow, gapContrast, gapOf } from "./gap.ts";

const names = ["noise-matched", "mean", "other-own"];

/** Examples with these accuracies; outcomes independent. */
function rows(n: number, own: number, oracle: number, dummies: readonly number[], seed = 0): GapRow[] {
  const source = random(seed, "gap");
  const right = (rate: number): number => Number(source.uniform() < rate);
  return Array.from({ length: n }, () => ({
    own: right(own),
    oracle: right(oracle),
    dummies: dummies.map(right),
  }));
}

test("the share of the gap, and an interval that holds it", () => {
  const found = gapOf(rows(1000, 0.6, 0.95, [0.25, 0.25, 0.25]), names, 0.1)!;
  expect(found.closed).toBeGreaterThan(0.4);
  expect(found.closed).toBeLessThan(0.6);
  expect(found.interval[0]).toBeGreaterThan(0.4);
  expect(found.interval[1]).toBeLessThan(0.62);
  expect(found.p).toBeGreaterThan(0.9);
  expect(gapOf(rows(100, 0.6, 0.2, [0.5, 0.5, 0.5]), names, 0.1)).toBeNull();
  expect(gapOf([], names, 0.1)).toBeNull();
});

test("the interval covers at least as often as it says, also where the best of equal dummies is chosen", () => {
  let covered = 0;
  const audits = 120;
  const truth = (0.45 - 0.25) / 0.7;
  for (let seed = 0; seed < audits; seed++) {
    const { interval } = gapOf(rows(120, 0.45, 0.95, [0.25, 0.25, 0.25], seed), names, 0.1)!;
    if ((interval[0] ?? -9) <= truth && truth <= (interval[1] ?? 9)) covered++;
  }
  // 95 % of 120, less three standard errors.
  expect(covered).toBeGreaterThanOrEqual(107);
});

test("its upper end is where the test turns", () => {
  const given = rows(400, 0.27, 0.95, [0.25, 0.25, 0.25]);
  const high = gapOf(given, names, 0.1, 0.1)!.interval[1]!;
  expect(closesLittleP(given, high + 1e-3)).toBeLessThan(0.05);
  expect(closesLittleP(given, high - 1e-3)).toBeGreaterThan(0.05);
});

test("few examples, or an oracle hardly above the dummies: an end that is not bounded is null", () => {
  const { interval } = gapOf(rows(20, 0.5, 0.55, [0.5, 0.5, 0.5], 3), names, 0.1)!;
  expect(interval).toContain(null);
});

test("questions about one image are one value: as many copies tell no more", () => {
  const alone = rows(60, 0.25, 0.95, [0.25, 0.25, 0.25]);
  const copies = alone.flatMap((row, i) => [1, 2, 3, 4].map(() => ({ ...row, images: `image ${i}` })));
  expect(closesLittleP(copies, 0.1)).toBeCloseTo(closesLittleP(alone, 0.1), 9);
  const contrast = gapContrast(copies, 0.1, ([first]) => first!);
  expect([contrast.n, contrast.bound]).toEqual([60, 4]);
  expect(boundedMeanTest(contrast.values, contrast.bound).p).toBeGreaterThan(0);
});
