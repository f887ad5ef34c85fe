/** The explorer in Chromium beside a study that is still running: what ends appears, and the page says when all has ended. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openContents } from "../../src/explorer/index.ts";
import { writeRun } from "../../src/report/run.fixture.ts";
import { lockDirectory } from "../../src/util/index.ts";
import { start } from "../cli/run.ts";
import { onStage } from "./browser.fixture.ts";

/** The plan of the run that the fixture writes, of its tetris models. */
const plan = {
  schemaVersion: 1,
  name: "live",
  description: "a study that is being watched",
  seeds: 1,
  datasets: { tetris: { train: 64, eval: 30, heldOut: 30, seed: 7, parameters: { rendering: "pocket" } } },
  cells: [
    { task: "tetris", recipe: "joint", training: { steps: 600, batch: 32 }, audits: [{ split: "eval" }] },
    {
      task: "tetris",
      recipe: "text",
      training: { steps: 600, batch: 32 },
      audits: [{ split: "eval", interventions: ["own"] }],
    },
  ],
};

describe.runIf(process.env.LINTEL_EXPLORER)("a study that is running", () => {
  const ui = onStage("live", async () => {
    const results = await writeRun(whole, { examples: 30, seeds: 1 });
    for (const audit of results.cells.flatMap(({ audits }) => audits))
      writeFileSync(join(whole, audit.directory!, "audit.json"), JSON.stringify(audit));
    mkdirSync(run);
    writeFileSync(join(run, "study.json"), JSON.stringify(plan));
    finish("datasets");
    return openContents([run]);
  });
  const [whole, run] = [ui.at("whole"), ui.at("run")];
  /** Brings a part of the finished run here, as the study writes it: at once. */
  const finish = (part: string): void => {
    if (!existsSync(join(whole, part))) throw new Error(`the fixture has no ${part}`);
    mkdirSync(join(run, part, ".."), { recursive: true });
    cpSync(join(whole, part), ui.at("part"), { recursive: true });
    renameSync(ui.at("part"), join(run, part));
  };

  it("shows what has ended without being asked, and says when all has", async () => {
    const { page, faults } = ui;
    const lock = await lockDirectory(run);
    await ui.open("overview");
    await page.locator(".live").waitFor();
    const progress = page.locator(".progress-line");
    expect(await progress.textContent()).toContain("0 of 2 models trained and audited");
    expect(await page.locator("main .empty").textContent()).toBe("There are no audits yet.");

    // Training: a curve grows.
    const journal = readFileSync(join(whole, "models/tetris/joint/0/training.jsonl"), "utf8").split("\n");
    mkdirSync(join(run, "models/tetris/joint/0"), { recursive: true });
    const grow = (lines: number): void =>
      writeFileSync(
        join(run, "models/tetris/joint/0/training.jsonl"),
        `${journal.slice(0, lines).join("\n")}\n`,
      );
    grow(51);
    await page.goto(`${ui.url}#/training`);
    await page.getByText("step 50 of 600").waitFor({ timeout: 20_000 });
    grow(306);
    await page.getByText("step 300 of 600").waitFor({ timeout: 20_000 });

    // A model ends, and its audit.
    await page.goto(`${ui.url}#/overview`);
    finish("audits/tetris/joint/0/eval");
    await page.locator("table.audits tbody tr").waitFor({ timeout: 20_000 });
    await page.getByText("1 of 2 models trained and audited").waitFor();
    expect(await page.locator("table.audits tbody tr td.own data").count()).toBe(1);
    expect(await page.locator(".live").count()).toBe(1);

    // An audit under way: its examples so far, which grow.
    const outcomes = readFileSync(join(whole, "audits/tetris/text/0/eval/outcomes.jsonl"), "utf8").split(
      "\n",
    );
    const there = join(run, "audits/tetris/text/0/eval");
    mkdirSync(there, { recursive: true });
    writeFileSync(join(there, "outcomes.jsonl"), `${outcomes.slice(0, 12).join("\n")}\n`);
    await page.locator("table.audits tbody tr", { hasText: "in progress" }).waitFor({ timeout: 20_000 });
    await page.goto(`${ui.url}#/examples?a=1`);
    await page.getByText("12 of 12 so far").waitFor({ timeout: 20_000 });
    writeFileSync(join(there, "outcomes.jsonl"), `${outcomes.slice(0, 20).join("\n")}\n`);
    await page.getByText("20 of 20 so far").waitFor({ timeout: 20_000 });

    // Nobody works on it any more, and then again.
    await page.goto(`${ui.url}#/overview`);
    lock.release();
    await page.locator(".stopped").waitFor({ timeout: 20_000 });
    await page.locator(".live").waitFor({ state: "detached" });
    expect(await page.locator(".notice").allTextContents()).toEqual([
      "This study stopped before its end. Run the same command again to continue it.",
    ]);
    await page.locator("table.audits tbody tr", { hasText: "not finished" }).waitFor();
    const again = await lockDirectory(run);
    await page.locator(".live").waitFor({ timeout: 30_000 });
    await page.locator("table.audits tbody tr", { hasText: "in progress" }).waitFor();
    expect(await page.locator(".notice").count()).toBe(0);

    // The study ends.
    rmSync(there, { recursive: true });
    finish("audits/tetris/text/0/eval");
    finish("results.json");
    again.release();
    await page.locator(".live").waitFor({ state: "detached", timeout: 20_000 });
    expect(await page.locator(".stopped").count()).toBe(0);
    await page.goto(`${ui.url}#/overview`);
    await page.locator(".findings li").first().waitFor();
    expect(await page.locator(".progress-line").count()).toBe(0);
    expect(faults).toEqual([]);
  }, 240_000);

  it("says of a study that was killed that it stopped", async () => {
    const killed = ui.at("killed");
    const study = start(["study", "smoke", "--workers", "1", "--out", killed]);
    while (!existsSync(join(killed, "models"))) await new Promise((done) => setTimeout(done, 50));
    const { url } = await ui.serve(await openContents([killed]));
    const { page, faults } = await ui.watch();
    await page.goto(`${url}#/overview`);
    await page.locator(".live").waitFor();
    study.kill("SIGKILL");
    await study.ended;
    await page.locator(".stopped").waitFor({ timeout: 60_000 });
    expect(await page.locator(".notice").first().textContent()).toMatch(
      /stopped before its end.*same command/,
    );
    // What it left behind is as a kill leaves it.
    expect(readdirSync(killed)).toContain(".lintel.lock");
    expect(faults.filter((fault) => !fault.includes("asks for"))).toEqual([]);
  }, 240_000);
});
