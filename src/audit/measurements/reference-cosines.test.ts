import { describe, expect, test } from "vitest";
import { matrix } from "../../numeric/index.ts";
import { known, unknown } from "../../statistics/index.ts";
import { random } from "../../util/index.ts";
import { geometry } from "../judge/geometry.ts";
import { crossCosines, slotCosines } from "./reference-cosines.ts";

const draw = random(0, "reference-cosines");
const normals = (n: number): Float32Array => Float32Array.from({ length: n }, () => draw.normal());

/** Latents of n examples with k slots; own is the oracle. */
const latentsOf = (n: number, k: number, d: number) => {
  const oracle = normals(n * k * d);
  return {
    examples: Array.from({ length: n }, (_, i) => String(i).padStart(3, "0")),
    slots: k,
    width: d,
    own: oracle.slice(),
    oracle,
    hasOwn: new Uint8Array(n).fill(1),
    hasOracle: new Uint8Array(n).fill(1),
  };
};

describe("cosines that others are read beside", () => {
  test("pairs by hand, the example's own oracle and equal ones left out", () => {
    const oracle = matrix([1, 0, 0, 1, 1, 0, 1, 1], 4, 2);
    const { sameAnswer, otherAnswer } = crossCosines(oracle, oracle, ["a", "a", "b", "b"]);
    const half = Math.SQRT1_2;
    // Same answer: 0–1 and 2–3, both ways; others: 0–3, 1–2, 1–3, both ways; 0 and 2 are equal.
    expect(sameAnswer.value).toMatchObject({ pairs: 4 });
    expect(sameAnswer.value!.cosine).toBeCloseTo(half / 2, 12);
    expect(otherAnswer.value).toMatchObject({ pairs: 6 });
    expect(otherAnswer.value!.cosine).toBeCloseTo((2 * half) / 3, 12);
    expect(otherAnswer.value!.low).toBeCloseTo(0, 12);
    expect(otherAnswer.value!.high).toBeCloseTo(half, 12);
  });

  test("planted by answer, they tell answers apart; with shuffled answers they do not", () => {
    const n = 120;
    const words = Array.from({ length: n }, (_, i) => "abcd"[i % 4]!);
    const centers = normals(4 * 16);
    const values = normals(n * 16).map((x, i) => centers[(Math.floor(i / 16) % 4) * 16 + (i % 16)]! * 2 + x);
    const x = matrix(values, n, 16);
    const planted = crossCosines(x, x, words);
    expect(planted.sameAnswer.value!.cosine - planted.otherAnswer.value!.cosine).toBeGreaterThan(0.4);
    const shuffled = crossCosines(x, x, draw.shuffled(words));
    expect(Math.abs(shuffled.sameAnswer.value!.cosine - shuffled.otherAnswer.value!.cosine)).toBeLessThan(
      0.05,
    );
  });

  test("do not change with the scale of a vector or the order of examples", () => {
    const x = matrix(normals(20 * 8), 20, 8);
    const words = Array.from({ length: 20 }, (_, i) => "ab"[i % 2]!);
    const found = crossCosines(x, x, words);
    const scaled = { ...x, values: x.values.map((v, i) => v * (1 + Math.floor(i / 8))) };
    expect(crossCosines(scaled, x, words).otherAnswer.value!.cosine).toBeCloseTo(
      found.otherAnswer.value!.cosine,
      6,
    );
    const rows = draw.shuffled([...words.keys()]);
    const moved = {
      ...x,
      values: Float32Array.from(rows.flatMap((r) => [...x.values.subarray(r * 8, r * 8 + 8)])),
    };
    const again = crossCosines(
      moved,
      moved,
      rows.map((r) => words[r]!),
    );
    expect(again.sameAnswer.value!.cosine).toBeCloseTo(found.sameAnswer.value!.cosine, 10);
  });

  test("slots: in order 1 where own is the oracle, shuffled that of any two slots", () => {
    const block = normals(4 * 32);
    const { matched, shuffled } = slotCosines([{ own: block, oracle: block }], 32);
    expect(matched.value).toMatchObject({ pairs: 4 });
    expect(matched.value!.low).toBeCloseTo(1, 6);
    expect(shuffled.value!.pairs).toBe(12);
    expect(Math.abs(shuffled.value!.cosine)).toBeLessThan(0.4);
    expect(
      slotCosines([{ own: block.subarray(0, 32), oracle: block.subarray(0, 32) }], 32).shuffled.reason,
    ).toBe("no example has two slots and an oracle of as many");
    expect(
      slotCosines([{ own: new Float32Array(32), oracle: block.subarray(0, 32) }], 32).matched.reason,
    ).toBe("a vector is not finite or has no direction");
  });
});

describe("rows of reference of an audit", () => {
  const latents = latentsOf(40, 2, 8);
  const answers = known(new Map(latents.examples.map((id, i) => [id, "abcd"[i % 4]!])));
  const patch = normals(8);
  // Of the length of the example's number: no two are equal.
  const vectors = latents.examples.map((example, i) => ({
    example,
    patches: [patch.map((x) => (i + 1) * x), patch],
    words: example === "000" ? [normals(8)] : [normals(8), normals(8)],
  }));

  test("hold every pair, with the input's own only where it is given", () => {
    const { references } = geometry(latents, { references: { answers, vectors } });
    expect(Object.keys(references!)).toEqual([
      ...["sameAnswer", "otherAnswer", "oracleSameAnswer", "oracleOtherAnswer", "slots", "shuffledSlots"],
      ...["patchesOfOne", "patchesOfTwo", "ownToPatch", "words"],
    ]);
    expect(references!.patchesOfOne).toMatchObject({ pairs: 40, low: expect.closeTo(1, 6) });
    expect(references!.patchesOfTwo).toMatchObject({ pairs: 39, high: expect.closeTo(1, 6) });
    expect(references!.words!.pairs).toBe(39);
    // Own latents are the oracles here: rows that start from either are the same.
    expect(references!.sameAnswer).toEqual(references!.oracleSameAnswer);
    expect(geometry(latents, { references: { answers } }).references).not.toHaveProperty("words");
    expect(geometry(latents).references).toBeUndefined();
  });

  test("two patches of one image are not those of two examples: neither by digest, nor where they are equal", () => {
    const images = new Map(latents.examples.map((id, i) => [id, String(i >> 1)]));
    const shared = geometry(latents, { references: { answers, vectors, images } }).references!;
    // Of 39 neighbours, every second pair has one image.
    expect(shared.patchesOfTwo!.pairs).toBe(19);
    const equal = vectors.map((each) => ({ ...each, patches: [patch, patch] }));
    expect(geometry(latents, { references: { answers, vectors: equal } }).references!.patchesOfTwo).toEqual({
      ...{ cosine: null, low: null, high: null, pairs: 0 },
      reason: "no two examples have visual tokens of different images",
    });
  });

  test("by answer they are null with a reason where answers are not known, and the others are as they were", () => {
    const input = { vectors, answers: unknown<ReadonlyMap<string, string>>("made up") };
    const found = geometry(latents, { references: input }).references!;
    for (const key of ["sameAnswer", "otherAnswer", "oracleSameAnswer", "oracleOtherAnswer"])
      expect(found[key]).toMatchObject({ cosine: null, pairs: 0, reason: "made up" });
    expect(found.slots).toEqual(geometry(latents, { references: { answers, vectors } }).references!.slots);
  });

  test("are null with a reason where no example has both", () => {
    const { references } = geometry(
      { ...latents, hasOracle: new Uint8Array(40) },
      { references: { answers, vectors } },
    );
    expect(references!.sameAnswer).toEqual({
      ...{ cosine: null, low: null, high: null, pairs: 0 },
      reason: "0 vectors; at least 2 are needed",
    });
    expect(references!.ownToPatch!.reason).toBe("no example has a latent block and visual tokens");
    expect(references!.patchesOfOne!.pairs).toBe(40);
  });
});
