import { expect, test } from "vitest";
import { random } from "../util/index.ts";
import { boundedMeanTest } from "./bounded-mean.ts";
import { logBinomialCdf } from "./distributions/binomial.ts";

test("values of two kinds: the exact binomial test", () => {
  for (const [n, k, rate] of [
    [1, 0, 0.7],
    [10, 0, 0.3],
    [40, 7, 0.3],
    [200, 3, 0.05],
    [1000, 480, 0.5],
    [2000, 100, 0.08],
  ] as const) {
    const { logP } = boundedMeanTest(
      [
        [1 - rate, k],
        [-rate, n - k],
      ],
      1 - rate,
    );
    const exact = logBinomialCdf(k, n, rate);
    expect(Math.abs(logP - exact), `${k} of ${n} at ${rate}`).toBeLessThan(
      1e-6 * Math.max(1, Math.abs(exact)),
    );
  }
});

test("the chance that weights of a flat Dirichlet give a mean of at least 0, by drawing them", () => {
  const values = [
    [0.9, 3],
    [0.3, 5],
    [0, 20],
    [-0.1, 30],
    [-0.7, 9],
  ] as const;
  const source = random(1, "bounded mean");
  const draws = 40_000;
  let above = 0;
  for (let draw = 0; draw < draws; draw++) {
    let sum = -Math.log(1 - source.uniform());
    for (const [value, count] of values)
      for (let i = 0; i < count; i++) sum -= value * Math.log(1 - source.uniform());
    if (sum >= 0) above++;
  }
  // Four standard errors.
  expect(Math.abs(boundedMeanTest(values, 1).p - above / draws)).toBeLessThan(0.01);
});

test("units do not matter, nor how values are grouped, nor values of 0", () => {
  const one = boundedMeanTest(
    [
      [0.8, 3],
      [-0.2, 40],
    ],
    1,
  ).p;
  expect(
    boundedMeanTest(
      [
        [8, 1],
        [8, 2],
        [0, 1000],
        [-2, 40],
      ],
      10,
    ).p,
  ).toBeCloseTo(one, 9);
});

test("nothing is shown without values below 0; p rises with the bound and falls with values below", () => {
  expect(boundedMeanTest([], 1).p).toBe(1);
  expect(
    boundedMeanTest(
      [
        [0.5, 3],
        [0, 9],
      ],
      1,
    ).p,
  ).toBe(1);
  const p = (below: number, bound: number): number =>
    boundedMeanTest(
      [
        [0.5, 3],
        [-0.2, below],
      ],
      bound,
    ).p;
  expect(p(30, 2)).toBeGreaterThan(p(30, 1));
  expect(p(60, 1)).toBeLessThan(p(30, 1));
  expect(() => boundedMeanTest([[2, 1]], 1)).toThrow(/values that are at most the bound/);
  expect(() => boundedMeanTest([[-1, 1]], 0)).toThrow(/a bound above 0/);
});
