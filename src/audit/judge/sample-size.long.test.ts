/** The power that a plan promises, by simulation. */
import { expect, test } from "vitest";
import { equivalence, mcnemar } from "../../statistics/index.ts";
import { random } from "../../util/index.ts";
import { sampleSizes } from "./sample-size.ts";

/** Numbers of discordant pairs of both kinds among n. */
function draw(source: ReturnType<typeof random>, n: number, first: number, second: number): [number, number] {
  let [b, c] = [0, 0];
  for (let i = 0; i < n; i++) {
    const u = source.uniform();
    if (u < first) b++;
    else if (u < first + second) c++;
  }
  return [b, c];
}

test("the promised power is there, by simulation with the tests themselves", () => {
  const { rows } = sampleSizes({ margin: 0.05, discordance: 0.04, gain: 0.15, oracle: false });
  const source = random(4, "sizes");
  const runs = 400;
  let shown = 0;
  let beaten = 0;
  for (let run = 0; run < runs; run++) {
    const [b, c] = draw(source, rows[0]!.one!, 0.02, 0.02);
    const n = rows[0]!.one!;
    if (equivalence({ n11: n - b - c, n10: b, n01: c, n00: 0 }, 0.05).value!.equivalent) shown++;
    const [won, lost] = draw(source, rows[1]!.one!, 0.17, 0.02);
    if (won > lost && mcnemar(won, lost).p < 0.05) beaten++;
  }
  // Four standard errors of 400 runs at 0.8.
  expect(Math.abs(shown / runs - rows[0]!.power!)).toBeLessThan(0.08);
  expect(Math.abs(beaten / runs - rows[1]!.power!)).toBeLessThan(0.08);
});

test("starved: what the verdict's own test shows, as in the page of calibration; none without oracles", () => {
  const { rows } = sampleSizes({ oracleGain: 0.7 });
  const row = rows.find(({ verdict }) => verdict === "starved")!;
  expect(row).toMatchObject({ comparisons: 6, oneNormal: row.one });
  // 76 % of simulated audits of 300 (docs/calibration.md).
  expect(row.one).toBeGreaterThan(300);
  expect(row.one).toBeLessThan(370);
  expect(row.all).toBeGreaterThanOrEqual(row.one!);
  // Four standard errors of 1,000 simulated audits.
  expect(Math.abs(row.power! - 0.8)).toBeLessThan(0.05);
  const wider = sampleSizes({ oracleGain: 0.7, starvedShare: 0.2 }).rows[2]!;
  expect(wider.one).toBeLessThan(row.one! / 3);
  expect(sampleSizes({ oracle: false }).rows.map(({ verdict }) => verdict)).toEqual([
    "bypassed",
    "load-bearing",
  ]);
});
