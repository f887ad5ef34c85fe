/** The page asks a model beside the server: it shows the audit's numbers, and says what an engine does not offer. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { isRight } from "../../src/audit/index.ts";
import { fakeEngine } from "../engine.fixture.ts";
import { type Audited, probabilitiesOf, serving, stop, writeAudited } from "./beside.fixture.ts";
import { onStage, watched } from "./browser.fixture.ts";

const numbersOf = (page: Page, part: string): Promise<number[]> =>
  page.locator(part).evaluateAll((cells) => cells.map((each) => Number((each as HTMLDataElement).value)));

/** Waits until the page shows these probabilities to 1e-5. */
const shows = (page: Page, expected: readonly number[]): Promise<unknown> =>
  page.waitForFunction(
    (wanted) => {
      const cells = [...document.querySelectorAll<HTMLDataElement>(".bars data")];
      return (
        cells.length === wanted.length &&
        cells.every((each, i) => Math.abs(Number(each.value) - wanted[i]!) < 1e-5)
      );
    },
    [...expected],
    { timeout: 60_000 },
  );

describe.runIf(process.env.LINTEL_EXPLORER)("a model beside the server, in the page", () => {
  let [audited, few]: [Audited, Audited] = [undefined!, undefined!];
  const argv = (): string[] => [audited.audit, "--data", audited.data, "--model", audited.model];

  // Each test serves what it is about.
  const ui = onStage("beside-page", async () => {
    audited = await writeAudited(ui.at("whole"));
    few = await writeAudited(ui.at("few"), "own,oracle");
    return undefined;
  });

  it("shows what the audit recorded while slots are mixed", async () => {
    const server = await serving(...argv(), "--beside-server");
    const { page, faults } = await watched(ui.browser, server.url);
    try {
      for (const [name, hash] of [
        ["own", "mix=0"],
        ["oracle", "src=oracle&mix=1"],
        ["blend(0.25)", "src=oracle&mix=0.25"],
        ["blend(0.6)", "src=oracle&mix=0.6"],
        ["zeros", "src=zeros&mix=1"],
        ["mean", "src=mean&mix=1"],
      ] as const) {
        await page.goto(`${server.url}#/try?a=0&row=1&${hash}`);
        await shows(page, probabilitiesOf(audited.outcomes[1]!, name));
      }
      // The slider: quick moves end at the last one.
      await page.goto(`${server.url}#/try?a=0&row=2&src=oracle&mix=0`);
      await shows(page, probabilitiesOf(audited.outcomes[2]!, "own"));
      const slider = page.getByLabel("share of it in the slots");
      for (const value of ["0.1", "0.4", "0.9", "0.25"]) await slider.fill(value);
      await shows(page, probabilitiesOf(audited.outcomes[2]!, "blend(0.25)"));
      // Another example's latents, chosen in the page.
      await page.getByRole("button", { name: "another example’s" }).click();
      await page.getByRole("button", { name: "next donor" }).click();
      await page.waitForFunction(() => location.hash.includes("other=4"));
      await page.locator(".stepper code", { hasText: audited.outcomes[4]!.example }).waitFor();

      await page.goto(`${server.url}#/inside?a=0&row=1`);
      await page.locator('[aria-label="patching"] data').first().waitFor({ timeout: 60_000 });
      expect(await page.locator('[aria-label="logit lens"] td').count()).toBeGreaterThan(0);

      expect(await page.locator(".notice").count()).toBe(0);
      expect(faults).toEqual([]);
    } finally {
      await page.context().close();
      await stop(server);
    }
  }, 240_000);

  it("shows what an engine offers, and says what it does not", async () => {
    const server = await serving(...argv(), "--engine", "torch", "--python", fakeEngine("protocol=1"));
    const { page, faults } = await watched(ui.browser, server.url);
    try {
      await page.goto(`${server.url}#/inside?a=0&row=1`);
      await page.locator(".layer-bars button").first().waitFor({ timeout: 60_000 });
      expect(await page.locator("main .notice").textContent()).toMatch(/the logit lens and patching/);
      expect(await page.locator('[aria-label="patching"]').count()).toBe(0);
      expect(await page.getByLabel("Head").count()).toBe(0);
      const shares = await numbersOf(page, ".layer-bars data");
      expect(shares.some((share) => share > 0)).toBe(true);
      await page.goto(`${server.url}#/try?a=0&row=1&src=oracle&mix=0.6`);
      await shows(page, probabilitiesOf(audited.outcomes[1]!, "blend(0.6)"));
      expect(faults).toEqual([]);
    } finally {
      await page.context().close();
      await stop(server);
    }
  }, 240_000);

  it.each([["in this page"], ["beside the server"]])(
    "measures a dose that the audit does not have, %s",
    async (where) => {
      const beside = where === "beside the server";
      const server = await serving(
        ...[few.audit, "--data", few.data, "--model", few.model],
        ...(beside ? ["--beside-server"] : []),
      );
      const { page, faults } = await watched(ui.browser, server.url);
      try {
        await page.goto(`${server.url}#/dose?a=0`);
        await page.getByRole("button", { name: "Measure it here" }).click();
        const answer = page.locator(".live-dose .answer");
        await answer.waitFor({ timeout: 120_000 });
        const right = (name: string): number =>
          few.outcomes.filter((each) => isRight(each.outcomes[name]!, each.answer)).length;
        const share = (name: string): string => `${((100 * right(name)) / 12).toFixed(1)} %`;
        expect((await answer.textContent())!.replace(/[\u00a0\u202f]/g, " ")).toContain(
          `${share("own")} right with own latents, ${share("oracle")} with the oracle, of 12 questions`,
        );
        expect(right("oracle")).toBeGreaterThan(right("own"));
        expect(await page.locator(".live-dose").textContent()).toContain(where);
        // Accuracies of the curve's five points, the ends those of the audit.
        expect(await page.locator(".live-dose svg").count()).toBeGreaterThan(0);
        expect(faults).toEqual([]);
      } finally {
        await page.context().close();
        await stop(server);
      }
    },
    240_000,
  );

  it("says what to do where no model is at hand", async () => {
    const server = await serving(audited.audit, "--data", audited.data);
    const { page, faults } = await watched(ui.browser, server.url);
    try {
      await page.goto(`${server.url}#/try?a=0&row=1`);
      await page.getByText("lintel explore AUDIT --model DIR").waitFor();
      expect(faults).toEqual([]);
    } finally {
      await page.context().close();
      await stop(server);
    }
  }, 120_000);
});
