import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agrees, golden } from "../../test/support/statistics-golden.ts";
import { LintelError } from "../util/index.ts";
import { binomialTest, logBinomialCdf, pValue } from "./distributions/binomial.ts";
import { goodnessOfFit } from "./distributions/chi-square.ts";
import { holm } from "./holm.ts";
import { mcnemar } from "./mcnemar.ts";

describe("exact McNemar", () => {
  test("agrees with SciPy and mpmath to 1e-10, at p = 1e-300 and where a double underflows", () => {
    for (const [b, c, p, logP] of golden.mcnemar as [number, number, number, number][]) {
      const got = mcnemar(b, c);
      if (p > 1e-305) agrees(got.p, p, `mcnemar(${b}, ${c})`);
      agrees(got.logP, logP, `log mcnemar(${b}, ${c})`);
      expect(got.p).toBeGreaterThan(0);
      expect(mcnemar(c, b)).toEqual(got);
    }
    expect(mcnemar(0, 5000).p).toBe(Number.MIN_VALUE);
  });
  test("published value: Cavo et al. 2012, 6 against 16 discordant pairs", () => {
    // Fagerland, Lydersen & Laake 2013: mid-p 0.034690 = exact p − P(X = 6), X ~ Binomial(22, ½).
    const midP = mcnemar(6, 16).p - 74613 / 2 ** 22;
    expect(midP).toBeCloseTo(0.03469, 6);
  });
  test("counts that are no counts are refused", () => {
    expect(() => mcnemar(-1, 2)).toThrow(LintelError);
    expect(() => mcnemar(1.5, 2)).toThrow(/whole/);
  });
});

describe("exact binomial test", () => {
  test("agrees with SciPy and mpmath to 1e-10 for every alternative", () => {
    for (const { k, n, p0, ...expected } of golden.binomial.tests) {
      for (const alternative of ["greater", "less"] as const)
        agrees(binomialTest(k, n, p0, alternative).p, expected[alternative], `${k} of ${n}, ${alternative}`);
      agrees(binomialTest(k, n, p0, "two-sided").p, expected["two-sided"], `${k} of ${n}, two-sided`);
    }
  });
  test("the two tails make one: P(X ≤ k) + P(X ≥ k + 1) = 1", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (n, p) => {
          const k = Math.floor(n * p);
          const lower = Math.exp(logBinomialCdf(k, n, p));
          const upper = k === n ? 0 : binomialTest(k + 1, n, p, "greater").p;
          expect(lower + upper).toBeCloseTo(1, 11);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });
  test("refuses more successes than trials, and a chance of 0", () => {
    expect(() => binomialTest(3, 2, 0.5)).toThrow(LintelError);
    expect(() => binomialTest(1, 2, 0)).toThrow(LintelError);
    expect(pValue(1e-16)).toEqual({ p: 1, logP: 0 });
  });
});

describe("Holm and χ²", () => {
  test("Holm's adjusted values, order kept, nulls left out of the family", () => {
    for (const [given, adjusted] of golden.holm)
      holm(given).forEach((p, i) => {
        agrees(p, adjusted[i]!, `holm ${given}`);
      });
    expect(holm([0.01, null, 0.04])).toEqual([0.02, null, 0.04]);
    expect(holm([])).toEqual([]);
  });
  test("goodness of fit agrees with SciPy to 1e-10", () => {
    for (const { counts, expected, statistic, p } of golden.chiSquare) {
      const got = goodnessOfFit(counts, expected ?? undefined).value!;
      agrees(got.statistic, statistic, `statistic of ${counts}`);
      agrees(got.p, p, `p of ${counts}`);
      expect(got.degreesOfFreedom).toBe(counts.length - 1);
    }
    expect(goodnessOfFit([3]).value).toBeNull();
    expect(goodnessOfFit([0, 1]).reason).toContain("1 observations");
    expect(() => goodnessOfFit([1, 2], [0.5, 0.6])).toThrow(LintelError);
  });
});
