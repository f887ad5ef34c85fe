import { describe, expect, test } from "vitest";
import { matrix } from "../../numeric/index.ts";
import { random } from "../../util/index.ts";
import { centeredPairwiseCosine, components, positions, whitenedPairwiseCosine } from "./index.ts";

/** n vectors whose j-th number has deviation scales[j]. */
const cloud = (n: number, scales: readonly number[]) => {
  const r = random(1, "components");
  return matrix(
    Float64Array.from({ length: n * scales.length }, (_, i) => scales[i % scales.length]! * r.normal()),
    n,
    scales.length,
  );
};

describe("principal components for a share of the variance", () => {
  test("by hand: variances 8, 1, 0.9 and 0.1", () => {
    const x = matrix(
      [8, 1, 0.9, 0.1].flatMap((variance, j) =>
        [1, -1].flatMap((sign) => [0, 1, 2, 3].map((i) => (i === j ? sign * Math.sqrt(variance) : 0))),
      ),
      8,
      4,
    );
    expect(components(x).value).toEqual({ rank90: 2, rank95: 3, rank99: 3 });
  });
  test("all directions alike, and none", () => {
    expect(components(matrix([1, 0, -1, 0, 0, 1, 0, -1], 4, 2)).value!.rank90).toBe(2);
    expect(components(matrix([1, 1, 1, 1], 2, 2)).reason).toMatch(/equal/);
    expect(components(matrix([1, 1], 1, 2)).reason).toMatch(/1 vector/);
  });
});

describe("whitened cosine", () => {
  test("forgets the size of dimensions, which the centered one does not", () => {
    // Two groups along a small dimension, hidden by a large one.
    const r = random(2, "whitened");
    const x = matrix(
      Float64Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 100 * r.normal() : i % 4 === 1 ? 1 : -1)),
      200,
      2,
    );
    const scaled = matrix(
      x.values.map((value, i) => (i % 2 === 0 ? value * 10 : value)),
      200,
      2,
    );
    expect(whitenedPairwiseCosine(scaled).value!).toBeCloseTo(whitenedPairwiseCosine(x).value!, 2);
  });
  test("of vectors without structure it is about −1 / (n − 1), with fewer or more numbers than vectors", () => {
    for (const scales of [Array.from({ length: 4 }, (_, j) => j + 1), Array(90).fill(1)])
      expect(Math.abs(whitenedPairwiseCosine(cloud(60, scales)).value! + 1 / 59)).toBeLessThan(0.01);
  });
  test("is the centered one where all dimensions vary alike", () => {
    const x = cloud(500, [1, 1, 1]);
    expect(Math.abs(whitenedPairwiseCosine(x).value! - centeredPairwiseCosine(x).value!)).toBeLessThan(0.003);
  });
  test("none of equal vectors, or of NaN", () => {
    expect(whitenedPairwiseCosine(matrix([1, 1], 2, 1)).reason).toMatch(/equal/);
    expect(whitenedPairwiseCosine(matrix([1, Number.NaN], 2, 1)).reason).toMatch(/not finite/);
  });
});

describe("positions", () => {
  test("by hand", () => {
    const { value } = positions([Float32Array.of(1, 3), Float32Array.of(3, 5)], 1);
    expect(value).toEqual({ withinExamples: 1, betweenExamples: 1, ratio: 1, adjacentCosine: 1 });
  });
  test("equal blocks have no ratio; one slot, one block and NaN have nothing", () => {
    const same = [Float32Array.of(1, 3), Float32Array.of(1, 3)];
    expect(positions(same, 1).value).toMatchObject({ betweenExamples: 0, ratio: null });
    expect(positions([Float32Array.of(1), Float32Array.of(2)], 1).reason).toBe("one slot per block");
    expect(positions(same.slice(1), 1).reason).toMatch(/1 blocks/);
    expect(positions([...same, Float32Array.of(Number.NaN, 0)], 1).reason).toMatch(/1 of 3 blocks/);
  });
});
