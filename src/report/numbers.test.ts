import { describe, expect, test } from "vitest";
import { figure, format, percentTick, pointer, range, rangeText, spread, type Unit } from "./numbers.ts";

describe("format", () => {
  test.each<[number, Unit, string]>([
    [0.9731, "percent", "97.3\u202f%"],
    [0, "percent", "0.0\u202f%"],
    [1, "percent", "100.0\u202f%"],
    [-0.0123, "points", "\u22121.2"],
    [0.0123, "points", "+1.2"],
    [0.0001, "points", "0.0"],
    [-0.0001, "points", "0.0"],
    [0.0341, "p", "0.034"],
    [0.00099, "p", "<\u202f0.001"],
    [0, "p", "<\u202f0.001"],
    [1, "p", "1.000"],
    [-0.04, "decimal", "\u22120.040"],
    [18.44, "tenth", "18.4"],
    [999, "count", "999"],
    [1234567, "count", "1\u202f234\u202f567"],
    [9.94, "seconds", "9.9\u202fs"],
    [59.7, "seconds", "1\u202fmin 0\u202fs"],
    [75.2, "seconds", "1\u202fmin 15\u202fs"],
  ])("%f as %s is %s", (value, unit, text) => {
    expect(format(value, unit)).toBe(text);
  });

  test("ticks are whole per cents", () => {
    expect(percentTick(0.25)).toBe("25\u202f%");
  });
});

describe("figure", () => {
  test("carries its exact value, unit and place", () => {
    expect(figure(1 / 3, "percent", pointer("cells", 0, "a/b~c d")).markup).toBe(
      `<data value="${1 / 3}" data-unit="percent" data-at="#/cells/0/a~1b~0c%20d">33.3\u202f%</data>`,
    );
  });

  test.each([null, undefined, Number.NaN, Number.POSITIVE_INFINITY])(
    "%s is a dash with the reason",
    (value) => {
      expect(figure(value, "percent", pointer("a"), "1 example; needs <2>").markup).toBe(
        '<span class="none" data-at="#/a" title="1 example; needs &lt;2&gt;" aria-label="not available: 1 example; needs &lt;2&gt;">\u2014</span>',
      );
    },
  );

  test("a null without a reason says that it was not computed", () => {
    expect(range(null, "percent", pointer("a")).markup).toContain('title="not computed"');
  });
});

test("intervals: an en dash for shares, words where signs would confuse", () => {
  expect(rangeText([0.25, 0.5], "percent")).toBe("25.0\u201350.0");
  expect(rangeText([-0.01, 0.02], "points")).toBe("\u22121.0 to +2.0");
});

test("a spread shows the smallest and the largest, or one number where both read alike", () => {
  const at = (value: number | null) => ({ value, source: pointer(String(value)) });
  const values = (parts: (number | null)[]): string[] =>
    [...spread(parts.map(at), "percent").markup.matchAll(/value="([^"]*)"/g)].map((m) => m[1]!);
  expect(values([0.5, 0.25, 0.3])).toEqual(["0.25", "0.5"]);
  expect(values([0.2501, 0.25])).toEqual(["0.25"]);
  expect(values([null, 0.4])).toEqual(["0.4"]);
  expect(spread([at(null)], "percent").markup).toContain("\u2014");
});
