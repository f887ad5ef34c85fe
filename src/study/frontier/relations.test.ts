import { describe, expect, test } from "vitest";
import { random } from "../../util/index.ts";
import { frontierFindings } from "./findings.ts";
import { plantCells, runs } from "./frontier.fixture.ts";
import { leaderboard } from "./leaderboard.ts";
import { midranks, relation } from "./relations.ts";

describe("relation of geometry and accuracy", () => {
  test("ranks share what is equal", () => {
    expect(midranks([3, 1, 3, 2, 3])).toEqual([4, 1, 4, 2, 4]);
  });

  test("a measure that orders recipes as accuracy does has ρ 1 and is significant; its reverse has −1", () => {
    const same = relation(
      runs((r, t) => ({ own: 0.2 + 0.05 * r + 0.3 * t, cosine: r * r })),
      "cosine",
    );
    expect(same.rho).toBeCloseTo(1, 10);
    expect(same.p!).toBeLessThan(0.001);
    expect(same).toMatchObject({ runs: 60, recipes: 10, tasks: 2, misled: 0 });
    const other = relation(
      runs((r) => ({ own: 0.2 + 0.06 * r, cosine: -r })),
      "cosine",
    );
    expect(other.rho).toBeCloseTo(-1, 10);
    expect(other.misled).toBe(1);
    // Pairs at least ten points apart: two recipes or more between them, on six places.
    expect(other.pairs).toBe(36 * 6);
  });

  test("an easy dataset with high cosines feigns no relation", () => {
    const noise = random(1, "x");
    const cells = runs((_, t) => ({
      own: (t ? 0.9 : 0.3) + 0.01 * noise.uniform(),
      cosine: t + 0.1 * noise.uniform(),
    }));
    expect(Math.abs(relation(cells, "cosine").rho!)).toBeLessThan(0.4);
  });

  test("recipes without latents, or run on other datasets, are not exchanged; too few are not judged", () => {
    const cells = runs((r) => ({ own: 0.2 + 0.05 * r, cosine: r === 0 ? null : r }));
    const extra = runs((r) => ({ own: 0.1 * r, cosine: -r }), { recipes: 2, tasks: 1 }).map((cell) => ({
      ...cell,
      recipe: `extra${cell.recipe}`,
    }));
    expect(relation([...cells, ...extra], "cosine")).toMatchObject({ recipes: 11, runs: 9 * 6 + 2 * 3 });
    const few = relation(
      cells.filter(({ recipe }) => ["r1", "r2", "r3"].includes(recipe)),
      "cosine",
    );
    expect(few).toMatchObject({ rho: null, interval: null, p: null });
    expect(few.reasons!.rho).toContain("3 recipes with latents on the same datasets");
    expect(
      relation(
        runs(() => ({ own: 0.5, cosine: 1 })),
        "cosine",
      ).reasons!.rho,
    ).toContain("the same in every run");
  });
});

describe("findings of a comparison", () => {
  const seeds = [0, 1];
  const both = ["eval", "held-out"];
  const make = (good: number, seconds = 15) =>
    plantCells(
      ["words", "analogy"].flatMap((task) =>
        seeds.flatMap((seed) => [
          { task, recipe: "joint", seed, own: 0.28, oracle: 0.97, splits: both, cosine: 0.6 },
          { task, recipe: "good", seed, own: good, oracle: 0.97, splits: both, seconds, cosine: 0.5 },
        ]),
      ),
    );
  const judged = async (good: number, seconds?: number, bars = ["words", "analogy"]) => {
    const { cells, read } = make(good, seconds);
    const found = frontierFindings(cells, await leaderboard(cells, read, "joint"), bars, "joint");
    return Object.fromEntries(found.map((finding) => [finding.id, finding]));
  };

  test("R4 holds where one recipe reaches every bar on every dataset, split and seed", async () => {
    const { R4 } = await judged(0.99);
    expect([R4!.state, R4!.holds], R4!.evidence).toEqual(["holds", true]);
    expect(R4!.evidence).toContain("“good”");
    expect(R4!.seeds!.map(({ holds }) => holds)).toEqual([true, true]);
  });

  test("R4 fails on accuracy or on seconds, and says where", async () => {
    const { R4: weak } = await judged(0.8);
    expect(weak!.state).toBe("undecided");
    expect(weak!.evidence).toMatch(/It misses 8: words, eval, seed 0: own \d\d\.\d % of the oracle/);
    const { R4: slow } = await judged(0.99, 25);
    expect([slow!.state, slow!.holds]).toEqual(["refuted", false]);
    expect(slow!.evidence).toContain("2.5 times the reference’s seconds");
  });

  test("what the run lacks is neither true nor false", async () => {
    const found = await judged(0.99, 15, ["words", "elsewhere"]);
    expect([found.R1!.state, found.R4!.state]).toEqual(["not run", "not run"]);
    expect([found.R1!.holds, found.R4!.holds]).toEqual([null, null]);
    expect(found.R1!.evidence).toContain("2 recipes with latents");
    expect(found.R4!.evidence).toContain("words, elsewhere");
  });
});
