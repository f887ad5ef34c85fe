/** Conclusions from planted outcomes: nothing is concluded from too little, and every suite can say nothing. */
import { describe, expect, it } from "vitest";
import { plant } from "../../../test/support/planted.ts";
import { summarize } from "../judge/summary.ts";
import { type Evidence, every, evidenceOf, firstOf } from "./evidence.ts";
import { suiteNames, suiteOf } from "./index.ts";

const evidence = (n: number, rates: Record<string, number>): Evidence => {
  const outcomes = plant({ n, seed: 1, rates, shared: 1 });
  return evidenceOf(outcomes, summarize(outcomes, null, { split: "eval" }), () => undefined);
};

describe("evidence", () => {
  it("of a difference, of none, and of changed answers, as the numbers allow", () => {
    const { beats, alike, changes } = evidence(200, { own: 0.9, skip: 0.3, zeros: 0.9 });
    expect([beats("own", "skip"), beats("own", "zeros"), beats("skip", "own")].map((c) => c.state)).toEqual([
      "holds",
      "undecided",
      "refuted",
    ]);
    expect([alike("own", "zeros"), alike("own", "skip")].map(({ state }) => state)).toEqual([
      "holds",
      "refuted",
    ]);
    expect([changes("skip"), changes("zeros")].map(({ state }) => state)).toEqual(["holds", "refuted"]);
    expect(beats("own", "skip").text).toMatch(/^own − skip \+59\.5 points \[.*exact McNemar p = .*n = 200$/);
  });

  it("none of sameness below 149 examples, or 169 for one of three statements", () => {
    const rates = { own: 0.9, zeros: 0.9 };
    for (const [n, parts, state] of [
      [148, 1, "undecided"],
      [149, 1, "refuted"],
      [168, 3, "undecided"],
      [169, 3, "refuted"],
    ] as const)
      expect(evidence(n, rates).changes("zeros", { parts }).state, `${n}`).toBe(state);
    expect(evidence(148, rates).alike("own", "zeros").state).toBe("undecided");
    expect(evidence(149, rates).alike("own", "zeros").state).toBe("holds");
  });

  it("none where a condition was not run, or only once", () => {
    const one = evidence(1, { own: 1, zeros: 0 });
    for (const claim of [
      one.beats("own", "zeros"),
      one.alike("own", "zeros"),
      one.changes("zeros"),
      evidence(200, { own: 1 }).beats("own", "zeros"),
      evidence(200, { own: 1 }).changes("zeros"),
    ])
      expect(claim.state).toBe("not run");
    expect(evidence(200, { own: 1 }).beats("own", "zeros").text).toMatch(/in 0 examples/);
  });

  it("joins: all of several, the first of several", () => {
    const yes = { state: "holds", text: "yes" } as const;
    const open = { state: "undecided", text: "open" } as const;
    const no = { state: "refuted", text: "no" } as const;
    expect(every([yes, open])).toEqual(open);
    expect(every([open, no, yes])).toEqual(no);
    expect(every([]).state).toBe("not run");
    expect(
      firstOf([
        ["a", open],
        ["b", yes],
      ]),
    ).toEqual({ conclusion: "b", reason: "yes" });
    expect(firstOf([["a", open]]).reason).toBe("undecided: a (open)");
    expect(
      firstOf([
        ["a", no],
        ["b", open],
      ]).reason,
    ).toBe("undecided: b (open). refuted: a (no)");
  });
});

describe("every suite", () => {
  it("says nothing where nothing was run", () => {
    for (const name of suiteNames)
      expect(suiteOf(name).conclude(evidence(300, { own: 0.5 })).conclusion, name).toBe("inconclusive");
  });
});
