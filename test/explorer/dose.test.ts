/** Dose measures all questions, or says which a filter of Examples left, and never waits for none. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openContents, type Served, serveExplorer } from "../../src/explorer/index.ts";
import type { RunContent } from "../../src/explorer/types.ts";
import { lintel } from "../cli/run.ts";
import { launch, type Watched, watched } from "./browser.fixture.ts";

describe.runIf(process.env.LINTEL_EXPLORER)("Dose", { timeout: 240_000 }, () => {
  const scratch = mkdtempSync(join(tmpdir(), "lintel-dose-"));
  const run = join(scratch, "run");
  const kinds = ["starved", "unreadable"] as const;
  let [browser, served, watch]: [Browser, Served, Watched] = [undefined!, undefined!, undefined!];
  let page: Page = undefined!;
  /** Numbers of the audits. */
  const audit: Record<string, number> = {};
  const filter = encodeURIComponent("own=wrong~oracle=right");
  /** Right answers among those that pass the filter, of the journal. */
  let wrong = 0;

  beforeAll(async () => {
    const known = join(scratch, "known");
    await lintel("selftest", "--keep", known, "--models", kinds.join(), "--sizes", "12");
    const { models } = JSON.parse(readFileSync(join(known, "selftest.json"), "utf8"));
    mkdirSync(run);
    writeFileSync(join(run, "study.json"), "{}");
    for (const [i, kind] of kinds.entries()) {
      const model = join(run, "models/known", kind, "0");
      cpSync(join(known, models[i].model), model, { recursive: true });
      if (i === 0) cpSync(join(known, models[i].data), join(run, "datasets/known"), { recursive: true });
      const { code, err } = await lintel(
        ...["audit", "--model", model, "--data", join(run, "datasets/known")],
        ...["--interventions", "own,oracle,zeros", "--out", join(run, "audits/known", kind, "0/eval")],
      );
      expect(code, err).toBe(0);
    }
    const lines = readFileSync(join(run, "audits/known/starved/0/eval/outcomes.jsonl"), "utf8").trim();
    wrong = lines
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(
        ({ answer, outcomes: { own, oracle } }) => own.choice !== answer && oracle.choice === answer,
      ).length;
    expect(wrong).toBeGreaterThan(0);
    expect(wrong).toBeLessThan(12);
    const contents = await openContents([run]);
    for (const [i, { name }] of ((await contents.get("run")) as RunContent).audits.entries())
      audit[name.split("/")[1]!] = i;
    served = await serveExplorer(contents);
    browser = await launch();
    watch = await watched(browser, served.url);
    page = watch.page;
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    rmSync(scratch, { recursive: true });
  });

  it("says which questions a filter of Examples left, and takes all of them on request", async () => {
    await page.goto(`${served.url}#/dose?a=${audit.starved}&f=${filter}&measure=1`);
    const notice = page.locator(".chosen-questions");
    await notice.waitFor();
    expect(await notice.textContent()).toContain(`Only ${wrong} of 12 questions`);
    expect(await notice.textContent()).toContain("own wrong, oracle right");
    expect(await notice.textContent()).toContain("no estimate");
    await page.locator(".live-dose .answer").waitFor({ timeout: 120_000 });
    expect(await page.locator(".live-dose .answer").textContent()).toContain(`of ${wrong} question`);
    // The chance line stands beside the accuracies.
    expect(await page.locator(".live-dose .plot .end").allTextContents()).toEqual(
      expect.arrayContaining(["accuracy", "chance"]),
    );
    await page.getByRole("button", { name: "Use all questions" }).click();
    await page.waitForFunction(() =>
      document.querySelector(".live-dose .answer")?.textContent?.includes("of 12 questions"),
    );
    expect(await notice.count()).toBe(0);
    expect(await page.locator(".unread-warning").count()).toBe(0);
    expect(watch.faults).toEqual([]);
  });

  it("measures nothing where no question passes, says so, and warns of answers that cannot be read", async () => {
    const { unreadable } = audit;
    for (const measure of ["", "&measure=1"]) {
      await page.goto(`${served.url}#/dose?a=${unreadable}&f=${filter}${measure}`);
      const button = page.getByRole("button", { name: "Measure it here" });
      await page.waitForFunction(() => document.querySelector(".live-dose button[disabled]") !== null);
      expect(await button.isDisabled()).toBe(true);
      expect(await page.locator(".chosen-questions").textContent()).toContain("No question of this audit");
      expect(await page.locator(".live-dose [role=status]").count()).toBe(0);
      expect(await page.locator(".unread-warning").textContent()).toContain("only 0.0\u202f% can be read");
    }
    await page.goto(`${served.url}#/dose?a=${unreadable}&f=${filter}`);
    await page.getByRole("button", { name: "Use all questions" }).click();
    await page.waitForFunction(() => document.querySelector(".live-dose button:not([disabled])") !== null);
    expect(page.url()).not.toContain("f=");
    // Compare warns of it as well, on either side.
    for (const sides of [`a=${unreadable}&b=${audit.starved}`, `a=${audit.starved}&b=${unreadable}`]) {
      await page.goto(`${served.url}#/compare?${sides}`);
      await page.locator(".unread-warning", { hasText: "known/unreadable/0" }).waitFor();
      expect(await page.locator(".unread-warning").count()).toBe(1);
    }
    expect(watch.faults).toEqual([]);
  });
});
