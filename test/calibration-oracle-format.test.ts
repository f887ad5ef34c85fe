/** The section on `oracle-format` of docs/calibration.md is made by scripts/calibrate-oracle-format.mjs; a part is computed anew here. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
// @ts-expect-error: a plain script, because Node 20 runs no TypeScript
import * as O from "../scripts/calibration-oracle-format.mjs";
import { suiteOf } from "../src/audit/index.ts";
import { evidenceOf } from "../src/audit/suites/evidence.ts";
import { random } from "../src/util/index.ts";

interface Cell {
  null?: string;
  truth?: string;
  n: number;
  found: Record<string, number>;
  first10: Record<string, number>;
}

const L = { suiteOf, evidenceOf, random };
const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const golden: { audits: number; powerAudits: number; cells: Cell[]; powers: Cell[] } = JSON.parse(
  read("./goldens/calibration-oracle-format.json"),
);

test("no conclusion is false in more than 5 % of audits at its edges", () => {
  expect(golden.cells).toHaveLength(Object.keys(O.nulls).length * O.sizes.length);
  // 5 %, and three standard errors of the simulation.
  const most = 0.05 * golden.audits + 3 * Math.sqrt(0.05 * 0.95 * golden.audits);
  for (const { null: name, n, found } of golden.cells)
    expect(found[O.nulls[name!].of] ?? 0, `${name}, n = ${n}`).toBeLessThanOrEqual(most);
});

test("every conclusion is drawn where it is true, and no other", () => {
  for (const { truth, n, found } of golden.powers) {
    expect(found[truth!]! / golden.powerAudits, `${truth}, n = ${n}`).toBeGreaterThan(0.8);
    expect((found[truth!] ?? 0) + (found.inconclusive ?? 0)).toBeGreaterThan(0.99 * golden.powerAudits);
  }
});

test("the first 10 audits of every cell are as committed", () => {
  for (const { null: edge, truth, n, first10 } of [...golden.cells, ...golden.powers]) {
    const label = edge ?? truth!;
    const cell = edge === undefined ? O.truths[label] : O.nulls[label];
    expect(O.conclusions(L, cell, { n, label }, 10), `${label}, n = ${n}`).toEqual(first10);
  }
}, 240_000);

test("the page holds the section as it follows from the figures", () => {
  const [from, to] = O.marks as [string, string];
  const page = read("../docs/calibration.md");
  expect(page.slice(page.indexOf(from) + from.length + 1, page.indexOf(to))).toBe(O.section(golden));
});
