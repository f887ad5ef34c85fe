/** The leaderboard in Chromium, at the width of a desk and of a phone: every number is that of results.json. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openContents } from "../../src/explorer/index.ts";
import { readJournal } from "../../src/formats/index.ts";
import { writeRun } from "../../src/report/run.fixture.ts";
import { compareRecipes } from "../../src/study/frontier/index.ts";
import { beyond, onStage, seriousFaults } from "./browser.fixture.ts";

const design = {
  tasks: ["tetris"],
  factors: { latents: ["no", "yes"] },
  runs: { text: { latents: "no" }, joint: { latents: "yes" } },
};

describe.runIf(process.env.LINTEL_EXPLORER)("the leaderboard", { timeout: 120_000 }, () => {
  const ui = onStage("recipes", async () => {
    const plain = await writeRun(run, { examples: 60, seeds: 2 });
    const compared = await compareRecipes(
      { frontier: { reference: "joint", equal: "steps", bars: ["tetris"], design } },
      plain.cells,
      ({ id }, split) => readJournal(join(run, "audits", id, split, "outcomes.jsonl")),
    );
    writeFileSync(join(run, "results.json"), JSON.stringify({ ...plain, ...compared }));
    return openContents([run]);
  });
  const run = ui.at("run");
  const results = () => JSON.parse(readFileSync(join(run, "results.json"), "utf8"));

  it.each([1280, 390])("at %i px shows every row of results.json, whole", async (width) => {
    const { page, faults } = await ui.watch({ viewport: { width, height: 844 }, bypassCSP: true });
    await page.goto(`${ui.url}#/recipes`);
    await page.locator("table.leaderboard").first().waitFor();
    // By column: the exact values of a row, null where a dash stands.
    const shown = await page.locator("table.leaderboard tbody tr").evaluateAll((rows) =>
      rows.map((row) => ({
        recipe: row.querySelector("th")!.textContent!.trim(),
        split: row.querySelector("td")!.textContent!,
        verdicts: [...row.querySelectorAll(".verdict")].map((each) => each.textContent!.trim()),
        values: Object.fromEntries(
          [...row.querySelectorAll<HTMLElement>("td[data-label]")].map((cell) => {
            const data = cell.querySelector("data");
            const none = cell.querySelector(".none") !== null;
            return [cell.dataset.label, data ? Number(data.value) : none ? null : cell.textContent];
          }),
        ),
        intervals: [...row.querySelectorAll("small.quiet")].filter((each) => /\[/.test(each.textContent!))
          .length,
      })),
    );
    type Row = ReturnType<typeof results>["leaderboard"][number];
    const tasks = [...new Set(results().leaderboard.map(({ task }: Row) => task))];
    const own = ({ splits }: Row): number => splits[0].own.value ?? -1;
    const expected = tasks.flatMap((task) =>
      results()
        .leaderboard.filter((row: Row) => row.task === task)
        .sort((a: Row, b: Row) => own(b) - own(a))
        .flatMap((row: Row) => row.splits.map((standing: Row) => ({ row, standing }))),
    );
    expect(shown).toHaveLength(expected.length);
    expect(shown.length).toBeGreaterThan(4);
    for (const [i, { row, standing }] of expected.entries()) {
      const { own, oracle, dummy, gapClosed, against, geometry, verdicts } = standing;
      expect(shown[i]!.recipe).toBe(row.recipe);
      expect(shown[i]!.split).toBe(standing.split);
      expect(shown[i]!.verdicts).toEqual(
        expect.arrayContaining(
          [...new Set(verdicts as string[])].map((each) => expect.stringContaining(each)),
        ),
      );
      expect(shown[i]!.values).toEqual({
        own: own.value,
        oracle: oracle.value,
        "best control": dummy.value,
        "gap closed": gapClosed.value,
        "to reference": against ? against.difference : "reference",
        ...(against && { "p (Holm)": against.holmP }),
        "retrieval at 1": geometry.r1,
        "own · own cosine": geometry.pairwiseCosine,
        steps: row.steps,
        training: row.seconds,
      });
      expect(shown[i]!.intervals).toBe(
        [own, oracle, dummy, gapClosed].filter(({ interval }) => interval).length,
      );
    }
    // Nothing is beyond the screen, no label runs into another, and axe-core finds nothing serious.
    expect(await beyond(page)).toEqual([]);
    const cut = await page
      .locator("table.leaderboard :is(td, th)")
      .evaluateAll((all) =>
        all
          .filter((each) => each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1)
          .map((each) => each.textContent),
      );
    expect(cut).toEqual([]);
    if (width === 390) {
      const hidden = await page
        .locator("table.leaderboard :is(data, .verdict, th)")
        .evaluateAll((all) => all.filter((each) => each.getBoundingClientRect().right > innerWidth).length);
      expect(hidden).toBe(0);
    }
    expect(await seriousFaults(page)).toEqual([]);
    // Effects of components, as results.json has them.
    for (const [f, { effects }] of results().factors.entries()) {
      const table = page.locator("table.factors").nth(f);
      const points = await table
        .locator('td[data-label="points"]')
        .evaluateAll((all) => all.map((each) => each.querySelector("data")?.value ?? null));
      expect(points).toEqual(
        effects.map(({ effect }: { effect: number | null }) => (effect === null ? null : String(effect))),
      );
    }
    // A recipe leads to its audit.
    await page.locator("table.leaderboard tbody th a").first().click();
    await page.locator("table.interventions").waitFor();
    expect(await page.locator(".card-head h2").first().textContent()).toContain(`/${shown[0]!.recipe}/`);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
