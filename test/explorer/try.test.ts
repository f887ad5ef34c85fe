/** A model in the page answers as `lintel audit` recorded it: own latents, the oracle, and what lies between them. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { askModel } from "../../src/explorer/ask.ts";
import { exportExplorer, openContents } from "../../src/explorer/index.ts";
import { loadLatentModel } from "../../src/reasoning/index.ts";
import { readSplit } from "../../src/tasks/index.ts";
import { lintel } from "../cli/run.ts";
import { beyond, onStage, seriousFaults, watched } from "./browser.fixture.ts";

describe.runIf(process.env.LINTEL_EXPLORER)("a model in the page", () => {
  const cell = process.env.LINTEL_TRY_RUN ? "tetris/joint/0" : "known/starved/0";

  const ui = onStage("try", async () => {
    if (!existsSync(run)) {
      const known = ui.at("known");
      await lintel("selftest", "--keep", known, "--models", "starved", "--sizes", "12");
      const { models } = JSON.parse(readFileSync(join(known, "selftest.json"), "utf8"));
      mkdirSync(run);
      writeFileSync(join(run, "study.json"), "{}");
      cpSync(join(known, models[0].model), join(run, "models", cell), { recursive: true });
      cpSync(join(known, models[0].data), join(run, "datasets/known"), { recursive: true });
      const { code, err } = await lintel(
        "audit",
        "--model",
        join(run, "models", cell),
        "--data",
        join(run, "datasets/known"),
        "--interventions",
        "own,oracle,zeros,blend(a=0.25)",
        "--out",
        join(run, "audits", cell, "eval"),
      );
      expect(code, err).toBe(0);
    }
    return openContents([run]);
  });
  const run = process.env.LINTEL_TRY_RUN ?? ui.at("run");

  it("agrees with the audit to 1e-5, and moves with what is drawn", async () => {
    const { page, faults } = await ui.watch();
    const lines = readFileSync(join(run, "audits", cell, "eval/outcomes.jsonl"), "utf8")
      .trim()
      .split("\n");
    const shown = async (hash: string): Promise<number[]> => {
      await page.goto(`${ui.url}#/try?a=0&${hash}`);
      await page.locator(".bars").waitFor({ timeout: 120_000 });
      await page.waitForTimeout(1500);
      return page
        .locator(".bars data")
        .evaluateAll((cells) => cells.map((each) => Number((each as HTMLDataElement).value)));
    };
    for (const row of [0, 3]) {
      const { outcomes } = JSON.parse(lines[row]!);
      for (const [name, hash] of [
        ["own", "mix=0"],
        ["oracle", "src=oracle&mix=1"],
        ["blend(0.25)", "src=oracle&mix=0.25"],
        ["zeros", "src=zeros&mix=1"],
      ] as const) {
        const expected =
          (outcomes[name] ?? outcomes[name.replace("(", "(a=")]).optionLogProbabilities?.map(Math.exp) ??
          null;
        const found = await shown(`row=${row}&${hash}`);
        for (const [i, value] of found.entries())
          expect(Math.abs(value - (expected?.[i] ?? 0)), `${row} ${name} option ${i}`).toBeLessThan(1e-5);
      }
    }
    const before = await shown("row=0&src=drawn&mix=1");
    const cells = page.locator(".cells button");
    if ((await cells.count()) > 0) {
      for (let cell = 0; cell < 12; cell++) await cells.nth(cell).click();
      await page.waitForTimeout(2000);
      const after = await page
        .locator(".bars data")
        .evaluateAll((all) => all.map((each) => Number((each as HTMLDataElement).value)));
      expect(after).not.toEqual(before);
    }
    expect(faults).toEqual([]);
  }, 300_000);

  it("in a folder reads on after a model has answered", async () => {
    const folder = ui.at("folder");
    await exportExplorer(await openContents([run]), folder);
    const { page, faults } = await watched(ui.browser, pathToFileURL(folder).href);
    await page.goto(`${pathToFileURL(join(folder, "index.html"))}#/try?a=0&row=0`);
    await page.locator(".bars").waitFor({ timeout: 120_000 });
    await page.locator("nav a", { hasText: "Latents" }).click();
    await page.locator(".scatter canvas").waitFor({ timeout: 30_000 });
    expect(faults).toEqual([]);
    await page.context().close();
  }, 240_000);

  it.each(["try?row=0&src=oracle&mix=1", "inside?row=0"])(
    "has no serious fault of accessibility in %s, and nothing wider than a phone",
    async (hash) => {
      for (const colorScheme of ["light", "dark"] as const)
        for (const width of [1280, 390]) {
          const viewport = { width, height: 844 };
          const { page } = await ui.watch({ colorScheme, viewport, bypassCSP: true });
          await page.goto(`${ui.url}#/${hash}`);
          await page.locator(".bars, .meter").first().waitFor({ timeout: 120_000 });
          expect(await seriousFaults(page), `${colorScheme} ${width}`).toEqual([]);
          expect(await beyond(page)).toEqual([]);
          await page.context().close();
        }
    },
    240_000,
  );

  it("looks into itself as the command line does", async () => {
    const { page, faults } = await ui.watch();
    await page.goto(`${ui.url}#/inside?a=0&row=0`);
    await page.locator(".cells-table").first().waitFor({ timeout: 120_000 });
    const shown = (part: string): Promise<number[]> =>
      page.locator(part).evaluateAll((cells) => cells.map((each) => Number((each as HTMLDataElement).value)));
    const model = await loadLatentModel(join(run, "models", cell));
    const [task] = cell.split("/");
    const { examples } = await readSplit(join(run, "datasets", task!), "eval", { limit: 1 });
    try {
      const { inside } = await (await askModel(model, examples[0]!)).inside(null);
      const { patching, attention, tokens, layers, heads, gradient } = inside!;
      const near = (found: readonly number[], expected: readonly number[]): void => {
        expect(found).toHaveLength(expected.length);
        for (const [i, value] of found.entries())
          expect(Math.abs(value - expected[i]!), `${value} and ${expected[i]}`).toBeLessThan(
            1e-4 * Math.max(1, Math.abs(expected[i]!)),
          );
      };
      near(await shown('[aria-label="patching"] data'), patching!.logOdds.flat());
      near(
        await shown(".cells-table.left td:nth-of-type(1) data"),
        gradient.slots.map(({ norm }) => norm),
      );
      // The share of the slots, mean over heads, layer by layer.
      const share = Array.from({ length: layers }, (_, l) =>
        tokens.reduce(
          (sum, { place }, p) =>
            place === "slots"
              ? sum +
                Array.from(
                  { length: heads },
                  (_, h) => attention[(l * heads + h) * tokens.length + p]!,
                ).reduce((a, b) => a + b / heads, 0)
              : sum,
          0,
        ),
      );
      near(await shown(".layer-bars data"), share);
    } finally {
      await model.network.release();
    }
    await page.locator(".layer-bars button").first().click();
    await page.waitForFunction(() => location.hash.includes("layer=0"));
    expect(await page.locator(".inside-grid h3").textContent()).toBe("Layer 1");
    expect(faults).toEqual([]);
  }, 300_000);
});
