import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { plannedOption } from "../families/answers.ts";
import { type GridMap, reachesGoal, shortestMoves } from "./grid-moves.ts";

const { cases } = JSON.parse(
  readFileSync(new URL("../../test/goldens/plans.json", import.meta.url), "utf8"),
) as { cases: [GridMap, string, boolean][] };

it("plans reach the goal where Mirage's simulation says so", () => {
  expect(cases.filter(([, , reaches]) => reaches).length).toBeGreaterThan(10);
  for (const [map, plan, reaches] of cases) expect([plan, reachesGoal(map, plan)]).toEqual([plan, reaches]);
});

it("the shortest plan reaches the goal, and there is none through holes or without a start", () => {
  for (const [map] of cases) {
    const plan = shortestMoves(map);
    if (plan !== null) expect(reachesGoal(map, plan)).toBe(true);
  }
  expect(shortestMoves([[1, -1, 2]])).toBeNull();
  expect(shortestMoves([[0, 2]])).toBeNull();
  expect(reachesGoal([[0, 2]], "R")).toBe(false);
  expect(shortestMoves([[1, 0, 0, 2]])).toBe("R,R,R");
});

it("any plan in the box that reaches the goal is the right option; others are what they are, or none", () => {
  const map = [
    [1, 0],
    [0, 2],
  ];
  const options = ["U", "R,D", "D,D"];
  const read = (text: string) => plannedOption(text, map, options, 1);
  expect([read("\\boxed{R,D}"), read("first \\boxed{U} so \\boxed{down, RIGHT}")]).toEqual([1, 1]);
  expect([read("\\boxed{D, D}"), read("\\boxed{L}"), read("R,D")]).toEqual([2, null, null]);
});
