/** R4 where the run lacks something: not run, in words without unknown figures. */
import { expect, test } from "vitest";
import { frontierFindings } from "./findings.ts";
import { plantCells } from "./frontier.fixture.ts";
import { leaderboard } from "./leaderboard.ts";

const R4 = async (planted: Parameters<typeof plantCells>[0], bars = ["words"]) => {
  const { cells, read } = plantCells(planted);
  const found = frontierFindings(cells, await leaderboard(cells, read, "joint"), bars, "joint");
  return found.find(({ id }) => id === "R4")!;
};
const precise = { task: "words", recipe: "precise", own: 0.99, oracle: 0.99, n: 300 };
const joint = { task: "words", recipe: "joint", own: 0.25, oracle: 0.97, n: 300 };

test("without the reference's run: not run, for the whole and for every seed", async () => {
  const found = await R4([precise, { ...precise, seed: 1 }]);
  expect([found.state, found.holds]).toEqual(["not run", null]);
  expect(found.evidence).toBe(
    "The run lacks the reference “joint” on all of the datasets of the claim (words), with which recipes are compared.",
  );
  expect(found.seeds!.map(({ state }) => state)).toEqual(["not run", "not run"]);
  expect(JSON.stringify(found)).not.toMatch(/unknown|0\.0 points/);
});

test("the reference with another seed alone: not run, and no figure for what was not measured", async () => {
  const found = await R4([precise, { ...joint, seed: 1 }]);
  expect(found.state).toBe("not run");
  expect(found.evidence).toContain("no reference to compare with (not run)");
  expect(found.evidence).not.toMatch(/unknown|over the reference/);
});

test("with it: holds; a recipe that starves refutes; a bar that the interval holds is undecided", async () => {
  expect((await R4([precise, joint])).state).toBe("holds");
  const starving = await R4([
    { ...precise, own: 0.25, n: 800 },
    { ...joint, n: 800 },
  ]);
  expect(starving.state, starving.evidence).toBe("refuted");
  const near = await R4([{ ...precise, own: 0.94, oracle: 0.99 }, joint]);
  expect(near.state, near.evidence).toBe("undecided");
  expect(near.evidence).toMatch(/own 9\d\.\d % of the oracle \(undecided\)/);
});

test("the reference alone is compared with nothing", async () => {
  expect((await R4([joint])).state).toBe("not run");
});
