import { describe, expect, it } from "vitest";
import { LintelError, random } from "../util/index.ts";
import { balancedPositions, bucket, distinct } from "./draw.ts";

describe("bucket", () => {
  it("is the same on every machine and fills every bucket alike", () => {
    expect(["", "a", "b", "some content"].map((text) => bucket(text, 1000))).toEqual([923, 715, 274, 962]);
    const counts = Array<number>(8).fill(0);
    for (let i = 0; i < 80_000; i++) counts[bucket(`${i} ${i * 7} x`, 8)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });
});

describe("balancedPositions", () => {
  it("has every position once in every block, in changing order", () => {
    const next = balancedPositions(random(0, "test"), 4);
    const blocks = Array.from({ length: 60 }, () => [next(), next(), next(), next()]);
    for (const block of blocks) expect([...block].sort()).toEqual([0, 1, 2, 3]);
    expect(new Set(blocks.map(String)).size).toBeGreaterThan(15);
  });
});

describe("distinct", () => {
  it("passes over repetitions and over what is not acceptable", () => {
    let i = 0;
    const drawn = [
      ...distinct(
        "test",
        4,
        () => i++ % 10,
        (n) => (n % 2 ? null : String(n)),
      ),
    ];
    expect(drawn).toEqual([0, 2, 4, 6]);
  });

  it("ends with a clear error when there is no more", () => {
    const r = random(0, "digits");
    const generator = distinct("split x of y", 11, () => r.integer(10), String);
    const got: number[] = [];
    const run = () => {
      for (const n of generator) got.push(n);
    };
    expect(run).toThrow(LintelError);
    expect(got.length).toBe(10);
    expect(() => [...distinct("split x of y", 2, () => 1, String)]).toThrow(
      "split x of y: expected 2 distinct examples, got no more than about 1",
    );
  });
});
