import { expect, test } from "vitest";
import { random } from "../util/index.ts";
import { clusteredMean, jackknife } from "./index.ts";

const mean = (sample: readonly number[]): number => sample.reduce((a, b) => a + b, 0) / sample.length;
const draw = random(0, "jackknife");
const values = Array.from({ length: 24 }, () => draw.normal());

test("of a mean it is Student's interval, and of equal clusters the cluster-robust one", () => {
  const alone = values.map((_, i) => String(i));
  const pairs = values.map((_, i) => String(i >> 1));
  const [found, clustered] = [jackknife(values, null, mean).value!, jackknife(values, pairs, mean).value!];
  for (const [at, limit] of clusteredMean(values, alone).value!.interval.entries())
    expect(found[at]).toBeCloseTo(limit, 10);
  for (const [at, limit] of clusteredMean(values, pairs).value!.interval.entries())
    expect(clustered[at]).toBeCloseTo(limit, 10);
  expect(jackknife(values, alone, mean).value).toEqual(found);
});

test("examples that are all there twice tell as much as each once", () => {
  const twice = [...values, ...values];
  const ids = twice.map((_, i) => String(i % values.length));
  const [once, both] = [jackknife(values, null, mean).value!, jackknife(twice, ids, mean).value!];
  expect(both[0]).toBeCloseTo(once[0], 10);
  expect(both[1]).toBeCloseTo(once[1], 10);
});

test("unequal clusters: the interval of a mean covers what it says", () => {
  let covered = 0;
  for (let seed = 0; seed < 400; seed++) {
    const r = random(seed, "unequal");
    const rows = Array.from({ length: 30 }, (_, c) => ({ c, shift: r.normal(), size: 1 + (c % 4) })).flatMap(
      ({ c, shift, size }) => Array.from({ length: size }, () => ({ c, value: shift + 0.5 * r.normal() })),
    );
    const [low, high] = jackknife(
      rows.map(({ value }) => value),
      rows.map(({ c }) => String(c)),
      mean,
    ).value!;
    if (low <= 0 && high >= 0) covered++;
  }
  expect(covered / 400).toBeGreaterThan(0.92);
  expect(covered / 400).toBeLessThan(0.98);
});

test("says why there is none", () => {
  expect(jackknife([1, 2], null, mean).reason).toMatch(/2 clusters/);
  expect(jackknife([1, 1, 1, 1], null, mean).reason).toMatch(/the same/);
  expect(jackknife([1, 2, 3, Number.NaN], null, mean).reason).toMatch(/not finite/);
  const one = Array.from({ length: 20 }, (_, i) => (i < 17 ? "x" : String(i)));
  expect(
    jackknife(
      one.map((_, i) => i),
      one,
      mean,
    ).reason,
  ).toMatch(/worth 1\.4 equal ones/);
});
