/** The figures of scripts/calibrate-inform.mjs that docs/data.md cites: helpers of noise are not called informative. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

interface Row {
  null: string;
  n: number;
  datasets: number;
  informative: number;
  leaking: number;
  worseThanBlind: number;
}

const rows: Row[] = JSON.parse(
  readFileSync(new URL("../../test/goldens/inform/calibration.json", import.meta.url), "utf8"),
);

it("planted nulls of at least 200 datasets, the smallest size among them: at most 5 % false, no reader worse than blind", () => {
  const measured = rows.map((row) => `${row.null} ${row.n}`);
  const wanted = [60, 100, 200].flatMap((n) => ["noise", "question", "image"].map((name) => `${name} ${n}`));
  expect(measured.sort()).toEqual(wanted.sort());
  for (const { datasets, informative, leaking, worseThanBlind, ...row } of rows) {
    expect(datasets, row.null).toBeGreaterThanOrEqual(200);
    expect((informative + leaking) / datasets, `${row.null}, ${row.n}`).toBeLessThanOrEqual(0.05);
    expect(worseThanBlind).toBe(0);
  }
});
