/** What `npm run bench:audit` makes of its measurements; the runs themselves are not for tests. */
import { expect, it } from "vitest";
import { costLine, separateLine } from "../bench/audit/lines.ts";

const timed = (spent: number, cpu: number) => ({ spent, cpu, prefills: 1, steps: 60 });
const run = {
  ...{ own: timed(10, 8), all: timed(16, 14) },
  ...{ examples: 4, prompt: 432, parameters: 1e6, threads: 2 },
};
const versions = { lintel: "0.1.0" };

it("holds the cost of the interventions against the bar: above 1 it is kept", () => {
  expect(costLine("pocket", run, versions)).toMatchObject({
    bench: "audit",
    ours: 4,
    theirs: 2.5,
    unit: "s/example",
    cost: 1.6,
    ratio: 1.25,
    cpu: { ours: 3.5, theirs: 2, cost: 1.75 },
  });
  expect(costLine("pocket", { ...run, all: timed(40, 8) }, versions)).toMatchObject({ cost: 4, ratio: 0.5 });
});

it("holds all interventions against as many separate runs; a peer that failed is said to have failed", () => {
  const peer = { spent: 2, examples: 4, torch: "2", transformers: "4" };
  expect(separateLine("pocket", run, peer, versions)).toMatchObject({ ours: 4, theirs: 6, ratio: 1.5 });
  expect(separateLine("pocket", run, { error: "no torch" }, versions)).toMatchObject({
    theirs: null,
    ratio: null,
    failed: ["no torch"],
  });
});
