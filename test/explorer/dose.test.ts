/** Dose measures all questions, or says which a filter of Examples left, and never waits for none. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openContents } from "../../src/explorer/index.ts";
import type { RunContent } from "../../src/explorer/types.ts";
import { lintel } from "../cli/run.ts";
import { onStage } from "./browser.fixture.ts";

describe.runIf(process.env.LINTEL_EXPLORER)("Dose", { timeout: 240_000 }, () => {
  const kinds = ["starved", "unreadable"] as const;
  /** Numbers of the audits. */
  const audit: Record<string, number> = {};
  const filter = encodeURIComponent("own=wrong~oracle=right");
  /** Right answers among those that pass the filter, of the journal. */
  let wrong = 0;

  const ui = onStage("dose", async () => {
    const known = ui.at("known");
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
    return contents;
  });
  const run = ui.at("run");

  it("says which questions a filter of Examples left, and takes all of them on request", async () => {
    await ui.page.goto(`${ui.url}#/dose?a=${audit.starved}&f=${filter}&measure=1`);
    const notice = ui.page.locator(".chosen-questions");
    await notice.waitFor();
    expect(await notice.textContent()).toContain(`Only ${wrong} of 12 questions`);
    expect(await notice.textContent()).toContain("own wrong, oracle right");
    expect(await notice.textContent()).toContain("no estimate");
    await ui.page.locator(".live-dose .answer").waitFor({ timeout: 120_000 });
    expect(await ui.page.locator(".live-dose .answer").textContent()).toContain(`of ${wrong} question`);
    // The chance line stands beside the accuracies.
    expect(await ui.page.locator(".live-dose .plot .end").allTextContents()).toEqual(
      expect.arrayContaining(["accuracy", "chance"]),
    );
    await ui.page.getByRole("button", { name: "Use all questions" }).click();
    await ui.page.waitForFunction(() =>
      document.querySelector(".live-dose .answer")?.textContent?.includes("of 12 questions"),
    );
    expect(await notice.count()).toBe(0);
    expect(await ui.page.locator(".unread-warning").count()).toBe(0);
    expect(ui.faults).toEqual([]);
  });

  it("measures nothing where no question passes, says so, and warns of answers that cannot be read", async () => {
    const { unreadable } = audit;
    for (const measure of ["", "&measure=1"]) {
      await ui.page.goto(`${ui.url}#/dose?a=${unreadable}&f=${filter}${measure}`);
      const button = ui.page.getByRole("button", { name: "Measure it here" });
      await ui.page.waitForFunction(() => document.querySelector(".live-dose button[disabled]") !== null);
      expect(await button.isDisabled()).toBe(true);
      expect(await ui.page.locator(".chosen-questions").textContent()).toContain("No question of this audit");
      expect(await ui.page.locator(".live-dose [role=status]").count()).toBe(0);
      expect(await ui.page.locator(".unread-warning").textContent()).toContain("only 0.0\u202f% can be read");
    }
    await ui.page.goto(`${ui.url}#/dose?a=${unreadable}&f=${filter}`);
    await ui.page.getByRole("button", { name: "Use all questions" }).click();
    await ui.page.waitForFunction(() => document.querySelector(".live-dose button:not([disabled])") !== null);
    expect(ui.page.url()).not.toContain("f=");
    // Compare warns of it as well, on either side.
    for (const sides of [`a=${unreadable}&b=${audit.starved}`, `a=${audit.starved}&b=${unreadable}`]) {
      await ui.page.goto(`${ui.url}#/compare?${sides}`);
      await ui.page.locator(".unread-warning", { hasText: "known/unreadable/0" }).waitFor();
      expect(await ui.page.locator(".unread-warning").count()).toBe(1);
    }
    expect(ui.faults).toEqual([]);
  });
});
