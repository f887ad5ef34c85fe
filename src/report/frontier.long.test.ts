import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readJournal } from "../formats/index.ts";
import { compareRecipes } from "../study/frontier/index.ts";
import { fitPage } from "./build.ts";
import { STUDY_DETAIL_LEVELS } from "./detail-levels.ts";
import { expectNumbersOf, parse } from "./page-numbers.fixture.ts";
import { readRun } from "./read-run.ts";
import type { ReportData } from "./report-data.ts";
import { writeRun } from "./run.fixture.ts";
import { renderPage } from "./study-page.ts";
import type { Results } from "./study-types.ts";
import { summaryText } from "./terminal-summary.ts";

const design = {
  tasks: ["tetris"],
  factors: { latents: ["no", "yes"] },
  runs: { text: { latents: "no" }, joint: { latents: "yes" } },
};

let run: string;
let material: ReportData;
let page: string;

beforeAll(async () => {
  run = await mkdtemp(join(tmpdir(), "lintel-frontier-"));
  const plain = await writeRun(run, { examples: 80, seeds: 2, datasets: false });
  const compared = await compareRecipes(
    { frontier: { reference: "joint", equal: "steps", bars: ["tetris"], design } },
    plain.cells,
    ({ id }, split) => readJournal(join(run, "audits", id, split, "outcomes.jsonl")),
  );
  const results: Results = { ...plain, ...compared! };
  await writeFile(join(run, "results.json"), JSON.stringify(results));
  material = await readRun(run);
  page = renderPage(material, STUDY_DETAIL_LEVELS[0]!);
});
afterAll(() => rm(run, { recursive: true }));

test("a comparison has a leaderboard, its parts, steps and relations in place of the overview", () => {
  const document = parse(page);
  const titles = [...document.querySelectorAll("main > section > h2")].map((node) =>
    node.textContent!.trim(),
  );
  expect(titles.slice(0, 5)).toEqual([
    "Findings",
    "Leaderboard",
    "Main effects of recipe components",
    "Own accuracy against steps",
    "Does geometry predict accuracy?",
  ]);
  const rows = [...document.querySelectorAll("#leaderboard tr.first")].map(
    (row) => row.querySelector("th b")!.textContent,
  );
  // By dataset; within it the best own accuracy first.
  expect(rows).toHaveLength(3);
  expect(rows.slice(0, 2).sort()).toEqual(["joint", "text"]);
  expect(document.querySelector(".answer")!.textContent).toMatch(
    /On tetris joint closes .* of the gap \(own .*, oracle .*\)/,
  );
  expect(document.querySelectorAll("#steps svg.plot").length).toBe(2);
  expect(document.querySelectorAll("#factors svg.forest").length).toBeGreaterThan(0);
});

test("every number of it is that of results.json", async () => {
  const places = new Set(expectNumbersOf(page, material.results).map((node) => node.getAttribute("data-at")));
  for (const key of ["own", "oracle", "dummy", "gapClosed"])
    expect(places).toContain(`#/leaderboard/0/splits/0/${key}/value`);
  expect(places).toContain("#/factors/0/effects/0/effect");
  expect(places).toContain("#/relations/0/rho");
  for (const cell of parse(page).querySelectorAll(
    "#leaderboard td.num, #factors td.num, #relations td.num",
  )) {
    for (const node of cell.querySelectorAll("data")) node.remove();
    expect(cell.textContent).not.toMatch(/\d/);
  }
  expect(JSON.parse(await readFile(join(run, "results.json"), "utf8")).leaderboard).toHaveLength(3);
});

test("links find their places, with sections of models and without", () => {
  for (const detail of [STUDY_DETAIL_LEVELS[0]!, STUDY_DETAIL_LEVELS.at(-1)!]) {
    const document = parse(renderPage(material, detail));
    const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const link of document.querySelectorAll("a[href], use"))
      expect(ids).toContain(link.getAttribute("href")!.slice(1));
  }
  const least = fitPage(material, 1);
  expect(least).toContain("omits the sections of single models");
  expect(least).not.toContain('class="cell"');
  expect(Buffer.byteLength(least)).toBeLessThan(Buffer.byteLength(page) / 2);
});

test("the terminal shows the leaderboard", () => {
  const text = summaryText(material.results);
  expect(text).toMatch(/^Leaderboard\n {2}model .* gap closed +training$/m);
  expect(text).toMatch(/^ {2}tetris\/joint +eval +inconclusive /m);
});

test("latents and examples of very many models are not read, and the page says so", async () => {
  const many = await mkdtemp(join(tmpdir(), "lintel-many-"));
  try {
    const cells = Array.from({ length: 41 }, (_, i) => ({
      ...material.results.cells[0]!,
      id: `tetris/joint/${i}`,
      seed: i,
    }));
    await writeFile(join(many, "results.json"), JSON.stringify({ ...material.results, cells }));
    const data = await readRun(many);
    expect(data.cells[40]!.audits[0]!.latents).toEqual({
      missing: "not shown in a comparison of more than 40 models",
    });
    expect(fitPage(data)).toContain("not shown in a comparison of more than 40 models");
  } finally {
    await rm(many, { recursive: true });
  }
});
