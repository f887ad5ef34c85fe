/** What `npm run bench:train` makes of the runs of both sides; the runs themselves are not for tests. */
import { describe, expect, it } from "vitest";
import { median, pairsOf, ratiosOf, rounded } from "../bench/pairs.ts";
import { better, ceiling, comparison, lossGap } from "../bench/train/lines.ts";

const run = (threads: number, seconds: number, more = {}) => ({
  threads,
  seconds,
  firstLoss: 3,
  lastLoss: 2,
  peakMiB: 100.4,
  ...more,
});
const failure = { threads: 2, error: "torch.compile, 2 threads: no compiler" };
const versions = { lintel: "0.1.0", peer: "1" };

describe("bench:train", () => {
  it("takes the middle of timings", () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([5])]).toEqual([2, 3, 5]);
    expect(rounded(0.0123456)).toBe(0.01235);
  });

  it("takes the faster of the runs that did not fail", () => {
    expect(better([run(1, 0.3), run(2, 0.2)])?.threads).toBe(2);
    expect(better([run(1, 0.2), run(2, 0.3)])?.threads).toBe(1);
    expect(better([run(1, 0.3), failure])?.threads).toBe(1);
    expect(better([failure])).toBeNull();
  });

  it("finds losses apart at either end, and where one is no number", () => {
    expect(lossGap(run(1, 1), run(2, 1))).toBe(0);
    expect(lossGap(run(1, 1), run(1, 1, { firstLoss: 3.5 }))).toBe(0.5);
    expect(lossGap(run(1, 1), run(1, 1, { lastLoss: 1.75 }))).toBe(0.25);
    expect(lossGap(run(1, 1), run(1, 1, { lastLoss: Number.NaN }))).toBe(Number.POSITIVE_INFINITY);
  });

  it("runs in turns, and takes the ratio within each pair", async () => {
    const order: string[] = [];
    const side = (name: string, seconds: readonly number[]) => (round: number) => {
      order.push(name);
      return Promise.resolve(run(1, seconds[round]!));
    };
    const pairs = await pairsOf(side("ours", [1, 2, 4]), side("theirs", [2, 2, 12]), 3);
    expect(order).toEqual(["ours", "theirs", "ours", "theirs", "ours", "theirs"]);
    expect(ratiosOf(pairs, ({ seconds }) => seconds)).toEqual({ ratio: 2, range: [1, 3], pairs: 3 });
    const gone = [...pairs, { ours: run(1, 1), theirs: failure }];
    expect(ratiosOf(gone, ({ seconds }) => seconds).pairs).toBe(3);
    expect(ratiosOf([], () => 1)).toEqual({ ratio: null, range: null, pairs: 0 });
  });

  it("prints a comparison at equal numbers of threads: above 1, Lintel is faster", () => {
    const pairs = [
      { ours: run(2, 0.05, { cpu: 0.1 }), theirs: run(2, 0.1, { cpu: 0.3 }) },
      { ours: run(2, 0.1, { cpu: 0.1 }), theirs: run(2, 0.15, { cpu: 0.2 }) },
      { ours: run(2, 0.04, { cpu: 0.1 }), theirs: run(2, 0.12, { cpu: 0.1, lastLoss: 2.5 }) },
    ];
    expect(comparison({ name: "pocket", peer: "PyTorch eager", threads: 2, pairs, versions })).toEqual({
      bench: "train",
      case: "pocket, 2 threads",
      peer: "PyTorch eager",
      ours: 20,
      theirs: 8.333,
      unit: "steps/s",
      ratio: 2,
      range: [1.5, 3],
      pairs: 3,
      cpuRatio: 2,
      threads: 2,
      lossGap: 0.5,
      peakMiB: { ours: 100, theirs: 100 },
      versions,
    });
  });

  it("says of a peer that failed that it failed, and still what we reach", () => {
    const of = (pairs: Parameters<typeof comparison>[0]["pairs"]) =>
      comparison({ name: "larger", peer: "torch.compile", threads: 1, pairs, versions });
    expect(of([{ ours: run(1, 0.1), theirs: failure }])).toMatchObject({
      ours: 10,
      theirs: null,
      ratio: null,
      range: null,
      lossGap: null,
      failed: [failure.error],
    });
    const half = of([
      { ours: run(1, 0.1), theirs: run(1, 0.2) },
      { ours: run(1, 0.1), theirs: failure },
    ]);
    expect(half).toMatchObject({ ratio: 2, pairs: 1, failed: [failure.error] });
  });

  it("prints the share of the products' own time, with as many threads as the step", () => {
    const products = [
      { threads: 1, seconds: 0.09, gflops: 30, products: 60 },
      { threads: 2, seconds: 0.04, gflops: 50, products: 60 },
    ];
    const line = ceiling({ name: "larger", ours: [run(1, 0.1), run(2, 0.05)], products, versions });
    expect(line).toMatchObject({
      share: 0.8,
      threads: 2,
      gflops: 50,
      ours: 0.05,
      theirs: 0.04,
      unit: "s/step",
    });
    expect(line).not.toHaveProperty("failed");
    const none = ceiling({ name: "larger", ours: [run(2, 0.05)], products: [failure], versions });
    expect(none).toMatchObject({ share: null, gflops: null, failed: [failure.error] });
  });
});
