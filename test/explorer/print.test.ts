/** On paper nothing is cut off: every view and the report fit the width of a page. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { openContents, type Served } from "../../src/explorer/index.ts";
import { writeReport } from "../../src/report/index.ts";
import { writeRun } from "../../src/report/run.fixture.ts";
import { type Audited, writeAudited } from "./beside.fixture.ts";
import { onStage, watched } from "./browser.fixture.ts";

/** CSS pixels between the margins of A4, upright and across. */
const PAPER = [718, 1047];

/** What of the page reaches beyond its width, where it is shown. */
const beyond = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    return [...document.querySelectorAll("body *")]
      .filter((each) => {
        const { right, width: own, height } = each.getBoundingClientRect();
        // Parts of a drawing are cut off by its frame.
        return own > 0 && height > 0 && right > width + 1 && !each.parentElement?.closest("svg");
      })
      .map((each) => `${each.tagName}.${each.getAttribute("class")} ${each.textContent?.slice(0, 20)}`)
      .slice(0, 5);
  });

describe.runIf(process.env.LINTEL_EXPLORER)("on paper", () => {
  let asked: Served = undefined!;

  const ui = onStage("print", async () => {
    await writeRun(run, { examples: 60, seeds: 2 });
    await writeReport(run);
    const { audit, data, model }: Audited = await writeAudited(ui.at("audited"));
    asked = await ui.serve(await openContents([audit], { data, model: { directory: model } }));
    return openContents([run]);
  });
  const run = ui.at("run");

  it.each(PAPER)(
    "all views fit %i px",
    async (width) => {
      const { page, faults } = await ui.watch({ viewport: { width: 1280, height: 860 } });
      for (const hash of [
        "overview?a=0",
        "examples?a=0",
        "examples?a=0&row=1",
        "latents?a=0&row=1",
        "compare?a=0&b=1",
        "dose?a=0",
        "training",
        "recipes",
      ]) {
        await page.setViewportSize({ width: 1280, height: 860 });
        await page.emulateMedia({ media: "screen" });
        await page.goto(`${ui.url}#/${hash}`);
        // Without a model and doses, Dose says so in a paragraph and has no card.
        const shown = ":is(table.audits, .grid, .example, .card, .empty, p.quiet:not(.print-only))";
        await page.locator(`main ${shown}`).first().waitFor();
        await page.waitForLoadState("networkidle");
        await page.emulateMedia({ media: "print" });
        await page.setViewportSize({ width, height: 1000 });
        expect(await beyond(page), hash).toEqual([]);
        expect(await page.locator("main > .print-only").innerText()).toMatch(/^run · Lintel \d/);
        if (hash === "examples?a=0")
          expect(await page.locator(".list-side .print-only").innerText()).toMatch(
            /^\d+ rows of 60, those that were on/,
          );
      }
      expect(faults).toEqual([]);
      await page.context().close();
    },
    240_000,
  );

  it.each(PAPER)(
    "what is inside an answer fits %i px",
    async (width) => {
      const { page } = await watched(ui.browser, asked.url);
      for (const [view, part] of [
        ["inside", ".meter"],
        ["try", ".said-now"],
      ] as const) {
        await page.goto(`${asked.url}#/${view}?a=0&row=1`);
        await page.locator(part).first().waitFor({ timeout: 120_000 });
        await page.emulateMedia({ media: "print" });
        await page.setViewportSize({ width, height: 1000 });
        expect(await beyond(page), view).toEqual([]);
        await page.emulateMedia({ media: "screen" });
      }
      await page.context().close();
    },
    240_000,
  );

  it.each(PAPER)(
    "the report fits %i px",
    async (width) => {
      const { page } = await watched(ui.browser, "file://", { viewport: { width, height: 1000 } });
      await page.goto(pathToFileURL(join(run, "report.html")).href);
      await page.emulateMedia({ media: "print" });
      expect(await beyond(page)).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  it.each(["#theme-dark", "the system"])(
    "the report is dark on light paper, with dark colors by %s",
    async (by) => {
      const { page } = await watched(ui.browser, "file://", {
        viewport: { width: 1280, height: 900 },
        colorScheme: by === "the system" ? "dark" : "light",
      });
      await page.goto(pathToFileURL(join(run, "report.html")).href);
      if (by !== "the system") await page.locator("label", { hasText: /^dark$/ }).click();
      const colors = () =>
        page.evaluate(() =>
          [document.body, document.querySelector(".case")!].map((each) => {
            const { color, backgroundColor } = getComputedStyle(each);
            const light = (text: string): number => Math.max(...text.match(/\d+/g)!.slice(0, 3).map(Number));
            return [light(color) > 128, light(backgroundColor) > 128];
          }),
        );
      const [ink, paper] = [
        [true, false],
        [false, true],
      ];
      expect(await colors()).toEqual([ink, ink]);
      await page.emulateMedia({ media: "print" });
      expect(await colors()).toEqual([paper, paper]);
      await page.context().close();
    },
  );
});
