/** What must not change, and what must, when what stands in the slots changes: with the real network, bit for bit. */
import { afterAll, describe, expect, it } from "vitest";
import { worstDifference } from "../../test/tiny.fixture.ts";
import { random } from "../util/index.ts";
import { continueFrom } from "./continue-prefix.ts";
import { interventionOf, type PlanContext } from "./interventions/index.ts";
import { allLogits, openPrefix, prompts, randomModel } from "./reasoning.fixture.ts";
import type { Continuation, MaskedPart, SlotPlan } from "./slot-plan.ts";
import { splitStatistics } from "./split-statistics.ts";

const K = 3;
const D = 32;
const model = randomModel(K);
const limits = { cue: [model.rules.endId!], maxTokens: 10 };
const three = prompts(model);
afterAll(() => model.network.release());

const noise = (seed: number, slots = K): Float32Array => {
  const r = random(seed, "noise");
  return Float32Array.from({ length: slots * D }, () => r.normal());
};
const own: SlotPlan = { kind: "own" };
const run = async (plans: readonly (readonly SlotPlan[])[], which = model): Promise<Continuation[][]> =>
  continueFrom(which, await openPrefix(model, three), plans, limits);
/** The same plans for every example. */
const alike = (plans: readonly SlotPlan[], which = model) =>
  run(
    three.map(() => plans),
    which,
  );
const bits = (c: Continuation) => ({
  ids: c.ids,
  latents: c.latents.map((z) => Buffer.from(z.slice().buffer).toString("base64")),
  logits: Buffer.from(allLogits(c).slice().buffer).toString("base64"),
});

describe("planned from recorded own latents", async () => {
  const recorded = (await alike([own, own])).map(([c]) => c!.latents);
  const oracle = three.map((_, b) => [noise(10 + b)]);
  const split = splitStatistics(
    recorded,
    oracle,
    0,
    ["a", "b", "a"].map((option) => ({ option, words: option })),
    D,
  );
  const planOf = (name: string, b: number): SlotPlan => {
    const context: PlanContext = {
      example: {
        id: String(b),
        question: "",
        images: [],
        options: ["a", "b"],
        answer: b % 2,
        helpers: [],
        counterfactuals: [],
        attributes: {},
      },
      index: b,
      k: K,
      width: D,
      rules: model.rules,
      random: random(0, name, b),
      randomOf: (other) => random(0, other, b),
      own: split.own[b]!,
      oracle: oracle[b]!,
      oracleOf: (k) => [oracle[b]![0]!.subarray(0, k * D)],
      counterfactual: [],
      split,
      crop: null,
      pad: model.network.embed([model.rules.padId]),
      filler: model.network.embed([1]),
      searched: new Map(),
    };
    return interventionOf(name).plan(context)!.plan;
  };
  /** Second of two plans, the first being `reference`; always two, because other sizes round otherwise. */
  const against = (reference: string, name: string) =>
    run(three.map((_, b) => [planOf(reference, b), planOf(name, b)]));

  it.each([
    ["own", "sham"],
    ["own", "blend(0)"],
    ["own", "jitter(0)"],
    ["own", "noise-added(0)"],
    ["own", "truncate(3)"],
    ["own", "truncate(99)"],
    ["own", "adversarial(0)"],
    ["own", "random-direction(0)"],
    ["oracle", "blend(1)"],
    ["oracle", "oracle-budget(3)"],
    ["skip", "truncate(0)"],
  ])("%s and %s are the same, bit for bit", async (reference, name) => {
    for (const row of await against(reference, name)) expect(bits(row[1]!)).toEqual(bits(row[0]!));
  });

  it.each(["blend(0.5)", "jitter(0.3)", "noise-added(0.1)", "truncate(1)", "first-repeat", "clamp", "skip"])(
    "%s is not own",
    async (name) => {
      for (const row of await against("own", name)) {
        expect(bits(row[1]!).logits).not.toBe(bits(row[0]!).logits);
      }
    },
  );

  it("truncates to as many slots as it says, and repeats the first where it says so", async () => {
    for (const [b, row] of (await against("truncate(2)", "first-repeat")).entries()) {
      const first = recorded[b]![0]!;
      expect([...row[0]!.latents[0]!]).toEqual([...first.subarray(0, 2 * D)]);
      expect(row[0]!.ids.filter((id) => id === model.rules.padId).length).toBe(2);
      for (let slot = 0; slot < K; slot++)
        expect([...row[1]!.latents[0]!.subarray(slot * D, (slot + 1) * D)]).toEqual([
          ...first.subarray(0, D),
        ]);
    }
  });

  it("moves by exactly its size in a random direction, and keeps the norm where that is promised", async () => {
    for (const [b, row] of (await against("random-direction(0.5)", "norm-matched")).entries()) {
      const deviation = split.ownDeviation[0]!;
      const first = recorded[b]![0]!;
      const moved = [...row[0]!.latents[0]!].map((z, i) => (z - first[i]!) / deviation[i]!);
      expect(Math.sqrt(moved.reduce((sum, x) => sum + x * x, 0) / moved.length)).toBeCloseTo(0.5, 3);
      for (let at = 0; at < K * D; at += D) {
        const norm = (z: Float32Array) => Math.hypot(...z.subarray(at, at + D));
        expect(norm(row[1]!.latents[0]!)).toBeCloseTo(norm(first), 3);
      }
    }
  });
});

describe("causality", () => {
  it.each([0, 1, 2])("what stands in slot %i leaves everything before it as it was", async (slot) => {
    const kept: Float32Array[][] = [];
    const recording: typeof model = {
      ...model,
      network: {
        ...model.network,
        async step(...parts) {
          const out = await model.network.step(...parts);
          kept.at(-1)!.push(out.feedback.slice());
          return out;
        },
      },
    };
    const other = noise(1);
    other.set(noise(2).subarray(slot * D, (slot + 1) * D), slot * D);
    for (const blocks of [[noise(1)], [other]]) {
      kept.push([]);
      await alike([{ kind: "fixed", blocks }, own], recording);
    }
    const [a, b] = kept;
    // Step 0 reads the start marker, step 1 slot 0, …
    for (let step = 0; step <= slot; step++) expect(worstDifference(a![step]!, b![step]!)).toBe(0);
    expect(worstDifference(a![slot + 1]!, b![slot + 1]!)).toBeGreaterThan(1e-4);
  });
});

describe("parts out of sight", () => {
  const hiding = (hidden: readonly MaskedPart[]): SlotPlan => ({ kind: "own", hidden });

  it("changes nothing where nothing is hidden, bit for bit, though another graph runs", async () => {
    const plain = await alike([own, own]);
    const masked = await alike([own, hiding([])]);
    for (const [b, row] of masked.entries()) {
      expect(bits(row[0]!)).toEqual(bits(plain[b]![0]!));
      expect(bits(row[1]!)).toEqual(bits(plain[b]![1]!));
    }
  });

  it("makes the text blind to the slots: whatever stands there, bit for bit", async () => {
    const hidden: MaskedPart[] = ["slots"];
    const rows = await alike([
      { kind: "fixed", blocks: [noise(1)], hidden },
      { kind: "fixed", blocks: [noise(2)], hidden },
      { kind: "fixed", blocks: [noise(1)] },
    ]);
    for (const [a, b, seen] of rows as [Continuation, Continuation, Continuation][]) {
      expect(a.ids).toEqual(b.ids);
      expect(worstDifference(allLogits(a), allLogits(b))).toBe(0);
      expect(worstDifference(allLogits(a), allLogits(seen))).toBeGreaterThan(1e-4);
      // The slots themselves see what they always saw.
      expect(worstDifference(a.latents[0]!, seen.latents[0]!)).toBe(0);
    }
  });

  it("hides markers and slots each on its own", async () => {
    const rows = await alike([own, hiding(["slots"]), hiding(["markers"]), hiding(["slots", "markers"])]);
    for (const row of rows) expect(new Set(row.map((c) => bits(c).logits)).size).toBe(4);
  });

  it("makes the text blind to the image: whatever is cached there, bit for bit", async () => {
    const shared = await openPrefix(model, three);
    const places = [1, 2];
    for (const row of shared.rows)
      row.layout = { ...row.layout, images: places.map((p) => row.layout.first + p) };
    const garbled = structuredClone(shared);
    for (const [b, row] of garbled.rows.entries())
      for (const value of [...garbled.prefix.k, ...garbled.prefix.v]) {
        const [, heads, length, width] = value.shape as [number, number, number, number];
        const data = value.data as Float32Array;
        for (let h = 0; h < heads; h++)
          for (const p of row.layout.images) {
            const at = ((b * heads + h) * length + p) * width;
            data.fill(7, at, at + width);
          }
      }
    // Own latents see the image, so they are given; only the text after them is asked.
    const plans = three.map((): SlotPlan[] => [
      { kind: "fixed", blocks: [noise(1)], hidden: ["image", "slots", "markers"] },
    ]);
    const [a, b] = [
      await continueFrom(model, shared, plans, limits),
      await continueFrom(model, garbled, plans, limits),
    ];
    const [c, d] = [
      await continueFrom(
        model,
        shared,
        three.map(() => [own]),
        limits,
      ),
      await continueFrom(
        model,
        garbled,
        three.map(() => [own]),
        limits,
      ),
    ];
    for (const i of three.keys()) {
      expect(worstDifference(allLogits(a[i]![0]!), allLogits(b[i]![0]!))).toBe(0);
      expect(worstDifference(allLogits(c[i]![0]!), allLogits(d[i]![0]!))).toBeGreaterThan(1e-4);
    }
  });
});
