import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { float32 } from "../../graph/index.ts";
import type { SharedPrefix } from "../../reasoning/index.ts";
import { batchSize } from "./decode-session.ts";
import { createPrefixStore } from "./prefix-store.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "lintel-prefixes-test-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A prefix of two layers, its caches parts of larger buffers, with numbers that must come back to the bit. */
function prefix(seed: number): SharedPrefix {
  const cache = (i: number) => {
    const whole = Float32Array.from({ length: 20 }, (_, at) => Math.sin(seed + 7 * i + at) / 3);
    return float32(whole.subarray(4, 16), [1, 1, 3, 4]);
  };
  const written = { ids: [seed], answerLogits: Float32Array.of(seed) };
  return {
    prefix: {
      ...{ batch: 1, length: 3, k: [cache(0), cache(1)], v: [cache(2), cache(3)] },
      ...{ mask: Float32Array.of(0, 0, -1e9), next: Int32Array.of(3) },
    },
    rows: [written] as unknown as SharedPrefix["rows"],
  };
}

describe("createPrefixStore", () => {
  it("gives back what does not fit in memory to the bit, and leaves nothing behind", async () => {
    const size = 4 * 12 * 4;
    const store = createPrefixStore({ directory, inMemory: 2 * size });
    const all = [0, 1, 2, 3, 4].map(prefix);
    for (const [batch, each] of all.entries()) await store.put(batch, each);
    const [place] = readdirSync(directory);
    expect(readdirSync(join(directory, place!)).sort()).toEqual(["2", "3", "4"]);
    expect(statSync(join(directory, place!, "2")).size).toBe(size);
    for (const batch of [4, 0, 2, 2, 3, 4]) {
      const got = (await store.get(batch))!;
      expect(got.rows).toEqual(all[batch]!.rows);
      expect(got).toEqual(all[batch]);
    }
    expect(await store.get(9)).toBeUndefined();
    await store.release();
    expect(readdirSync(directory)).toEqual([]);
    expect(await store.get(0)).toBeUndefined();
  });
});

it("large models take fewer examples at a time, and every model one at least", () => {
  const shape = (layers: number, kvHeads: number, headDim: number) => ({ layers, kvHeads, headDim });
  expect(batchSize(shape(3, 4, 24))).toBe(50);
  expect(batchSize(shape(24, 2, 64))).toBe(21);
  expect(batchSize(shape(36, 2, 128))).toBe(7);
  expect(batchSize(shape(28, 4, 128))).toBe(4);
  expect(batchSize(shape(200, 64, 256))).toBe(1);
});

it("keeps none where its directory cannot be written to", async () => {
  const store = createPrefixStore({ directory: join(directory, "not", "there"), inMemory: 0 });
  await store.put(0, prefix(1));
  expect(await store.get(0)).toBeUndefined();
  await store.release();
});
