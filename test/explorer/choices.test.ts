/** What a newcomer chooses and reads: audits to compare, both replies, boxes over the page, tables on a phone. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openContents } from "../../src/explorer/index.ts";
import type { RunContent } from "../../src/explorer/types.ts";
import { float32, writeSafetensors } from "../../src/formats/index.ts";
import { writeRun } from "../../src/report/run.fixture.ts";
import { onStage } from "./browser.fixture.ts";

describe.runIf(process.env.LINTEL_EXPLORER)("choices in the explorer", { timeout: 240_000 }, () => {
  let audits: RunContent["audits"] = [];
  const numbered = (name: string): number => audits.findIndex((each) => each.name === name);
  const [nameA, nameB] = ["tetris/joint/0 · eval", "tetris/text/0 · eval"];
  const pair = (): string => `a=${numbered(nameA)}&b=${numbered(nameB)}`;

  const ui = onStage("choices", async () => {
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
    return contents;
  });
  const run = ui.at("run");

  it("shows own replies of both audits before all others, and both columns side by side", async () => {
    await ui.open(`examples?${pair()}&row=2`);
    await ui.page.locator(".replies .of-audit").nth(1).waitFor();
    const rows = await ui.page.locator(".replies tbody tr").evaluateAll((all) =>
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
    const heads = await ui.page.locator(".grid-head [role=columnheader]").allTextContents();
    const at = heads.findIndex((text) => text.trim() === "own");
    expect(heads[at + 1]).toBe("B: own");
    expect(ui.faults).toEqual([]);
  });

  it("names the audits in the sentence of a comparison, and sets audits of other questions apart", async () => {
    await ui.open(`compare?${pair()}`);
    await ui.page.locator(".answer").waitFor();
    const sentence = await ui.page.locator(".answer").textContent();
    expect(sentence).toMatch(/text answers .+ of the shared examples correctly and joint/);
    const groups = await ui.page.locator(".picker select optgroup").evaluateAll((all) =>
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
          label === "Same task and split: tetris eval",
        );
    expect(groups.flatMap(({ options }) => options)).toHaveLength(2 * audits.length);
    await ui.open(`compare?a=${numbered(nameA)}&b=${numbered("tetris/joint/0 · held-out")}`);
    await ui.page.locator(".empty", { hasText: "A is of tetris eval, B of tetris held-out" }).waitFor();
    expect(ui.faults).toEqual([]);
  });

  it("has one box over the page at a time, which Esc closes before the example", async () => {
    await ui.open(`examples?a=${numbered(nameA)}&row=1`);
    const opened = () => ui.page.locator("details.add[open] > summary").allTextContents();
    const toggle = (name: string) => ui.page.locator("details.add > summary", { hasText: name }).click();
    await ui.page.locator(".example").waitFor();
    await toggle("Slices");
    await toggle("Add a condition");
    await ui.page.waitForFunction(() => document.querySelectorAll("details.add[open]").length === 1);
    expect(await opened()).toEqual(["Add a condition"]);
    // From within a field of the box, and from the page behind it.
    await ui.page.locator("details.add[open] select").first().focus();
    await ui.page.keyboard.press("Escape");
    expect(await opened()).toEqual([]);
    await toggle("Slices");
    await ui.page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await ui.page.keyboard.press("Escape");
    expect(await opened()).toEqual([]);
    expect(await ui.page.locator(".example").count()).toBe(1);
    await ui.page.keyboard.press("Escape");
    await ui.page.locator(".example").waitFor({ state: "detached" });
    expect(ui.faults).toEqual([]);
  });

  it("does not wait for a projection of latents that are not there", async () => {
    for (const [name, text] of [
      [nameB, "No latents were kept"],
      ["tetris/joint/0 · held-out", "No example has both own and oracle latents"],
    ] as const) {
      await ui.open(`latents?a=${numbered(name)}&proj=umap`);
      await ui.page.locator(".empty", { hasText: text }).waitFor();
      expect(await ui.page.getByText("UMAP is computed").count()).toBe(0);
      expect(await ui.page.locator(".latent-grid > .card").isVisible()).toBe(false);
    }
    // With latents it is drawn.
    await ui.open(`latents?a=${numbered(nameA)}&proj=umap`);
    await ui.page.locator(".scatter canvas").waitFor();
    expect(ui.faults).toEqual([]);
  });

  it("keeps every number of Overview and Compare on a screen of 390 px", async () => {
    const phone = await ui.watch({ viewport: { width: 390, height: 844 } });
    for (const [hash, table, labels] of [
      [`overview?a=${numbered(nameA)}`, "table.audits", ["own", "oracle", "best control"]],
      [`compare?${pair()}`, "table.interventions", ["A", "B", "B − A", "95 % interval", "p"]],
    ] as const) {
      await phone.page.goto(`${ui.url}#/${hash}`);
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

  it("draws every picture of Compare within its cell, and no command with its backticks", async () => {
    await ui.open(`compare?${pair()}`);
    await ui.page.locator("table.compared .forest").first().waitFor();
    const outside = await ui.page.locator("table.compared td svg").evaluateAll((all) =>
      all
        .map((svg) => [svg.getBoundingClientRect(), svg.closest("td")!.getBoundingClientRect()] as const)
        .filter(([picture, cell]) => picture.width > 0 && picture.right > cell.right + 1)
        .map(([picture, cell]) => [picture.right, cell.right]),
    );
    expect(outside).toEqual([]);
    await ui.open("overview");
    await ui.page.locator(".findings li").first().waitFor();
    expect(await ui.page.locator("main").textContent()).not.toContain("`");
    expect(ui.faults).toEqual([]);
  });
});
