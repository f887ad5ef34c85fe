/** What a newcomer chooses and reads: audits to compare, both replies, boxes over the page, tables on a phone. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openContents, type Served, serveExplorer } from "../../src/explorer/index.ts";
import type { RunContent } from "../../src/explorer/types.ts";
import { float32, writeSafetensors } from "../../src/formats/index.ts";
import { writeRun } from "../../src/report/run.fixture.ts";
import { launch, type Watched, watched } from "./browser.fixture.ts";

describe.runIf(process.env.LINTEL_EXPLORER)("choices in the explorer", { timeout: 240_000 }, () => {
  const scratch = mkdtempSync(join(tmpdir(), "lintel-choices-"));
  const run = join(scratch, "run");
  let [browser, served, watch]: [Browser, Served, Watched] = [undefined!, undefined!, undefined!];
  let page: Page = undefined!;
  let audits: RunContent["audits"] = [];
  const numbered = (name: string): number => audits.findIndex((each) => each.name === name);
  const [nameA, nameB] = ["tetris/joint/0 · eval", "tetris/text/0 · eval"];
  const open = async (hash: string): Promise<void> => {
    await page.goto(`${served.url}#/${hash}`);
    await page.locator("main").waitFor();
  };
  const pair = (): string => `a=${numbered(nameA)}&b=${numbered(nameB)}`;

  beforeAll(async () => {
    await writeRun(run, { examples: 60, seeds: 1 });
    // As of a model that opened no latent block: a file in which no example has latents.
    const hollow = join(run, "audits/tetris/joint/0/held-out");
    const ids = readFileSync(join(hollow, "outcomes.jsonl"), "utf8").trim().split("\n");
    const none = float32([ids.length, 1, 4], new Float32Array(4 * ids.length).fill(Number.NaN));
    const tensors = new Map([
      ["own", none],
      ["oracle", none],
    ]);
    await writeSafetensors(join(hollow, "latents.safetensors"), tensors, {
      examples: JSON.stringify(ids.map((line) => JSON.parse(line).example)),
    });
    const contents = await openContents([run]);
    audits = ((await contents.get("run")) as RunContent).audits;
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

  it("shows own replies of both audits before all others, and both columns side by side", async () => {
    await open(`examples?${pair()}&row=2`);
    await page.locator(".replies .of-audit").nth(1).waitFor();
    const rows = await page.locator(".replies tbody tr").evaluateAll((all) =>
      all.map((row) => ({
        name: row.querySelector("th")!.textContent,
        reply: row.querySelector(".reply")?.textContent,
        right: row.classList.contains("right"),
      })),
    );
    const record = (name: string) =>
      JSON.parse(
        readFileSync(join(run, "audits", name.replace(" · ", "/"), "outcomes.jsonl"), "utf8").split("\n")[2]!,
      );
    for (const [i, name] of [nameA, nameB].entries()) {
      const { answer, outcomes } = record(name);
      expect(rows[i]).toEqual({
        name: `own${"AB"[i]}: ${name}`,
        reply: outcomes.own.text,
        right: outcomes.own.choice === answer,
      });
    }
    // Every other reply of A once, and own not again.
    expect(rows).toHaveLength(Object.keys(record(nameA).outcomes).length + 1);
    const heads = await page.locator(".grid-head [role=columnheader]").allTextContents();
    const at = heads.findIndex((text) => text.trim() === "own");
    expect(heads[at + 1]).toBe("B: own");
    expect(watch.faults).toEqual([]);
  });

  it("names the audits in the sentence of a comparison, and sets audits of other questions apart", async () => {
    await open(`compare?${pair()}`);
    await page.locator(".answer").waitFor();
    const sentence = await page.locator(".answer").textContent();
    for (const name of [nameA, nameB]) expect(sentence).toContain(name);
    const groups = await page.locator(".picker select optgroup").evaluateAll((all) =>
      all.map((group) => ({
        label: (group as HTMLOptGroupElement).label,
        options: [...group.querySelectorAll("option")].map(({ value }) => Number(value)),
      })),
    );
    // Twice, for A and for B.
    expect(groups).toHaveLength(4);
    const like = audits[numbered(nameA)]!;
    for (const { label, options } of groups)
      for (const i of options)
        expect(audits[i]!.task === like.task && audits[i]!.split === like.split).toBe(
          label === "Questions of tetris eval",
        );
    expect(groups.flatMap(({ options }) => options)).toHaveLength(2 * audits.length);
    await open(`compare?a=${numbered(nameA)}&b=${numbered("tetris/joint/0 · held-out")}`);
    await page.locator(".empty", { hasText: "A is of tetris eval, B of tetris held-out" }).waitFor();
    expect(watch.faults).toEqual([]);
  });

  it("has one box over the page at a time, which Esc closes before the example", async () => {
    await open(`examples?a=${numbered(nameA)}&row=1`);
    const opened = () => page.locator("details.add[open] > summary").allTextContents();
    const toggle = (name: string) => page.locator("details.add > summary", { hasText: name }).click();
    await page.locator(".example").waitFor();
    await toggle("Slices");
    await toggle("Add a condition");
    await page.waitForFunction(() => document.querySelectorAll("details.add[open]").length === 1);
    expect(await opened()).toEqual(["Add a condition"]);
    // From within a field of the box, and from the page behind it.
    await page.locator("details.add[open] select").first().focus();
    await page.keyboard.press("Escape");
    expect(await opened()).toEqual([]);
    await toggle("Slices");
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press("Escape");
    expect(await opened()).toEqual([]);
    expect(await page.locator(".example").count()).toBe(1);
    await page.keyboard.press("Escape");
    await page.locator(".example").waitFor({ state: "detached" });
    expect(watch.faults).toEqual([]);
  });

  it("does not wait for a projection of latents that are not there", async () => {
    for (const [name, text] of [
      [nameB, "No latents were kept"],
      ["tetris/joint/0 · held-out", "No example has both own and oracle latents"],
    ] as const) {
      await open(`latents?a=${numbered(name)}&proj=umap`);
      await page.locator(".empty", { hasText: text }).waitFor();
      expect(await page.getByText("UMAP is computed").count()).toBe(0);
      expect(await page.locator(".latent-grid > .card").isVisible()).toBe(false);
    }
    // With latents it is drawn.
    await open(`latents?a=${numbered(nameA)}&proj=umap`);
    await page.locator(".scatter canvas").waitFor();
    expect(watch.faults).toEqual([]);
  });

  it("keeps every number of Overview and Compare on a screen of 390 px", async () => {
    const phone = await watched(browser, served.url, { viewport: { width: 390, height: 844 } });
    for (const [hash, table, labels] of [
      [`overview?a=${numbered(nameA)}`, "table.audits", ["own", "oracle", "best control"]],
      [`compare?${pair()}`, "table.interventions", ["A", "B", "B − A", "95 %", "p"]],
    ] as const) {
      await phone.page.goto(`${served.url}#/${hash}`);
      const row = phone.page.locator(`main ${table} tbody tr`).first();
      await row.waitFor();
      for (const label of labels) {
        const box = await row.locator(`[data-label="${label}"]`).boundingBox();
        expect(box, `${hash} ${label}`).not.toBeNull();
        expect(box!.x, `${hash} ${label}`).toBeGreaterThanOrEqual(0);
        expect(box!.x + box!.width, `${hash} ${label}`).toBeLessThanOrEqual(390);
      }
    }
    expect(phone.faults).toEqual([]);
  });
});
