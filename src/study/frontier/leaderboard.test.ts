import { describe, expect, test } from "vitest";
import { dummies, plant } from "../../../test/support/planted.ts";
import { exactly, plantCells } from "./frontier.fixture.ts";
import { leaderboard } from "./leaderboard.ts";
import { answersOf, pairedAnswers, performance } from "./rates.ts";

const gapClosed = (seeds: Parameters<typeof performance>[0]) => performance(seeds).gapClosed;
const names = { zeros: 0, noise: 0, "noise-matched": 0, mean: 0 };

describe("gap closed", () => {
  test("is (own − best dummy) / (oracle − best dummy), over seeds as of the mean rates", () => {
    const first = answersOf(exactly(200, { own: 125, oracle: 200, ...names, "other-own": 50 }));
    const found = gapClosed([first]);
    expect(found.value).toBeCloseTo(0.5, 12);
    expect(found.seeds).toEqual([found.value]);
    const second = answersOf(exactly(200, { own: 200, oracle: 200, ...names, "other-own": 50 }));
    const both = gapClosed([first, second]);
    expect(both.value).toBeCloseTo(0.75, 12);
    expect(both.seeds[1]).toBeCloseTo(1, 12);
    // Seeds that differ so much make the interval reach from one to the other.
    expect(both.interval![0]).toBeLessThan(0.52);
    expect(both.interval![1]).toBeGreaterThan(0.98);
  });

  test("its interval covers the truth nearly as often as it says", () => {
    const truth = (0.6 - 0.25) / (0.9 - 0.25);
    const found = Array.from({ length: 60 }, (_, seed) => {
      // One dummy better than the others, so that choosing the best one adds no luck of its own.
      const rates = {
        own: 0.6,
        oracle: 0.9,
        zeros: 0,
        noise: 0.1,
        mean: 0.25,
        "noise-matched": 0.1,
        "other-own": 0.1,
      };
      return gapClosed([answersOf(plant({ n: 150, seed, rates, shared: 0.3 }))]).interval!;
    });
    const covered = found.filter(([low, high]) => low < truth && truth < high).length;
    expect(covered).toBeGreaterThanOrEqual(52);
    expect(covered).toBeLessThan(60);
  });

  test("is not given where the oracle does not beat every dummy, nor without an oracle", () => {
    const none = gapClosed([
      answersOf(
        plant({ n: 200, seed: 3, rates: { own: 0.25, oracle: 0.27, ...dummies(0.25) }, shared: 0.3 }),
      ),
    ]);
    expect(none).toMatchObject({ value: null, interval: null, seeds: [null] });
    expect(none.reasons!.value).toContain("no gap to close");
    expect(gapClosed([answersOf(exactly(20, { own: 5 }))]).reasons!.value).toContain(
      "no answers under oracle",
    );
  });

  test("examples that share images are drawn together: the interval grows", () => {
    const all = exactly(200, { own: 100 });
    const alone = performance([answersOf(all)]).own.interval!;
    const paired = all.map((each, i) => ({ ...each, images: String(Math.floor(i / 20)) }));
    const wider = performance([answersOf(paired)]).own.interval!;
    expect(wider[1] - wider[0]).toBeGreaterThan(2 * (alone[1] - alone[0]));
  });
});

describe("leaderboard", () => {
  const seeds = [0, 1, 2];
  const planted = seeds.flatMap((seed) => [
    { recipe: "joint", seed, own: 0.28, oracle: 0.95, splits: ["eval", "held-out"], seconds: 10 },
    { recipe: "good", seed, own: 0.93, oracle: 0.95, splits: ["eval", "held-out"], seconds: 15 },
    { recipe: "same", seed, own: 0.28, oracle: 0.95, splits: ["eval", "held-out"], seconds: 10 },
    { recipe: "text", seed, own: 0.26, splits: ["eval"], seconds: 5 },
  ]);

  test("ranks what is known: rates, gaps, verdicts, seconds, and tests against the reference", async () => {
    const { cells, read } = plantCells(planted);
    const rows = await leaderboard(cells, read, "joint");
    expect(rows.map(({ recipe }) => recipe)).toEqual(["joint", "good", "same", "text"]);
    const [joint, good, same, text] = rows as [
      (typeof rows)[0],
      (typeof rows)[0],
      (typeof rows)[0],
      (typeof rows)[0],
    ];
    expect(joint.splits.map(({ split }) => split)).toEqual(["eval", "held-out"]);
    expect(joint.splits[0]!.against).toBeNull();
    expect(joint.splits[0]!.verdicts).toEqual(["starved", "starved", "inconclusive"]);
    const standing = good.splits[0]!;
    const accuracies = cells
      .filter(({ recipe }) => recipe === "good")
      .map((c) => c.audits[0]!.interventions.own!.accuracy!);
    expect(standing.own.seeds).toEqual(accuracies);
    expect(standing.own.value).toBeCloseTo(accuracies.reduce((a, b) => a + b, 0) / 3, 12);
    expect(standing.gapClosed.value!).toBeGreaterThan(0.85);
    expect(standing.gapClosed.interval![0]).toBeLessThan(standing.gapClosed.value!);
    expect(standing.verdicts).toEqual(["load-bearing", "load-bearing", "load-bearing"]);
    expect(standing.against!.difference!).toBeGreaterThan(0.5);
    expect(standing.against!.holmP!).toBeLessThan(1e-10);
    expect(standing.against!.holmP!).toBeGreaterThan(standing.against!.p!);
    expect(same.splits[0]!.against!.holmP!).toBeGreaterThan(0.05);
    expect([good.secondsRatio, text.secondsRatio]).toEqual([1.5, 0.5]);
    expect(text.splits[0]!.gapClosed.reasons!.value).toContain("no answers under oracle");
    expect(text.splits[0]!.dummy).toMatchObject({ name: null, value: null });
  });

  test("one seed that goes the other way leaves nothing shown, however strong the others are", async () => {
    const { cells, read } = plantCells([
      ...seeds.map((seed) => ({ recipe: "joint", seed, own: 0.5 })),
      { recipe: "mixed", seed: 0, own: 0.95 },
      { recipe: "mixed", seed: 1, own: 0.95 },
      { recipe: "mixed", seed: 2, own: 0.2 },
    ]);
    const rows = await leaderboard(cells, read, "joint");
    expect(rows[1]!.splits[0]!.against!.p).toBe(1);
  });

  test("without the reference, or with other examples, the comparison says why it is not there", async () => {
    const { cells, read } = plantCells([{ recipe: "good", own: 0.9 }]);
    const [row] = await leaderboard(cells, read, "joint");
    expect(row!.secondsRatio).toBeNull();
    expect(row!.splits[0]!.against).toMatchObject({ difference: null, p: null, holmP: null });
    expect(row!.splits[0]!.against!.reasons!.difference).toBe("the run lacks joint with seed 0");
    expect(pairedAnswers(exactly(3, { own: 1 }), exactly(4, { own: 1 })).reason).toContain("other examples");
  });
});
