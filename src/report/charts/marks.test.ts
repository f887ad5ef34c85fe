import { describe, expect, test } from "vitest";
import { forestRow, forestScale, strip } from "./marks.ts";

describe("forest plot", () => {
  test("the scale holds every interval, the margin and zero", () => {
    const scale = forestScale(
      [
        [-0.7, -0.6],
        [0.01, 0.05],
      ],
      0.02,
    );
    expect(scale.low).toBeLessThan(-0.7);
    expect(scale.high).toBeGreaterThan(0.05);
    const none = forestScale([], 0.02);
    expect(none.low).toBeLessThan(-0.02);
    expect(none.high).toBeGreaterThan(0.02);
  });

  test("an estimate lies between the ends of its interval; without numbers only the band is drawn", () => {
    const scale = forestScale([[-0.2, 0.1]], 0.02);
    const { markup } = forestRow(-0.05, [-0.2, 0.1], scale, 'a "label"');
    const [, from, to] = /M([\d.]+),10H([\d.]+)/.exec(markup)!.map(Number);
    const at = Number(/cx="([\d.]+)"/.exec(markup)![1]);
    expect(from!).toBeLessThan(at);
    expect(at).toBeLessThan(to!);
    expect(markup).toContain('aria-label="a &quot;label&quot;"');
    expect(forestRow(null, null, scale, "x").markup).not.toMatch(/circle|,10H/);
  });
});

test("a strip has one line per seed and leaves out what was not measured", () => {
  const row = { own: 0.3, oracle: 0.9, control: 0.25, chance: 0.25 };
  const count = (markup: string, shape: string): number => markup.split(shape).length - 1;
  const two = strip([row, { ...row, oracle: null, control: null }], "x").markup;
  expect(count(two, "<circle")).toBe(2);
  expect(count(two, 'fill="var(--oracle)"')).toBe(1);
  expect(count(two, "<rect")).toBe(1);
  expect(two).toContain('height="44"');
});
