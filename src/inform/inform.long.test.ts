import { describe, expect, it } from "vitest";
import type { Example } from "../tasks/index.ts";
import { inform, informSchema } from "./index.ts";
import {
  informative,
  insufficient,
  leaking,
  redundant,
  redundantFirst,
  redundantInverted,
} from "./planted.fixture.ts";

const planted = { informative, insufficient, leaking, redundant };

const measure = (examples: readonly Example[]) =>
  inform(examples, { dataset: "planted", task: "planted", split: "train", folds: 2 });

describe("planted datasets are called by their names", () => {
  it.each(["leaking", "insufficient", "redundant", "informative"] as const)("%s", async (name) => {
    const result = informSchema.parse(await measure(planted[name](140)));
    expect(result.verdict, result.reasons.join("; ")).toBe(name);
    expect(result.examples).toHaveLength(140);
    expect(result.reasons.length).toBeGreaterThan(1);
    // No reader is worse than uniform probabilities, and none tells more than there is to know.
    const { options, without, bits, interval } = result.information;
    expect(without).toBeLessThanOrEqual(options + 1e-9);
    expect(Math.max(bits, interval![1])).toBeLessThanOrEqual(options);
    if (name === "insufficient") expect(Math.abs(bits)).toBeLessThan(0.1);
    const copied = name === "redundant";
    expect(result.redundancy.contained).toBe(copied ? 1 : 0);
    if (copied) expect([result.redundancy.pointed, result.readers.without.accuracy > 0.8]).toEqual([1, true]);
  });
});

describe("a visible region", () => {
  it("is redundant when it is inverted and turned, too", async () => {
    const result = await measure(redundantInverted(80));
    expect(result.verdict, result.reasons.join("; ")).toBe("redundant");
    expect(result.redundancy.contained).toBe(0);
    expect(result.redundancy.transformed).toEqual({ contained: 1, turned: 1 });
    expect(result.information.bits).toBeLessThan(0.1);
  });

  it("is redundant when it is the first of two helpers", async () => {
    const result = await measure(redundantFirst(80));
    expect(result.verdict, result.reasons.join("; ")).toBe("redundant");
    expect(result.information.bits).toBeLessThan(0.1);
  });
});

describe("inform", () => {
  it("is the same again, whatever the order of progress", async () => {
    const examples = planted.redundant(60);
    const seen: number[] = [];
    const options = { dataset: "d", task: "t", split: "s", folds: 2 };
    const first = await inform(examples, {
      ...options,
      onProgress: ({ done, total }) => void seen.push(done / total),
    });
    const second = await inform(examples, options);
    expect({ ...first, seconds: 0 }).toEqual({ ...second, seconds: 0 });
    expect(seen.at(-1)).toBe(1);
  });

  it("refuses a dataset without helpers before any work, and one of too few examples", async () => {
    const bare = planted
      .redundant(80)
      .map((example) => ({ ...example, helpers: [], images: [new Uint8Array(3)] }));
    await expect(measure(bare)).rejects.toThrow(/planted: expected helper images.*80 examples without any/);
    await expect(measure(planted.redundant(10))).rejects.toThrow(/at least 60 examples/);
  });

  it("stops when asked to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    const run = inform(planted.redundant(60), { dataset: "d", task: "t", split: "s", signal });
    await expect(run).rejects.toThrow("enough");
  });
});
