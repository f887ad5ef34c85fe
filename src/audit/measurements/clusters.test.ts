import { describe, expect, test } from "vitest";
import { matrix } from "../../numeric/index.ts";
import { random } from "../../util/index.ts";
import { adjustedRandIndex, clusterAgreement, linearProbe, mlpProbe } from "./index.ts";

const classes = 3;
const labels = Array.from({ length: 120 }, (_, i) => i % classes);
const cloud = (shift: number, d: number, seed = 0) => {
  const r = random(seed, "clusters");
  return matrix(
    Float64Array.from({ length: labels.length * d }, (_, i) => {
      const [row, j] = [Math.floor(i / d), i % d];
      return r.normal() + (j === labels[row] ? shift : 0);
    }),
    labels.length,
    d,
  );
};

describe("adjusted Rand index", () => {
  test("is that of scikit-learn on its examples", () => {
    // adjusted_rand_score of scikit-learn's documentation.
    expect(adjustedRandIndex([0, 0, 1, 2], [0, 0, 1, 1])).toBeCloseTo(0.5714285714, 9);
    expect(adjustedRandIndex([0, 0, 1, 1], [0, 0, 1, 2])).toBeCloseTo(0.5714285714, 9);
    expect(adjustedRandIndex([0, 0, 0, 0], [0, 1, 2, 3])).toBe(0);
  });

  test("does not change with names or order, and is 0 on average for what is unrelated", () => {
    const draw = random(0, "rand-index");
    const other = labels.map((label) => (draw.uniform() < 0.8 ? label : draw.integer(classes)));
    const found = adjustedRandIndex(labels, other);
    expect(adjustedRandIndex(other, labels)).toBeCloseTo(found, 12);
    expect(
      adjustedRandIndex(
        labels.map((label) => 2 - label),
        other,
      ),
    ).toBeCloseTo(found, 12);
    const shuffled = Array.from({ length: 400 }, () => adjustedRandIndex(labels, draw.shuffled(labels)));
    expect(Math.abs(shuffled.reduce((sum, x) => sum + x, 0) / 400)).toBeLessThan(0.003);
  });
});

describe("clusters and labels", () => {
  test("planted ones are found, in any scale and rotation", () => {
    const x = cloud(8, 6);
    expect(clusterAgreement(x, labels, 0).value).toMatchObject({ ari: 1, p: 0.001, classes: 3, n: 120 });
    const turned = {
      ...x,
      values: x.values.map((_, i) => {
        const [row, j] = [Math.floor(i / 6), i % 6];
        const at = (k: number) => x.values[row * 6 + k]!;
        return 100 * (j === 0 ? at(0) + at(1) : j === 1 ? at(0) - at(1) : Math.SQRT2 * at(j));
      }),
    };
    expect(clusterAgreement(turned, labels, 1).value!.ari).toBe(1);
  });

  test("there are none in noise: p is uniform, whatever the seed", () => {
    const found = Array.from({ length: 40 }, (_, seed) => clusterAgreement(cloud(0, 5, seed), labels, seed));
    expect(found.filter(({ value }) => value!.p! <= 0.05).length).toBeLessThanOrEqual(6);
    expect(Math.abs(found.reduce((sum, { value }) => sum + value!.ari, 0) / 40)).toBeLessThan(0.01);
  });

  test("says why there are none", () => {
    expect(clusterAgreement(matrix([1, 2], 2, 1), [0, 1], 0).reason).toMatch(/2 examples/);
    expect(
      clusterAgreement(
        cloud(1, 2),
        labels.map(() => 0),
        0,
      ).reason,
    ).toBe("one label only");
    expect(
      clusterAgreement(
        cloud(1, 2),
        labels.map((_, i) => i),
        0,
      ).reason,
    ).toMatch(/120 labels/);
    expect(clusterAgreement(matrix(new Float64Array(120), 120, 1), labels, 0).reason).toMatch(
      /all equal|are equal/,
    );
  });
});

describe("perceptron probe", () => {
  test("reads what is not along a line, and the linear probe does not", () => {
    const r = random(0, "xor");
    const either = labels.map(() => [r.integer(2), r.integer(2)] as const);
    const x = matrix(
      either.flatMap(([a, b]) =>
        [a, b, 0, 0].map((value, j) => (j < 2 ? 2 * value - 1 : 0) + 0.2 * r.normal()),
      ),
      120,
      4,
    );
    const answers = either.map(([a, b]) => a ^ b);
    const [linear, mlp] = [linearProbe(x, answers, 0).value!, mlpProbe(x, answers, 0).value!];
    expect(linear.accuracy).toBeLessThan(0.65);
    expect(mlp.accuracy).toBeGreaterThan(0.95);
    expect(mlp.shuffled).toBeLessThan(0.65);
    expect(mlp.majority).toBe(linear.majority);
  });

  test("finds nothing where nothing is, and in more dimensions than examples what is there", () => {
    const found = [0, 1, 2].map((seed) => mlpProbe(cloud(0, 200, seed), labels, seed).value!.accuracy);
    expect(Math.abs(found.reduce((a, b) => a + b, 0) / 3 - 1 / 3)).toBeLessThan(0.1);
    expect(mlpProbe(cloud(8, 200), labels, 0).value!.accuracy).toBeGreaterThan(0.6);
    expect(mlpProbe(cloud(3, 4), labels, 3)).toEqual(mlpProbe(cloud(3, 4), labels, 3));
    expect(mlpProbe(matrix([1, 2], 2, 1), [0, 1], 0).reason).toMatch(/2 examples/);
  });
});
