/** Nothing in a view is cut off: names of columns, tables on a phone, boxes that open; and what is not there is said. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { openContents, serveExplorer } from "../../src/explorer/index.ts";
import { writeReport } from "../../src/report/index.ts";
import { writeRun } from "../../src/report/run.fixture.ts";
import { type Audited, writeAudited } from "./beside.fixture.ts";
import { beyond, onStage, type Watched, watched } from "./browser.fixture.ts";

describe.runIf(process.env.LINTEL_EXPLORER)("a view is whole", { timeout: 120_000 }, () => {
  let phone: Watched = undefined!;

  const ui = onStage("whole", async () => {
    await writeRun(run, { examples: 60, seeds: 2 });
    return openContents([run]);
  });
  const run = ui.at("run");
  beforeAll(async () => {
    phone = await ui.watch({ viewport: { width: 390, height: 844 } });
  });

  it("heads of columns show whole names", async () => {
    for (const { page } of [ui, phone]) {
      await page.goto(`${ui.url}#/examples?a=0`);
      await page.locator(".grid-row").first().waitFor();
      const names = await page.locator(".column-name").evaluateAll((all) =>
        all.map((each) => {
          const head = each.closest(".cell")!;
          const [inner, outer] = [each.getBoundingClientRect(), head.getBoundingClientRect()];
          const fits = inner.right <= outer.right + 0.5 && inner.height <= outer.height + 0.5;
          return fits && each.scrollWidth <= each.clientWidth ? "" : each.textContent;
        }),
      );
      expect(names.length).toBeGreaterThan(10);
      expect(names.filter(Boolean)).toEqual([]);
    }
  });

  it.each([
    ["overview?a=0", "table.interventions"],
    ["recipes", "table.stacked"],
  ])("on a phone no value of %s is beyond the screen", async (hash, table) => {
    const { page } = phone;
    await page.goto(`${ui.url}#/${hash}`);
    await page.locator(table).first().waitFor();
    expect(await beyond(page)).toEqual([]);
    const hidden = await page
      .locator(`${table} :is(data, .flip)`)
      .evaluateAll((all) => all.filter((each) => each.getBoundingClientRect().right > innerWidth).length);
    expect(hidden).toBe(0);
    // Labels of neighbors do not run into each other.
    const labels = await page
      .locator(`${table} tr`)
      .nth(2)
      .locator("td[data-label]")
      .evaluateAll((all) =>
        all.map((each) => [each.getAttribute("data-label"), each.scrollWidth > each.clientWidth + 1]),
      );
    expect(labels.length).toBeGreaterThan(3);
    expect(labels.filter(([, cut]) => cut)).toEqual([]);
  });

  it("boxes open within the screen, and probabilities name their options", async () => {
    const { page } = phone;
    await page.goto(`${ui.url}#/examples?a=0`);
    for (const title of ["Add a condition", "Slices"]) {
      await page.locator("summary", { hasText: title }).click();
      expect(await beyond(page), title).toEqual([]);
      await page.keyboard.press("Escape");
    }
    await page.locator(".grid-row").nth(2).click();
    await page.locator(".replies .p").first().waitFor();
    const named = await page
      .locator(".replies tr")
      .nth(1)
      .locator(".p")
      .evaluateAll((all) => all.map((each) => getComputedStyle(each, "::before").content));
    expect(named).toEqual(['"a"', '"b"', '"c"', '"d"']);
  });

  it("a label stays beside the image that it names", async () => {
    for (const { page } of [ui, phone]) {
      await page.goto(`${ui.url}#/examples?a=0&row=1`);
      await page.locator(".question img").first().waitFor();
      const apart = await page.locator(".labeled").evaluateAll((all) =>
        all.map((each) => {
          const lines = document.createRange();
          lines.selectNodeContents(each);
          const image = each.querySelector("img")!.getBoundingClientRect();
          return [...lines.getClientRects()].some(({ top }) => top > image.bottom);
        }),
      );
      expect(apart.length).toBeGreaterThan(4);
      expect(apart).not.toContain(true);
    }
  });

  it("the report with its table of cosines fits a phone", async () => {
    const results = JSON.parse(readFileSync(join(run, "results.json"), "utf8"));
    const names = ["slots", "shuffledSlots", "sameAnswer", "otherAnswer", "oracleSameAnswer", "words"];
    for (const { audits } of results.cells)
      for (const { geometry } of audits)
        geometry.references = Object.fromEntries(
          names.map((name) => [name, { cosine: 0.5, low: 0.25, high: 0.75, pairs: 60 }]),
        );
    const other = ui.at("referenced");
    cpSync(run, other, { recursive: true });
    writeFileSync(join(other, "results.json"), JSON.stringify(results));
    await writeReport(other);
    const { page, faults } = await watched(ui.browser, "file://", { viewport: { width: 390, height: 844 } });
    await page.goto(pathToFileURL(join(other, "report.html")).href);
    expect(await page.locator("table.references").first().isVisible()).toBe(true);
    // With everything open: rows are cards whose values have the names of their columns, and nothing scrolls sideways.
    await page.evaluate(() => {
      for (const each of document.querySelectorAll("details")) each.open = true;
    });
    expect(await beyond(page)).toEqual([]);
    const found = await page.evaluate(() => {
      const shown = [
        ...document.querySelectorAll<HTMLElement>(".wide, .wide *, .case, .case *, .question"),
      ].filter((each) => each.clientWidth > 1 && !each.closest("svg"));
      const sideways = shown.filter(
        (each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== "visible",
      );
      const cells = [...document.querySelectorAll<HTMLElement>(".wide table.comparisons tbody td")];
      const labels = cells.map((each) => getComputedStyle(each, "::before").content);
      const beyond = cells.filter((each) => each.getBoundingClientRect().right > innerWidth);
      return {
        sideways: sideways.map((each) => `${each.className}: ${each.textContent!.slice(0, 30)}`),
        beyond: beyond.length,
        labels: [...new Set(labels)],
      };
    });
    expect(found.sideways).toEqual([]);
    expect(found.beyond).toBe(0);
    expect(found.labels).toEqual(expect.arrayContaining(['"Points"', '"Holm p"', '"Result"']));
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it("a command breaks between its words, not within them", async () => {
    const { page } = phone;
    await page.goto(`${ui.url}#/dose?a=0`);
    await page.locator("code").first().waitFor();
    const words = await page.locator("code .word").evaluateAll((all) =>
      all.map((each) => ({
        text: each.textContent!,
        lines: each.getClientRects().length,
        high: each.clientHeight,
      })),
    );
    expect(words.map(({ text }) => text)).toContain("--interventions");
    const line = Math.min(...words.map(({ high }) => high));
    expect(words.filter(({ lines, high }) => lines > 1 || high > 1.5 * line)).toEqual([]);
  });

  it("one audit alone says how to open two", async () => {
    const { audit, data }: Audited = await writeAudited(ui.at("audited"));
    const alone = await serveExplorer(await openContents([audit], { data }));
    const { page, faults } = await watched(ui.browser, alone.url);
    try {
      await page.goto(`${alone.url}#/compare`);
      await page.locator(".empty", { hasText: "the only audit here" }).waitFor({ timeout: 20_000 });
      expect(faults).toEqual([]);
    } finally {
      await alone.close();
    }
  });
});
