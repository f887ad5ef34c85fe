/** docs/calibration.md is made by scripts/calibrate.mjs; a part of its figures is computed anew here. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
// @ts-expect-error: a plain script, because Node 20 runs no TypeScript
import * as C from "../scripts/calibration.mjs";
// @ts-expect-error: likewise
import * as G from "../scripts/calibration-grids.mjs";
import * as audit from "../src/audit/index.ts";
import * as statistics from "../src/statistics/index.ts";
import { random } from "../src/util/index.ts";

const L = { ...audit, ...statistics, random };
const golden = JSON.parse(readFileSync(new URL("./goldens/calibration.json", import.meta.url), "utf8"));

interface Paired {
  n: number;
  rate: number;
  gap: number;
  correlation: number;
  expected: number;
  coverage: number;
  tango: number;
}

describe("intervals", () => {
  test("accuracy: every cell is between 93.5 and 96.5 %, and as committed", () => {
    expect(golden.proportions).toHaveLength(9);
    for (const { n, rate, midP } of golden.proportions) {
      const coverage = C.proportionCoverage(L, statistics.proportionInterval, n, rate);
      expect(coverage).toBeCloseTo(midP, 4);
      expect(coverage, `n = ${n}, rate ${rate}`).toBeGreaterThanOrEqual(0.935);
      expect(coverage, `n = ${n}, rate ${rate}`).toBeLessThanOrEqual(0.965);
    }
  });
  test("paired differences: never below 93.5 %, above 96.5 % only where fewer than three discordant pairs are expected", () => {
    const rows = golden.paired as Paired[];
    expect(rows).toHaveLength(66);
    for (const row of rows) {
      expect(row.coverage, JSON.stringify(row)).toBeGreaterThanOrEqual(0.935);
      if (row.expected >= 3) expect(row.coverage, JSON.stringify(row)).toBeLessThanOrEqual(0.965);
    }
    // One more than the least that any interval must leave outside (test/goldens/statistics/paired-interval.json).
    expect(rows.filter(({ coverage }) => coverage > 0.965)).toHaveLength(8);
    const known = new Map([50, 200].map((n) => [n, new Map()]));
    for (const row of rows.filter(({ n, expected }) => n <= 200 && expected <= 25)) {
      const pairs = C.discordance(row.rate, row.gap, row.correlation);
      const coverage = C.pairedCoverage(L, row.n, pairs, known.get(row.n));
      expect(coverage, JSON.stringify(row)).toBeCloseTo(row.coverage, 4);
      expect(C.tangoCoverage(L, row.n, pairs), JSON.stringify(row)).toBeCloseTo(row.tango, 4);
    }
  });
  test("seeds: no cell of the grid far below what it says; where t alone falls short it holds", () => {
    const rows = golden.seeds as { n: number; coverage: number | null }[];
    expect(rows.length).toBe(480);
    // 93.5 % less two standard errors of 500 simulations.
    for (const row of [...rows, ...golden.seedDifferences])
      expect(row.coverage ?? 1, JSON.stringify(row)).toBeGreaterThan(0.915);
    for (const given of [
      { seeds: 3, n: 60, rate: 0.5, spread: 0.05, shared: 0 },
      { seeds: 5, n: 60, rate: 0.95, spread: 0.1, shared: 0 },
      { seeds: 10, n: 60, rate: 0.5, spread: 0, shared: 0.6 },
    ]) {
      const { coverage } = G.seedCoverage(L, given, 200, 1);
      expect(coverage, JSON.stringify(given)).toBeGreaterThan(0.9);
    }
  });
  test("shared images: no cell below, and the cases that covered 60 to 80 % hold", () => {
    // 93.5 % less one standard error of 1,000 simulations.
    for (const row of [...golden.clusters, ...golden.clusterDifferences])
      expect(row.coverage ?? 1, JSON.stringify(row)).toBeGreaterThan(0.928);
    for (const given of [
      { layout: "10 × 20", rate: 0.9, law: "coin", correlation: 0.3 },
      { layout: "10 × 20", rate: 0.95, law: "coin", correlation: 0.6 },
      { layout: "100 and 29 × 1–5", rate: 0.5, law: "coin", correlation: 0.3 },
    ]) {
      const { coverage } = G.clusterCoverage(L, given, 200, 1);
      expect(coverage, JSON.stringify(given)).toBeGreaterThan(0.92);
    }
    for (const row of golden.clusterDifferences)
      if (row.gap === 0) expect(row.different, JSON.stringify(row)).toBeLessThan(0.072);
      else expect(row.equivalent, JSON.stringify(row)).toBeLessThan(0.072);
    const again = { layout: "10 × 20", rate: 0.9, gap: 0, law: "coin", first: 0.6, second: 0 };
    expect(G.clusterDifference(L, again, 150, 1).different).toBeLessThan(0.05);
  });
  test("further looks: corrected they stay within 5 %", () => {
    expect(golden.looks).toHaveLength(2);
    for (const row of golden.looks) expect(row.corrected, row.name).toBeLessThanOrEqual(0.05);
  });
});

describe("false claims", () => {
  test("McNemar and equivalence: never above 5 %, by exact sums", () => {
    for (const { n, half, size } of golden.mcnemar) {
      expect(size).toBeLessThanOrEqual(0.05);
      if (n <= 200) expect(C.mcnemarSize(L, n, half)).toBeCloseTo(size, 4);
    }
    for (const { n, margin, second, exact } of golden.equivalence) {
      expect(exact).toBeLessThanOrEqual(0.05);
      if (n <= 200) expect(C.equivalenceSize(L, n, margin, second).exact).toBeCloseTo(exact, 4);
    }
    // What the exact test is for.
    expect(Math.max(...golden.equivalence.map(({ normal }: { normal: number }) => normal))).toBeGreaterThan(
      0.05,
    );
  });
  test("verdicts: at most 5 % of 2,000 audits, and the first 40 again as committed", () => {
    for (const { name, audits, wrong, first40 } of golden.verdicts) {
      expect(audits).toBe(2000);
      expect(wrong / audits, name).toBeLessThanOrEqual(0.05);
      expect(C.falseVerdicts(L, name, 0, 40), name).toBe(first40);
    }
  });
});

test("power is what it was", () => {
  const [{ n, gain10, same5 }] = golden.power;
  expect(statistics.exactMcnemarPower(n, { first: 0.125, second: 0.025 })).toBeCloseTo(gain10, 3);
  expect(statistics.exactEquivalencePower(n, { first: 0.025, second: 0.025 })).toBeCloseTo(same5, 3);
});
