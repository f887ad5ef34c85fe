import { afterAll, expect, it } from "vitest";
import { worstDifference } from "../../test/tiny.fixture.ts";
import { float32 } from "../graph/index.ts";
import { random } from "../util/index.ts";
import { continueFrom } from "./continue-prefix.ts";
import { compactRows, compactSize, gatherContinuations } from "./engine/compact-batch.ts";
import type { LocalModel } from "./latent-model.ts";
import { allLogits, openPrefix, prompts, randomModel } from "./reasoning.fixture.ts";
import type { SlotPlan } from "./slot-plan.ts";

const K = 2;
const D = 32;
const original = randomModel(K);
afterAll(() => original.network.release());

/** Counts the rows of every step. */
function counted(eos: readonly number[]): { model: LocalModel; rows: number[] } {
  const rows: number[] = [];
  const { network } = original;
  const step: typeof network.step = (prefix, suffix, embeddings, positions, blocked) => {
    rows.push(positions.length);
    return network.step(prefix, suffix, embeddings, positions, blocked);
  };
  return { model: { ...original, eos, network: { ...network, step } }, rows };
}

it("leaves rows out that have ended, and says of the others what they say alone", async () => {
  const three = prompts(original);
  const limits = { cue: [original.rules.endId!], maxTokens: 24 };
  const r = random(5, "noise");
  const fixed = (): SlotPlan => ({
    kind: "fixed",
    blocks: [Float32Array.from({ length: K * D }, () => 3 * r.normal())],
  });
  const plans: SlotPlan[] = [{ kind: "own" }, ...Array.from({ length: 6 }, fixed), { kind: "skip" }];
  const shared = await openPrefix(original, three);
  // What most rows write first after the block is called the end: the others go on.
  const free = await continueFrom(
    counted([]).model,
    shared,
    three.map(() => plans),
    limits,
  );
  const firsts = free.flat().map(({ ids }) => ids[ids.indexOf(original.rules.endId!) + 1]!);
  const often = [...new Set(firsts)].toSorted(
    (a, b) => firsts.filter((id) => id === b).length - firsts.filter((id) => id === a).length,
  );
  const { model, rows } = counted([often[0]!]);
  const together = await continueFrom(
    model,
    shared,
    three.map(() => plans),
    limits,
  );
  const lengths = together.flat().map(({ ids }) => ids.length);
  expect(new Set(lengths).size).toBeGreaterThan(1);
  expect(rows[0]).toBe(24);
  expect(rows.at(-1)).toBeLessThanOrEqual(12);
  expect(rows).toEqual(rows.toSorted((a, b) => b - a));
  for (const [n, plan] of plans.entries()) {
    const alone = await continueFrom(
      model,
      shared,
      three.map(() => [plan]),
      limits,
    );
    for (const [b, row] of together.entries()) {
      expect(row[n]!.ids).toEqual(alone[b]![0]!.ids);
      expect(row[n]!.finish).toBe(alone[b]![0]!.finish);
      expect(worstDifference(allLogits(row[n]!), allLogits(alone[b]![0]!))).toBeLessThan(1e-5);
    }
  }
});

it("packs where half of the places go, and never below two", () => {
  const writing = (...rows: number[]) => rows.map(Boolean);
  expect(compactSize(writing(1, 1, 0, 0, 0, 0), 1)).toBe(2);
  expect(compactSize(writing(1, 1, 1, 0, 0, 0), 1)).toBe(3);
  expect(compactSize(writing(1, 1, 1, 1, 0, 0), 1)).toBeNull();
  expect(compactSize(writing(0, 0, 0, 0, 0, 1), 1)).toBe(2);
  expect(compactSize(writing(1, 0, 0, 0), 2)).toBeNull();
  expect(compactRows(writing(0, 1, 0, 1, 0, 0, 0, 0), 2, 2)).toEqual([1, 3, 4, 5]);
});

it("gathers keys and values by example and head", () => {
  // Two examples, two heads, three continuations of two tokens: each value names its place.
  const shape = [4, 3, 2, 1];
  const data = Float32Array.from({ length: 24 }, (_, i) => i);
  const { k, continuations } = gatherContinuations(
    { continuations: 3, length: 2, k: [float32(data, shape)], v: [] },
    2,
    [0, 2, 4, 3],
  );
  expect(continuations).toBe(2);
  expect(k[0]!.shape).toEqual([4, 2, 2, 1]);
  expect([...(k[0]!.data as Float32Array)]).toEqual([
    ...[0, 1, 4, 5, 6, 7, 10, 11],
    ...[14, 15, 12, 13, 20, 21, 18, 19],
  ]);
});
