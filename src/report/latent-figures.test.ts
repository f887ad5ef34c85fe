import { describe, expect, test } from "vitest";
import { random } from "../util/index.ts";
import { type Cloud, DRAWN, histogram, latentFigures, meanOverSlots, project } from "./latent-figures.ts";

function cloud(rows: number[][]): Cloud {
  return { n: rows.length, width: rows[0]!.length, rows: Float64Array.from(rows.flat()) };
}

test("the mean over slots", () => {
  const { rows } = meanOverSlots([1, 2, 3, 4, 10, 20, 30, 40], [2, 2, 2]);
  expect([...rows]).toEqual([2, 3, 20, 30]);
});

test("a histogram counts every value once, rounding at the ends included", () => {
  const { counts, total } = histogram([-1, -1.0000001, 0, 0.5, 1, 1.0000001], -1, 1, 4);
  expect(counts).toEqual([2, 0, 1, 3]);
  expect(total).toBe(6);
});

describe("project", () => {
  // An ellipse with known axes, embedded in five dimensions by an orthonormal pair.
  const stream = random(3, "project");
  const u = [0.6, 0, 0.8, 0, 0];
  const v = [0, 1 / Math.SQRT2, 0, 0, -1 / Math.SQRT2];
  const plane = Array.from({ length: 80 }, () => [5 * stream.normal(), 0.7 * stream.normal()] as const);
  const rows = plane.map(([a, b]) => u.map((x, d) => 3 + a * x + b * v[d]!));
  const { own, oracle, explained } = project(cloud(rows.slice(0, 40)), cloud(rows.slice(40)));

  test("keeps the distances of points that lie in a plane", () => {
    const points = [...own, ...oracle];
    for (let i = 1; i < points.length; i++) {
      const seen = Math.hypot(points[i]![0] - points[0]![0], points[i]![1] - points[0]![1]);
      const real = Math.hypot(plane[i]![0] - plane[0]![0], plane[i]![1] - plane[0]![1]);
      expect(seen).toBeCloseTo(real, 6);
    }
  });

  test("the shares are those of the eigenvalues of the covariance", () => {
    const mean = (values: number[]): number => values.reduce((s, x) => s + x, 0) / values.length;
    const [a, b] = [plane.map((p) => p[0]), plane.map((p) => p[1])];
    const [ma, mb] = [mean(a), mean(b)];
    const aa = mean(a.map((x) => (x - ma) ** 2));
    const bb = mean(b.map((x) => (x - mb) ** 2));
    const ab = mean(a.map((x, i) => (x - ma) * (b[i]! - mb)));
    const root = Math.sqrt((aa - bb) ** 2 / 4 + ab ** 2);
    expect(explained[0]).toBeCloseTo(((aa + bb) / 2 + root) / (aa + bb), 9);
    expect(explained[0] + explained[1]).toBeCloseTo(1, 9);
  });

  test("points that are all one have no direction", () => {
    const same = cloud([
      [1, 2],
      [1, 2],
    ]);
    expect(project(same, same)).toEqual({
      own: [
        [0, 0],
        [0, 0],
      ],
      oracle: [
        [0, 0],
        [0, 0],
      ],
      explained: [0, 0],
    });
  });
});

describe("latentFigures", () => {
  test("cosines of different examples, and of own latents to right and other oracles", () => {
    const own = [1, 0, 0, 2];
    const oracle = [0, 3, 0, 1];
    const picture = latentFigures(own, oracle, [2, 1, 2])!;
    const mean = (bins: { from: number; to: number; counts: number[]; total: number }): number =>
      bins.counts.reduce(
        (s, c, i) => s + c * (bins.from + ((i + 0.5) * (bins.to - bins.from)) / bins.counts.length),
        0,
      ) / bins.total;
    const bin = 1 / 48;
    expect(picture.pairwise.own.total).toBe(1);
    expect(Math.abs(mean(picture.pairwise.own) - 0)).toBeLessThanOrEqual(bin);
    expect(Math.abs(mean(picture.pairwise.oracle) - 1)).toBeLessThanOrEqual(bin);
    expect(picture.paired.right.total).toBe(2);
    expect(Math.abs(mean(picture.paired.right) - 0.5)).toBeLessThanOrEqual(bin);
    expect(picture.paired.other.total).toBe(2);
  });

  test("examples whose latents are not finite are left out and counted", () => {
    const picture = latentFigures([1, 0, Number.NaN, 1, 0, 1], [1, 0, 0, 1, 1, 1], [3, 1, 2])!;
    expect([picture.n, picture.dropped, picture.available]).toEqual([2, 1, 3]);
    expect(latentFigures([Number.NaN, 0, 1, 1], [1, 0, 0, 1], [2, 1, 2])).toBeNull();
  });

  test("large audits are drawn from their first examples", () => {
    const n = DRAWN + 5;
    const values = Float32Array.from({ length: n * 2 }, (_, i) => Math.sin(i));
    const picture = latentFigures(values, values, [n, 1, 2])!;
    expect([picture.n, picture.available]).toEqual([DRAWN, n]);
    expect(picture.pairwise.own.total).toBe((DRAWN * (DRAWN - 1)) / 2);
  });
});
