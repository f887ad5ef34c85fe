import { describe, expect, test } from "vitest";
import { agrees, golden } from "../../test/support/statistics-golden.ts";
import { LintelError } from "../util/index.ts";
import { clusteredMean, effectiveSize } from "./clustered.ts";

describe("clustered standard errors", () => {
  test("agree with the formula of statsmodels in NumPy and SciPy to 1e-10", () => {
    for (const { values, clusters, ...expected } of golden.clustered) {
      const got = clusteredMean(values, clusters).value!;
      agrees(got.mean, expected.mean, "mean");
      agrees(got.error, expected.error, "error");
      agrees(got.interval[0], expected.interval[0]!, "low");
      agrees(got.interval[1], expected.interval[1]!, "high");
      agrees(effectiveSize(values, clusters).value!.designEffect, expected.designEffect, "design effect");
    }
  });
  test("one cluster, or clusters without variation, give null with a reason", () => {
    expect(clusteredMean([1, 0], ["a", "a"]).reason).toContain("1 cluster;");
    expect(clusteredMean([1, 1, 1], ["a", "b", "c"]).reason).toContain("do not vary");
    expect(effectiveSize([], []).reason).toContain("0 clusters");
    expect(() => clusteredMean([1, 2], ["a"])).toThrow(LintelError);
  });
  test("clusters of one cost nothing; copies of one value count once", () => {
    const values = [1, 0, 0, 1, 1, 0, 1];
    const alone = values.map((_, i) => String(i));
    expect(effectiveSize(values, alone).value).toEqual({ clusters: 7, designEffect: 1, size: 7 });
    const twice = effectiveSize([...values, ...values], [...alone, ...alone]).value!;
    expect(twice.size).toBeLessThan(7);
    expect(twice.designEffect).toBeGreaterThan(1.9);
    const equal = effectiveSize(Array(12).fill(0), [..."aaabbbcccddd"]).value!;
    expect(equal).toMatchObject({ clusters: 4, designEffect: 3 });
    expect(equal.size).toBeLessThan(4);
  });
  test("the order of rows changes nothing that counts", () => {
    const values = [1, 0, 1, 1, 0, 0, 1, 0];
    const clusters = [..."aabbccdd"];
    const turned = clusteredMean([...values].reverse(), [...clusters].reverse()).value!;
    expect(turned.error).toBeCloseTo(clusteredMean(values, clusters).value!.error, 14);
  });
});
