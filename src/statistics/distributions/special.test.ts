import { describe, expect, test } from "vitest";
import { agrees, golden } from "../../../test/support/statistics-golden.ts";
import { logBinomialDensity, logRegularizedBeta } from "./beta.ts";
import { deviance, logGamma, logGammaUpper, stirlingError } from "./gamma.ts";
import { logNormalCdf, normalCdf, normalQuantile } from "./normal.ts";
import { logStudentCdf, studentQuantile } from "./student.ts";

describe("normal distribution", () => {
  test("cdf and its logarithm agree with mpmath to 1e-10, also 40 deviations out", () => {
    for (const [z, cdf, log] of golden.normal.cdf as [number, number, number][]) {
      if (cdf > 1e-305) agrees(normalCdf(z), cdf, `cdf(${z})`);
      agrees(logNormalCdf(z), log, `log cdf(${z})`);
    }
    for (const [z, log] of golden.normal.logCdfOnly as [number, number][])
      agrees(logNormalCdf(z), log, `log cdf(${z})`);
    expect([logNormalCdf(Infinity), logNormalCdf(-Infinity)]).toEqual([0, -Infinity]);
  });
  test("quantile agrees with mpmath to 1e-10, down to p = 1e-300, and inverts the cdf", () => {
    for (const [p, z] of golden.normal.quantile as [number, number][])
      agrees(normalQuantile(p), z, `quantile(${p})`);
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
    expect(normalQuantile(-0.1)).toBeNaN();
  });
});

describe("Student's t", () => {
  test("cdf and quantile agree with mpmath to 1e-10, at p = 1e-300 too", () => {
    for (const [t, df, log] of golden.student.cdf as [number, number, number][])
      agrees(logStudentCdf(t, df), log, `log cdf(${t}; ${df})`);
    for (const [p, df, t] of golden.student.quantile as [number, number, number][])
      agrees(studentQuantile(p, df), t, `quantile(${p}; ${df})`);
    expect([studentQuantile(0.5, 4), logStudentCdf(0, 9)]).toEqual([0, -Math.LN2]);
  });
});

describe("gamma and beta", () => {
  test("log-gamma and the upper incomplete gamma agree with mpmath to 1e-10", () => {
    for (const [x, value] of golden.gamma.logGamma as [number, number][])
      agrees(logGamma(x), value, `logGamma(${x})`);
    for (const [a, x, q, log] of golden.gamma.upper as [number, number, number, number][]) {
      agrees(Math.exp(logGammaUpper(a, x)), q, `Q(${a}, ${x})`);
      if (q < 0.5) agrees(logGammaUpper(a, x), log, `log Q(${a}, ${x})`);
    }
    expect([logGamma(1), logGamma(2), logGammaUpper(3, 0)]).toEqual([0, 0, 0]);
  });
  test("Stirling's error is continuous where the series takes over, and the deviance where its series does", () => {
    expect(stirlingError(15.999999999) - stirlingError(16)).toBeLessThan(1e-12);
    expect(stirlingError(1)).toBeCloseTo(1 - 0.5 * Math.log(2 * Math.PI), 14);
    expect(deviance(10, 10)).toBe(0);
    expect(deviance(122.2, 100)).toBeCloseTo(122.2 * Math.log(1.222) - 22.2, 11);
    expect(deviance(122.3, 100)).toBeCloseTo(122.3 * Math.log(1.223) - 22.3, 11);
  });
  test("the regularised incomplete beta agrees with mpmath to 1e-10, underflow included", () => {
    for (const [a, b, x, value, log] of golden.beta as [number, number, number, number, number][]) {
      if (value > 1e-305) agrees(Math.exp(logRegularizedBeta(x, a, b)), value, `I_${x}(${a}, ${b})`);
      if (value < 0.5) agrees(logRegularizedBeta(x, a, b), log, `log I_${x}(${a}, ${b})`);
    }
    expect([logRegularizedBeta(0, 1, 1), logRegularizedBeta(1, 1, 1)]).toEqual([-Infinity, 0]);
  });
  test("binomial density agrees with mpmath to 1e-10", () => {
    for (const [k, n, p, log] of golden.binomial.logPmf as [number, number, number, number][])
      agrees(logBinomialDensity(k, n - k, p), log, `pmf(${k}; ${n}, ${p})`);
    expect(logBinomialDensity(1, 1, 0)).toBe(-Infinity);
    expect(logBinomialDensity(0, 0, 0.3)).toBe(0);
  });
});
