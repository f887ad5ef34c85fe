import { describe, expect, test } from "vitest";
import { matrix } from "../../numeric/index.ts";
import { unknown } from "../../statistics/index.ts";
import { random } from "../../util/index.ts";
import { doseOf, linearProbe, ownDistribution } from "./index.ts";

/** Six vectors of p numbers, as in the script that made the golden numbers. */
const six = (p: number): Float32Array[] =>
  Array.from({ length: 6 }, (_, r) =>
    Float32Array.from({ length: p }, (_, c) => Math.sin(1 + 3 * r + 2 * c * c) * (c + 1)),
  );

describe("Mahalanobis distance", () => {
  // numpy: Ledoit & Wolf's formula by the outer products of all rows, then numpy.linalg.solve.
  test.each([
    [3, 0.06058741610393624, 1.2208617125355419],
    [9, 0.04052672446234567, 11.242824980972365],
  ])("equals numpy's with %i dimensions and 6 examples", (p, shrinkage, distance) => {
    const found = ownDistribution(six(p), p).value!;
    const y = Float32Array.from({ length: p }, (_, c) => (c + 1) / 2);
    expect(found.shrinkage).toBeCloseTo(shrinkage, 9);
    expect(found.distance(y, 0) / distance).toBeCloseTo(1, 8);
  });

  test("has a mean for each slot", () => {
    const blocks = [0, 1, 2, 3].map((i) =>
      Float32Array.of(i % 2, i > 1 ? 1 : 0, 100 + (i % 2), 100 + (i > 1 ? 1 : 0)),
    );
    const { distance } = ownDistribution(blocks, 2).value!;
    expect(distance([0.5, 0.5], 0)).toBeCloseTo(0, 12);
    expect(distance([100.5, 100.5], 1)).toBeCloseTo(0, 12);
    expect(distance([100.5, 100.5], 0)).toBeGreaterThan(100);
  });

  test("of own latents is, squared and on average, about the number of dimensions", () => {
    const r = random(0, "cloud");
    const blocks = Array.from({ length: 400 }, () =>
      Float32Array.from({ length: 8 }, (_, j) => (j + 1) * r.normal()),
    );
    const { distance } = ownDistribution(blocks, 8).value!;
    const mean = blocks.reduce((sum, z) => sum + distance(z, 0) ** 2, 0) / blocks.length;
    expect(Math.abs(mean / 8 - 1)).toBeLessThan(0.1);
  });

  test("says why there is none", () => {
    expect(ownDistribution([], 2).reason).toMatch(/0 own blocks/);
    expect(ownDistribution([Float32Array.of(1, 2)], 2).reason).toMatch(/1 own blocks/);
    const same = [Float32Array.of(1, 2), Float32Array.of(1, 2)];
    expect(ownDistribution(same, 2).reason).toBe("own latents do not vary");
    const broken = [Float32Array.of(1, 2), Float32Array.of(Number.NaN, 2)];
    expect(ownDistribution(broken, 2).reason).toMatch(/1 own blocks/);
  });
});

describe("dose", () => {
  const none = unknown<never>("too few");

  test("is a mean over slots and blocks; a further block is held against the last", () => {
    const own = [Float32Array.of(3, 4, 0, 1)];
    const fed = [Float32Array.of(0, 0, 0, 2), Float32Array.of(3, 4)];
    const { norm, distance } = doseOf(fed, own, 2, none);
    expect(norm).toBeCloseTo((0 + 2 + 5) / 3, 12);
    expect(distance).toBeCloseTo((5 + 1 + 0) / 3, 12);
  });

  test("is null where it means nothing, with the reason", () => {
    const own = [Float32Array.of(1, 0)];
    const zero = doseOf([new Float32Array(2)], own, 2, none);
    expect(zero).toMatchObject({
      norm: 0,
      distance: 1,
      cosine: null,
      reason: expect.stringMatching(/no direction/),
    });
    expect(doseOf([Float32Array.of(1, 1, 2, 2)], [Float32Array.of(1, 1)], 2, none)).toMatchObject({
      distance: null,
      reason: "more slots than own latents have",
    });
    expect(doseOf([], own, 2, none)).toMatchObject({
      norm: null,
      reason: expect.stringMatching(/no latents/),
    });
    expect(doseOf([Float32Array.of(1, 1)], [], 2, none)).toMatchObject({
      distance: null,
      reason: expect.stringMatching(/no own latents/),
    });
    expect(doseOf(own, own, 2, none)).toMatchObject({ cosine: 1, mahalanobis: null, reason: "too few" });
    const broken = Float32Array.of(Number.NaN, 1);
    expect(doseOf([broken], own, 2, none)).toMatchObject({
      norm: null,
      reason: expect.stringMatching(/not finite/),
    });
  });
});

describe("linear probe", () => {
  const classes = 3;
  const labels = Array.from({ length: 120 }, (_, i) => i % classes);
  const cloud = (shift: number, d: number, seed = 0) => {
    const r = random(seed, "probe cloud");
    return matrix(
      Float64Array.from({ length: labels.length * d }, (_, i) => {
        const [row, j] = [Math.floor(i / d), i % d];
        return r.normal() + (j === labels[row] ? shift : 0);
      }),
      labels.length,
      d,
    );
  };

  test("reads what is there", () => {
    const { value } = linearProbe(cloud(6, 8), labels, 0);
    expect(value!.accuracy).toBeGreaterThan(0.97);
    expect(value!.information).toBeGreaterThan(0.8 * Math.log(classes));
    expect(value!.shuffled).toBeLessThan(0.5);
    expect(value).toMatchObject({ majority: 1 / 3, classes, n: 120 });
    expect(value!.right).toHaveLength(120);
  });

  test("finds nothing where nothing is: about chance, with few and with many dimensions", () => {
    for (const d of [4, 300]) {
      const found = Array.from(
        { length: 5 },
        (_, seed) => linearProbe(cloud(0, d, seed), labels, seed).value!.accuracy,
      );
      expect(Math.abs(found.reduce((a, b) => a + b, 0) / 5 - 1 / 3)).toBeLessThan(0.08);
    }
  });

  test("sees the same in more dimensions than examples as without the empty ones", () => {
    const x = cloud(1.5, 6);
    const wide = matrix(
      Float64Array.from({ length: 120 * 200 }, (_, i) =>
        i % 200 < 6 ? x.values[Math.floor(i / 200) * 6 + (i % 200)]! : 7,
      ),
      120,
      200,
    );
    const [a, b] = [linearProbe(x, labels, 0).value!, linearProbe(wide, labels, 0).value!];
    expect(Math.abs(a.accuracy - b.accuracy)).toBeLessThan(0.03);
    expect(Math.abs(a.crossEntropy - b.crossEntropy)).toBeLessThan(0.05);
  });

  test("says why there is none, and is the same at every call", () => {
    const x = cloud(1, 4);
    expect(linearProbe(x, labels, 3)).toEqual(linearProbe(x, labels, 3));
    expect(linearProbe(matrix([1, 2], 2, 1), [0, 1], 0).reason).toMatch(/2 examples/);
    expect(
      linearProbe(
        x,
        labels.map(() => 0),
        0,
      ).reason,
    ).toBe("one label only");
    expect(
      linearProbe(
        x,
        labels.map((_, i) => Number(i === 0)),
        0,
      ).reason,
    ).toMatch(/a label with 1 examples/);
    const broken = matrix(Float64Array.from(x.values).fill(Number.NaN, 0, 1), 120, 4);
    expect(linearProbe(broken, labels, 0).reason).toMatch(/not finite/);
  });
});
