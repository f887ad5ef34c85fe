import { describe, expect, it } from "vitest";
import { familyNamed, parseFamily } from "../families/index.ts";
import { generationOf } from "./generation-settings.ts";
import { greedy } from "./greedy.ts";

describe("generationOf", () => {
  const real = 152064;
  it("follows the user, then the family's evaluation, then the checkpoint", () => {
    const checkpoint = { repetitionPenalty: 1.05 };
    expect(generationOf(familyNamed("lvr"), checkpoint, real, {})).toMatchObject({
      repetitionPenalty: 1.05,
      maxTokens: 512,
    });
    expect(generationOf(familyNamed("monet"), checkpoint, real, {})).toMatchObject({
      repetitionPenalty: 1.01,
      maxTokens: 4096,
    });
    expect(
      generationOf(familyNamed("monet"), checkpoint, real, { repetitionPenalty: 1, maxTokens: 7 }),
    ).toMatchObject({
      ...{ repetitionPenalty: 1, maxTokens: 7 },
    });
    expect(generationOf(familyNamed("mirage"), undefined, real, {}).repetitionPenalty).toBe(1);
  });

  it("keeps word-level models at 64 ids, or fewer where a family says so", () => {
    expect(generationOf(familyNamed("monet"), undefined, 40, {}).maxTokens).toBe(64);
    const short = parseFamily("name: short\nmaxTokens: 24", "short.yaml");
    expect(generationOf(short, undefined, 40, {}).maxTokens).toBe(24);
    expect(generationOf(short, undefined, 40, { maxTokens: 100 }).maxTokens).toBe(100);
  });
});

describe("greedy", () => {
  const scores = Float32Array.of(9, 2, -1, 1.9, -1.05, 0);
  const seen = (penalty: number, ...ids: number[]) => ({ penalty, seen: new Set(ids) });

  it("takes the largest from the offset on, the first of equals, forbidden ones left out", () => {
    expect(greedy(scores, 1, 5, seen(1))).toBe(0);
    expect(greedy(scores, 1, 5, seen(1), [0])).toBe(2);
    expect(greedy(Float32Array.of(1, 1), 0, 2, seen(1))).toBe(0);
  });

  it("divides positive scores of ids that were seen and multiplies negative ones, in single precision", () => {
    expect(greedy(scores, 1, 5, seen(1.1, 0))).toBe(2);
    expect(greedy(Float32Array.of(-1, -1.05), 0, 2, seen(1.1, 0))).toBe(1);
    expect(greedy(Float32Array.of(0, -1), 0, 2, seen(2, 0))).toBe(0);
    // Ids beyond the vocabulary say nothing.
    expect(greedy(scores, 1, 5, seen(1.1, 99))).toBe(0);
    expect([...scores]).toEqual([...Float32Array.of(9, 2, -1, 1.9, -1.05, 0)]);
    // 3 / 1.1 rounds to the same float32 as its neighbour: the first of equals is taken.
    const tie = Float32Array.of(Math.fround(3 / 1.1), 3);
    expect(greedy(tie, 0, 2, seen(1.1, 1))).toBe(0);
  });
});
