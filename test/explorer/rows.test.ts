import { describe, expect, it } from "vitest";
import { clock, decimal, duration, percent, points, sentence } from "../../explorer/src/format.ts";
import { differing } from "../../explorer/src/parts/diff.ts";
import { ticksBetween, timeTicks } from "../../explorer/src/parts/plots.tsx";
import { differencesOf } from "../../explorer/src/parts/selection-differences.tsx";
import {
  type Rows,
  rangesOf,
  rowsOfRanges,
  selectRows,
  sortRows,
  termText,
} from "../../explorer/src/rows.ts";
import { compareAll } from "../../src/audit/index.ts";
import { typeset } from "../../src/statistics/index.ts";
import { plant } from "../support/planted.ts";

/** Four examples with the answers 0 1 2 0. */
const rows = {
  n: 4,
  ids: ["a", "b", "c", "d"],
  interventions: ["own", "zeros"],
  answers: Uint8Array.of(0, 1, 2, 0),
  choices: { own: Int8Array.of(0, 0, -1, 0), zeros: Int8Array.of(1, 1, -2, 0) },
  right: { own: Uint8Array.of(200, 10, 255, 100), zeros: Uint8Array.of(0, 0, 0, 0) },
  disagree: Uint8Array.of(0, 0, 1, 0),
  rank: Uint16Array.of(3, 1, 0, 2),
  looks: Uint8Array.of(0, 0, 255, 1),
  attributes: { shape: { values: ["L", "T"], codes: Uint8Array.of(0, 1, 1, 0) } },
  place: new Map([
    ["a", 0],
    ["b", 1],
    ["c", 2],
    ["d", 3],
  ]),
} as unknown as Rows;
const pick = (...terms: string[]) => [...selectRows(rows, { terms, chosen: null, found: null }, rows)];

describe("filters", () => {
  it.each([
    [[], [0, 1, 2, 3]],
    [["own=right"], [0, 3]],
    [["own=wrong"], [1, 2]],
    [["own=unread"], [2]],
    [["zeros=absent"], [2]],
    [["own=right", "zeros=wrong"], [0]],
    [["own!=zeros"], [0, 1]],
    [["@shape=T"], [1, 2]],
    [["readers"], [2]],
    [["rank>1"], [0, 3]],
    [["rank=1"], [1]],
    [["looks=right"], [0]],
    [["looks=wrong"], [1, 3]],
    [["looks=own"], [0, 1]],
    [["looks=B"], [3]],
    [
      ["B.own=right", "own=right"],
      [0, 3],
    ],
    [["nothing=right"], []],
    [["@nothing=x"], []],
  ] as [string[], number[]][])("%j", (terms, expected) => {
    expect(pick(...terms)).toEqual(expected);
    for (const term of terms) expect(termText(term)).not.toBe("");
  });

  it("order rows by a column, those without a value last", () => {
    const all = Int32Array.of(0, 1, 2, 3);
    expect([...sortRows(rows, all, "own")]).toEqual([1, 3, 0, 2]);
    expect([...sortRows(rows, all, "-own")]).toEqual([0, 3, 1, 2]);
    expect([...sortRows(rows, all, "rank")]).toEqual([1, 3, 0, 2]);
  });

  it("keep brushed rows in the address", () => {
    expect(rangesOf([9, 1, 2, 3, 7])).toBe("1-3.7.9");
    expect([...rowsOfRanges("1-3.7.9")]).toEqual([1, 2, 3, 7, 9]);
  });
});

describe("a selection", () => {
  it("has the differences that an audit of its examples alone has", () => {
    const outcomes = plant({ n: 80, seed: 9, rates: { own: 0.4, oracle: 0.9, zeros: 0.35 }, shared: 0.2 });
    const interventions = ["own", "oracle", "zeros"];
    const planted = {
      ...rows,
      n: 80,
      interventions,
      answers: Uint8Array.from(outcomes, ({ answer }) => answer),
      choices: Object.fromEntries(
        interventions.map((name) => [
          name,
          Int8Array.from(outcomes, (each) => each.outcomes[name]!.choice ?? -1),
        ]),
      ),
    } as unknown as Rows;
    const selected = Int32Array.from({ length: 40 }, (_, i) => 2 * i);
    const part = [...selected].map((row) => outcomes[row]!);
    const expected = compareAll(part, interventions, { margin: 0.02, alpha: 0.05 });
    for (const { name, ...found } of differencesOf(planted, selected).slice(1)) {
      const row = expected.find((each) => each.intervention === name && each.reference === "own")!;
      const { difference, interval, mcnemarP: p, rightToWrong, wrongToRight } = row;
      expect(found).toMatchObject({ n: 40, difference, interval, p, rightToWrong, wrongToRight });
    }
  });
});

it.each([
  [0, 600, false, [0, 200, 400, 600]],
  [50, 600, true, [200, 400, 600]],
  [0, 0.275, false, [0, 0.1, 0.2]],
  [0, 1, false, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [1, 4, true, [1, 2, 3, 4]],
  [3, 3, true, [3]],
] as const)("an axis from %d to %d has round ticks", (low, high, whole, ticks) => {
  expect(ticksBetween(low, high, 5, whole)).toEqual(ticks);
});

it("numbers have one format, and what rounds to nothing no sign", () => {
  expect([percent(0.0695), percent(-0.0001), points(0.0004), points(-0.0004), points(0.012)]).toEqual([
    "7.0\u202f%",
    "0.0\u202f%",
    "0.0",
    "0.0",
    "+1.2",
  ]);
  expect(sentence("own is right in 24.8 % (p = 4e-171, n = 1,500)")).toBe(
    "Own is right in 24.8\u202f% (p\u00a0=\u00a04e\u2212171, n\u00a0=\u00a01\u202f500).",
  );
  expect(typeset("slots 1,2 and 12,345,678.")).toBe("slots 1,2 and 12\u202f345\u202f678.");
  expect([decimal(0.06949), decimal(-1)]).toEqual(["0.069", "\u22121.000"]);
});

it("replies are compared word by word", () => {
  expect(differing("the answer is b", "the answer is a")).toEqual([
    { text: "the answer is ", fresh: false },
    { text: "b", fresh: true },
  ]);
  expect(differing("same", "same")).toEqual([{ text: "same", fresh: false }]);
  expect(differing("a b c", "b").filter(({ fresh }) => !fresh)).toEqual([{ text: "b", fresh: false }]);
});

it("marks axes of time at whole seconds, minutes and hours", () => {
  expect(timeTicks(1.9)).toEqual([0, 0.5, 1, 1.5]);
  expect(timeTicks(164).map(clock)).toEqual([
    "0\u202fs",
    "30\u202fs",
    "1\u202fmin",
    "1\u202fmin 30\u202fs",
    "2\u202fmin",
    "2\u202fmin 30\u202fs",
  ]);
  expect(timeTicks(9000).map(clock).at(-1)).toBe("2\u202fh 30\u202fmin");
  for (const longest of [0.3, 7, 95, 4000, 90_000]) {
    const texts = timeTicks(longest).map(clock);
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.length).toBeGreaterThan(2);
  }
  expect([duration(9.4), duration(75.2), duration(3661)]).toEqual([
    "9.4\u202fs",
    "1\u202fmin 15\u202fs",
    "1\u202fh\u202f1\u202fmin",
  ]);
});
