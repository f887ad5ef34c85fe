/**
 * The explorer in Chromium: what it shows is what the files say, and every state is in the address.
 *   node explorer/build.mjs && LINTEL_EXPLORER=1 npx vitest run test/explorer
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openContents, serveExplorer } from "../../src/explorer/index.ts";
import type { RunContent } from "../../src/explorer/types.ts";
import { PAYLOADS } from "../../src/report/injection-payloads.fixture.ts";
import { writeRun } from "../../src/report/run.fixture.ts";
import { onStage, seriousFaults, watched } from "./browser.fixture.ts";

describe.runIf(process.env.LINTEL_EXPLORER)("the explorer", { timeout: 240_000 }, () => {
  /** Number of an audit in which the oracle is right more often. */
  let tetris = 0;
  const results = () => JSON.parse(readFileSync(join(run, "results.json"), "utf8"));

  const ui = onStage("explorer", async () => {
    await writeRun(run, { examples: 60, seeds: 2 });
    const contents = await openContents([run]);
    const { audits } = (await contents.get("run")) as RunContent;
    tetris = audits.findIndex(({ name }) => name === "tetris/joint/0 · eval");
    return contents;
  });
  const run = ui.at("run");

  it("shows every accuracy and difference of results.json as it is", async () => {
    const { page } = ui;
    const audits = results().cells.flatMap((cell: { audits: unknown[] }) => cell.audits) as {
      interventions: Record<string, { accuracy: number }>;
      comparisons: { intervention: string; reference: string; difference: number }[];
    }[];
    await ui.open("overview?a=0");
    await page.locator("table.interventions").waitFor();
    const shown = await page
      .locator("table.audits tbody tr td.own data")
      .evaluateAll((cells) => cells.map((cell) => Number((cell as HTMLDataElement).value)));
    expect(shown.sort()).toEqual(audits.map(({ interventions }) => interventions.own!.accuracy).sort());
    const own = await page
      .locator("table.interventions tbody tr")
      .evaluateAll((rows) =>
        rows.map((row) => [
          row.querySelector("th")!.textContent!.trim(),
          ...[...row.querySelectorAll("data")].slice(0, 2).map((each) => Number(each.value)),
        ]),
      );
    const audit = audits.find(({ interventions }) =>
      own.every(([name, accuracy]) => interventions[name as string]?.accuracy === accuracy),
    )!;
    expect(audit).toBeDefined();
    for (const [name, , difference] of own) {
      if (name === "own") continue;
      expect(difference).toBe(
        audit.comparisons.find((each) => each.intervention === name && each.reference === "own")!.difference,
      );
    }
    expect(ui.faults).toEqual([]);
  });

  it("answers: which questions does the oracle get right and own wrong, and what did own look like", async () => {
    const { page } = ui;
    await ui.open(`examples?a=${tetris}`);
    await page.getByRole("button", { name: /oracle right, own wrong/ }).click();
    await page.locator(".tally").waitFor();
    const expected = Number(await page.locator('.chip[aria-pressed="true"] b').textContent());
    expect(await page.locator(".tally").textContent()).toBe(`${expected} of 60`);
    await page.locator(".grid-row").first().click();
    await page.locator(".example .question img").first().waitFor();
    await page.locator(".looks li").first().waitFor();
    expect(await page.locator(".replies tr.wrong th", { hasText: /^own$/ }).count()).toBe(1);
    // The address alone shows the same again.
    const there = page.url();
    expect(there).toMatch(/f=own%3Dwrong%7Eoracle%3Dright/);
    const again = await ui.watch();
    await again.page.goto(there);
    await again.page.locator(".example .question img").first().waitFor();
    for (const part of [".tally", ".example h2"])
      expect(await again.page.locator(part).textContent()).toBe(await page.locator(part).textContent());
    await again.page.context().close();
    expect(ui.faults).toEqual([]);
  });

  it("leads from a flip of the overview to its examples", async () => {
    const { page } = ui;
    await ui.open(`overview?a=${tetris}`);
    const flip = page.locator("a.flip.good").first();
    const n = await flip.textContent();
    await flip.click();
    await page.locator(".tally").waitFor();
    expect(await page.locator(".tally").textContent()).toBe(`${n} of 60`);
  });

  it("is used by the keyboard alone", async () => {
    const { page } = ui;
    await ui.open("overview");
    await page.keyboard.press("2");
    await page.locator(".grid-row").first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("000003");
    await page.keyboard.press("Enter");
    await page.locator(".grid-row").nth(0).waitFor();
    await page.waitForFunction(() => document.querySelector(".tally")?.textContent?.startsWith("1 of"));
    await page.locator(".grid").focus();
    await page.keyboard.press("ArrowDown");
    await page.locator(".example").waitFor();
    expect(await page.locator(".example h2").textContent()).toContain("000003");
    await page.locator("main h1").evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press("Escape");
    await page.locator(".example").waitFor({ state: "detached" });
    expect(ui.faults).toEqual([]);
  });

  it.each([
    "overview",
    "examples?row=1",
    "latents?row=1",
    "inside",
    "compare",
    "dose",
    "training",
    "recipes",
  ])("has no serious fault of accessibility in %s, in both themes and at both widths", async (hash) => {
    for (const colorScheme of ["light", "dark"] as const)
      for (const width of [1280, 390]) {
        const each = await ui.watch({
          colorScheme,
          viewport: { width, height: 844 },
          bypassCSP: true,
        });
        await each.page.goto(`${ui.url}#/${hash}`);
        await each.page
          .locator("main :is(table, .grid, .plot, .example, .empty)")
          .first()
          .waitFor({ state: "attached" });
        await each.page.waitForTimeout(200);
        expect(await seriousFaults(each.page), `${colorScheme} ${width}`).toEqual([]);
        const wide = await each.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(wide, `${hash} at ${width}`).toBeLessThanOrEqual(0);
        await each.page.context().close();
      }
  });

  it("weighs less than 1.5 MB at its start, and asks for no other host", async () => {
    const app = fileURLToPath(new URL("../../dist/explorer/app/", import.meta.url));
    const start = readdirSync(app)
      .filter((name) => name.startsWith("app."))
      .reduce((sum, name) => sum + statSync(join(app, name)).size, 0);
    expect(start).toBeLessThan(1.5e6);
    expect(readFileSync(join(app, "app.js"), "utf8")).not.toMatch(/["'`]https?:\/\/(?!www\.w3\.org)/);
  });

  it("shows texts that try to become markup as texts", async () => {
    const hostile = ui.at("hostile");
    await writeRun(hostile, { examples: 20, seeds: 1, plans: 1 });
    const path = join(hostile, "audits/tetris/joint/0/eval/outcomes.jsonl");
    const lines = readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const [i, payload] of PAYLOADS.entries()) {
      const { check: _, ...record } = lines[i];
      record.example = payload;
      record.options = record.options.map(() => payload);
      record.outcomes[payload] = { ...record.outcomes.own, text: payload };
      record.outcomes.own.text = payload;
      lines[i] = record;
    }
    writeFileSync(path, `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
    const other = await serveExplorer(await openContents([hostile]));
    const each = await watched(ui.browser, other.url);
    try {
      for (const [i, payload] of PAYLOADS.entries()) {
        await each.page.goto(`${other.url}#/examples?a=0&row=${i}`);
        await each.page.locator(".example .reply").first().waitFor();
        expect(await each.page.locator(".example h2").textContent()).toContain(payload);
        expect(await each.page.locator(".reply").allTextContents()).toContain(payload);
        expect(await each.page.locator("script").count()).toBe(1);
        expect(await each.page.locator("iframe, base, [onerror], [onmouseover], [onload]").count()).toBe(0);
      }
      expect(each.faults).toEqual([]);
    } finally {
      await other.close();
    }
  });
});
