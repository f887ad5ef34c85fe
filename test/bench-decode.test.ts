/** What `npm run bench:decode` makes of the runs of both sides. */
import { describe, expect, it } from "vitest";
import { decodeLines, kept } from "../bench/decode/lines.ts";

const versions = { lintel: "0.1.0" };
const run = (each: number[], more = {}) => ({ first: 2, each, written: [1, 2], peakMiB: 1000, ...more });
const peer = { torch: "2", transformers: "4" };

describe("bench:decode", () => {
  it("compares the steps that were disturbed least, first tokens and memory", () => {
    const ours = run([0.5, 0.1, 0.2, 0.1]);
    const theirs = { ...run([0.4, 0.4, 0.4, 0.4], { first: 3, peakMiB: 2000 }), ...peer };
    const [decoding, first, memory] = decodeLines("0.5B", ours, theirs, versions);
    expect(decoding).toMatchObject({ ours: 10, theirs: 2.5, ratio: 4, bar: 1.1, sameTokens: true });
    expect(first).toMatchObject({ ours: 2, theirs: 3, ratio: 1.5, bar: 1, unit: "s" });
    expect(memory).toMatchObject({ ours: 1000, theirs: 2000, ratio: 2, unit: "MiB" });
    expect([decoding!, first!, memory!].map(kept)).toEqual([true, true, true]);
    expect(decoding!.versions).toEqual({ ...versions, ...peer });
  });

  it("misses bars of speed and of memory", () => {
    const lines = decodeLines(
      "3B",
      run([0.2, 0.2], { first: 4, seen: 12, peakMiB: 4097 }),
      run([0.4, 0.4], { first: 3, seen: 10, peakMiB: 13000 }),
      versions,
    );
    expect(lines.map(kept)).toEqual([false, false, false, false]);
    expect(lines[2]).toMatchObject({ ours: 12, theirs: 10, bar: 1, unit: "s" });
    expect(lines[2]!.case).toContain("behind an image of 1024 patches");
    expect(lines[0]!.sameTokens).toBeUndefined();
  });

  it("says what a peer that failed owes", () => {
    const lines = decodeLines("3B", run([0.2], { seen: 9 }), { error: "no such program" }, versions);
    for (const line of lines) {
      expect(line).toMatchObject({ theirs: null, ratio: null, reason: "no such program" });
      expect(kept(line)).toBe(true);
    }
  });
});
