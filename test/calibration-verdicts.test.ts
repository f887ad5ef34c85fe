/** The section on verdicts of docs/calibration.md is made by scripts/calibrate-verdicts.mjs; a part is computed anew here. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
// @ts-expect-error: a plain script, because Node 20 runs no TypeScript
import * as V from "../scripts/calibration-verdicts.mjs";
import * as audit from "../src/audit/index.ts";
import * as statistics from "../src/statistics/index.ts";
import { random } from "../src/util/index.ts";

const L = { ...audit, ...statistics, random };
const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const golden = JSON.parse(read("./goldens/calibration-verdicts.json"));

interface Cell {
  own: number;
  n: number;
  dependence: string;
  found: Record<string, number>;
  first40: Record<string, number>;
}

test("no verdict is false in more than 5 % of audits, wherever own latents stand between dummies and oracle", () => {
  const cells = golden.cells as Cell[];
  expect(cells).toHaveLength(V.owns.length * V.sizes.length * V.dependences.length);
  // 5 %, and three standard errors of the simulation.
  const most = 0.05 * golden.audits + 3 * Math.sqrt(0.05 * 0.95 * golden.audits);
  for (const { own, found, ...cell } of cells)
    for (const [verdict, count] of Object.entries(found))
      if (verdict !== "former" && V.isFalse(verdict, own))
        expect(count, JSON.stringify({ own, verdict, ...cell })).toBeLessThanOrEqual(most);
});

test("at its boundary the test of the gap errs at most 5 % of the time, where a t test does not keep that", () => {
  const rates = golden.contrast.map((row: { gaffke: number; t: number }) => ({
    gaffke: row.gaffke / golden.contrastAudits,
    t: row.t / golden.contrastAudits,
  }));
  for (const { gaffke } of rates) expect(gaffke).toBeLessThanOrEqual(0.055);
  expect(Math.max(...rates.map(({ t }: { t: number }) => t))).toBeGreaterThan(0.1);
});

test("the former rule called a model starved in most audits of 50 whose latents lift it from .25 to .45; none does now", () => {
  const { found } = (golden.cells as Cell[]).find(
    ({ own, n, dependence }) => own === 0.45 && n === 50 && dependence === "independent",
  )!;
  expect(found.former! / golden.audits).toBeGreaterThan(0.8);
  expect(found.starved! / golden.audits).toBeLessThan(0.01);
});

test("the first 40 audits of some cells are as committed", () => {
  const telling: [number, number, string][] = [
    [0.45, 50, "independent"],
    [0.32, 100, "nested"],
    [0.25, 300, "shared"],
    [0.35, 300, "opposed"],
  ];
  for (const [own, n, dependence] of telling) {
    const cell = (golden.cells as Cell[]).find(
      (each) => each.own === own && each.n === n && each.dependence === dependence,
    )!;
    expect(V.verdictRates(L, { own, n, dependence }, 40), JSON.stringify({ own, n, dependence })).toEqual(
      cell.first40,
    );
  }
});

test("answers that cannot be read give no verdict but inconclusive", () => {
  expect(Object.keys(golden.unreadable)).toEqual(["inconclusive"]);
  expect(V.unreadableVerdicts(L, 12)).toEqual({ inconclusive: 12 });
});

test("the page holds the section as it follows from the figures", () => {
  const [from, to] = V.marks as [string, string];
  const page = read("../docs/calibration.md");
  expect(page.slice(page.indexOf(from) + from.length + 1, page.indexOf(to))).toBe(V.section(golden));
});
