import { expect, test } from "vitest";
import {
  allOf,
  anyOf,
  atLeast,
  atMost,
  equivalent,
  holdsOf,
  opposite,
  type State,
  stateOf,
  states,
  superior,
} from "./claims.ts";

test("a superiority: shown, refuted by the opposite, undecided without significance, never by equality", () => {
  const cases: [number | null, number | null, State][] = [
    [0.1, 0.01, "holds"],
    [-0.1, 0.01, "refuted"],
    [0.1, 0.05, "undecided"],
    [0, 0.001, "undecided"],
    [null, null, "not run"],
    [0.1, null, "not run"],
    [0.1, Number.NaN, "undecided"],
  ];
  for (const [difference, p, state] of cases)
    expect(superior(difference, p), `${difference} ${p}`).toBe(state);
});

test("an equivalence: wide intervals leave it undecided, only one outside the margin refutes it", () => {
  const cases: [boolean | null, readonly [number, number] | null, State][] = [
    [true, [-0.003, 0.003], "holds"],
    [false, [-0.049, 0.049], "undecided"],
    [false, [0.01, 0.2], "undecided"],
    [false, [0.02, 0.2], "undecided"],
    [false, [0.021, 0.2], "refuted"],
    [false, [-0.2, -0.021], "refuted"],
    [false, null, "undecided"],
    [null, null, "not run"],
  ];
  for (const [shown, interval, state] of cases)
    expect(equivalent(shown, interval, 0.02), `${shown} ${interval}`).toBe(state);
});

test("bars", () => {
  expect([atLeast([0.85, 0.9], 0.85), atLeast([0.8, 0.85], 0.85), atLeast([0.8, 0.84], 0.85)]).toEqual([
    "holds",
    "undecided",
    "refuted",
  ]);
  expect([atMost([0.3, 0.35], 0.35), atMost([0.35, 0.4], 0.35), atMost([0.36, 0.4], 0.35)]).toEqual([
    "holds",
    "undecided",
    "refuted",
  ]);
  expect([atLeast(null, 0), atMost(null, 0)]).toEqual(["not run", "not run"]);
});

test("several claims: of every two states, and mirrored by the opposite", () => {
  const both: Record<State, Record<State, State>> = {
    holds: { holds: "holds", refuted: "refuted", undecided: "undecided", "not run": "not run" },
    refuted: { holds: "refuted", refuted: "refuted", undecided: "refuted", "not run": "refuted" },
    undecided: { holds: "undecided", refuted: "refuted", undecided: "undecided", "not run": "not run" },
    "not run": { holds: "not run", refuted: "refuted", undecided: "not run", "not run": "not run" },
  };
  for (const a of states)
    for (const b of states) {
      expect(allOf([a, b]), `${a} and ${b}`).toBe(both[a][b]);
      // Among "not run" and "undecided" either may stand for "not known"; nothing else may change.
      const either = opposite(anyOf([opposite(a), opposite(b)]));
      expect(holdsOf(either), `${a} or ${b}`).toBe(holdsOf(both[a][b]));
    }
  expect([allOf([]), anyOf([])]).toEqual(["not run", "not run"]);
});

test("findings of older runs: what was called false then is not called refuted", () => {
  expect([true, false, null].map((holds) => stateOf({ holds }))).toEqual(["holds", "undecided", "not run"]);
  expect(stateOf({ holds: false, state: "refuted" })).toBe("refuted");
  expect(states.map(holdsOf)).toEqual([true, false, null, null]);
});
