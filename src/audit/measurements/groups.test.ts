/** Examples that share their images: probes and permutations must not take what is there twice for a finding. */
import { describe, expect, test } from "vitest";
import { matrix } from "../../numeric/index.ts";
import { random } from "../../util/index.ts";
import { foldsOf, groupsWith, permutedBetween } from "./groups.ts";
import { clusterAgreement, linearProbe, mlpProbe } from "./index.ts";

const [n, d, times] = [60, 20, 2];
/** Every vector is there twice, with one random label of four. */
const twice = (seed: number) => {
  const r = random(seed, "twice");
  const base = Array.from({ length: n * d }, () => r.normal());
  const labels = Array.from({ length: n }, () => r.integer(4));
  return {
    x: matrix([...base, ...base], n * times, d),
    labels: [...labels, ...labels],
    groups: Array.from({ length: n * times }, (_, i) => `image ${i % n}`),
  };
};

describe("every vector twice, labels at random", () => {
  test.each([
    ["linear", linearProbe, [0, 1, 2, 3, 4]],
    ["perceptron", mlpProbe, [0, 1, 2]],
  ] as const)("a %s probe finds no more than chance, and without groups it would", (_, probe, seeds) => {
    const found = seeds.map((seed) => {
      const { x, labels, groups } = twice(seed);
      return { apart: probe(x, labels, seed).value!, together: probe(x, labels, seed, groups).value! };
    });
    const mean = (of: (each: (typeof found)[number]) => number) =>
      found.reduce((sum, each) => sum + of(each), 0) / seeds.length;
    // 180 independent examples in three runs: a standard error of 0.035.
    expect(mean(({ together }) => together.accuracy - together.majority)).toBeLessThan(0.07);
    expect(mean(({ together }) => together.shuffled! - together.majority)).toBeLessThan(0.07);
    expect(mean(({ apart }) => apart.accuracy - apart.majority)).toBeGreaterThan(0.08);
    for (const { together } of found) {
      expect(together).toMatchObject({ groups: n, n: 2 * n });
      expect(together.effective).toBeCloseTo(n, 9);
      expect(together.interval![0]).toBeLessThanOrEqual(together.majority);
    }
  });

  test("clusters: p is no smaller than it should be, and without groups it would be", () => {
    const seeds = Array.from({ length: 60 }, (_, seed) => seed);
    const found = seeds.map((seed) => {
      const { x, labels, groups } = twice(seed);
      return [
        clusterAgreement(x, labels, seed).value!.p!,
        clusterAgreement(x, labels, seed, groups).value!.p!,
      ] as const;
    });
    expect(found.filter(([, p]) => p <= 0.1).length).toBeLessThanOrEqual(12);
    expect(found.filter(([p]) => p <= 0.1).length).toBeGreaterThan(12);
  });
});

describe("what is there is still found", () => {
  test("in groups, with the interval and number of groups", () => {
    const { x, groups } = twice(0);
    const labels = groups.map((_, i) => Number(x.values[i * d]! > 0));
    const { accuracy, shuffled, interval } = linearProbe(x, labels, 0, groups).value!;
    expect(accuracy).toBeGreaterThan(0.75);
    expect(shuffled).toBeLessThan(0.65);
    // As wide as that of 60 examples.
    expect(interval![1] - interval![0]).toBeGreaterThan(0.12);
  });

  test("groups of one are no groups, to the bit", () => {
    const { x, labels } = twice(1);
    const alone = labels.map((_, i) => String(i));
    expect(permutedBetween(labels, alone, random(0, "p"))).toEqual(random(0, "p").shuffled(labels));
    expect(clusterAgreement(x, labels, 0, alone)).toEqual(clusterAgreement(x, labels, 0));
    // Without groups: examples in random order, sorted by label, go round.
    const order = random(0, "f").shuffled(labels.map((_, i) => i));
    const expected = labels.map(() => 0);
    for (const [at, i] of order.sort((a, b) => labels[a]! - labels[b]!).entries()) expected[i] = at % 5;
    expect(foldsOf(labels, null, 5, random(0, "f"))).toEqual(expected);
  });
});

test("folds keep groups whole, are of like size, and have every label", () => {
  const r = random(0, "folds");
  const groups = Array.from({ length: 40 }, (_, g) =>
    Array.from({ length: 1 + (g % 4) }, () => `${g}`),
  ).flat();
  const labels = groups.map(() => r.integer(3));
  const fold = foldsOf(labels, groups, 5, r);
  for (const id of new Set(groups)) expect(new Set(fold.filter((_, i) => groups[i] === id)).size).toBe(1);
  const sizes = [0, 1, 2, 3, 4].map((f) => fold.filter((each) => each === f).length);
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(6);
  for (const f of [0, 1, 2, 3, 4]) expect(new Set(labels.filter((_, i) => fold[i] === f)).size).toBe(3);
});

test("labels change places with those of groups of equal size, as wholes", () => {
  const groups = [..."aabbccdddeef"];
  const labels = groups.map((id, i) => `${id}${i}`);
  const draw = random(0, "whole");
  const seen = new Set<string>();
  for (let i = 0; i < 50; i++) {
    const permuted = permutedBetween(labels, groups, draw)!;
    expect([...permuted].sort()).toEqual([...labels].sort());
    for (const id of "abcde") {
      const inside = permuted.filter((_, at) => groups[at] === id);
      expect(new Set(inside.map((label) => label[0])).size).toBe(1);
    }
    // The only ones of three and of one stay.
    expect([permuted[6], permuted[11]]).toEqual([labels[6], labels[11]]);
    seen.add(permuted[0]!);
  }
  expect(seen.size).toBe(4);
  expect(permutedBetween(["x", "y", "z"], ["a", "b", "b"], draw)).toBeNull();
});

test("says why there is none", () => {
  const { x, labels, groups } = twice(0);
  const one = labels.map((label, i) => (label === 0 ? "one image" : groups[i]!));
  expect(groupsWith(labels, one).get(0)).toBe(1);
  expect(linearProbe(x, labels, 0, one).reason).toBe(
    "a label in 1 groups of examples that share images; a probe needs at least 5",
  );
  const sizes = Array.from({ length: 15 }, (_, g) => Array.from({ length: 1 + g }, () => `${g}`)).flat();
  const { p, reasons } = clusterAgreement(x, labels, 0, sizes.slice(0, 120)).value!;
  expect([p, reasons!.p]).toEqual([null, expect.stringMatching(/no other of their size/)]);
  expect(() => linearProbe(x, labels, 0, ["a"])).toThrow(/one for each example/);
});
