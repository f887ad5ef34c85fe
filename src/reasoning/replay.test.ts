/** The differentiable twin of the step machine: equal in what it says, and right in its gradients. */
import { afterAll, describe, expect, it } from "vitest";
import { worstDifference } from "../../test/tiny.fixture.ts";
import { random } from "../util/index.ts";
import { continueFrom } from "./continue-prefix.ts";
import {
  adversarialDirections,
  flipsAt,
  perturbedLatents,
  randomUnitDirection,
  smallestFlips,
} from "./perturbations.ts";
import { openPrefix, prompts, randomModel } from "./reasoning.fixture.ts";
import { prefixRows, replay, replayRow } from "./replay.ts";
import type { Continuation, SlotPlan } from "./slot-plan.ts";

const K = 3;
const D = 32;
const model = randomModel(K);
/** The second word after the block is "the answer's place". */
const limits = { cue: [model.rules.endId!], maxTokens: 10 };
const options = ["up", "down", "left", "right"];
const ids = options.map((option) => model.tokenizer.encode(option)[0]!);
afterAll(() => model.network.release());

const three = prompts(model);
const shared = await openPrefix(model, three);
const run = (plans: readonly (readonly SlotPlan[])[]): Promise<Continuation[][]> =>
  continueFrom(model, shared, plans, limits);
const own = (await run(three.map(() => [{ kind: "own" }]))).map(([c]) => c!);
const rows = own.map((continuation) => replayRow(model, continuation, options).row!);

/** Log-odds of option `chosen` by the step machine, with the given latents. */
async function decodedLogOdds(latents: readonly Float32Array[]): Promise<number[]> {
  const results = await run(latents.map((z) => [{ kind: "fixed", blocks: [z] }]));
  return results.map(([c], b) => {
    const scores = ids.map((id) => c!.answerLogits![id]!);
    const { chosen } = rows[b]!;
    const others = scores.filter((_, o) => o !== chosen);
    return scores[chosen]! - Math.log(others.reduce((sum, s) => sum + Math.exp(s), 0));
  });
}

describe("replay", () => {
  it("takes what was fed from the start marker to the cue", () => {
    for (const [b, row] of rows.entries()) {
      expect(row.ids).toEqual(own[b]!.ids.slice(0, K + 2));
      expect(row.slots).toEqual([1, 2, 3]);
      expect(row.options).toEqual(ids);
      expect([...row.latents]).toEqual([...own[b]!.latents[0]!]);
    }
  });

  it("leaves out blocks that open behind the answer", async () => {
    const later = own.map((c, b): Continuation => {
      if (b !== 0) return c;
      // Row 0 opens another block behind its answer; the rows behind it in the batch must not notice.
      const end = c.ids.length;
      return {
        ...c,
        ids: [...c.ids, ...[0, 1, 2, 3].map(() => model.rules.padId)],
        slots: [...c.slots, end + 1, end + 2, end + 3],
        latents: [...c.latents, new Float32Array(K * D).fill(9)],
      };
    });
    const cut = later.map((c) => replayRow(model, c, options).row!);
    expect(cut).toEqual(rows);
    const found = await replay(model, shared.prefix, cut, { gradient: true });
    expect(found.gradient!.map(({ length }) => length)).toEqual(rows.map(() => K * D));
    const before = { ...later[0]!, answerAt: own[0]!.slots[0]! };
    expect(replayRow(model, before, options).reason).toBe("no answer after the block");
  });

  it("says the same as the step machine (1e-4), hidden states too", async () => {
    const found = await replay(model, shared.prefix, rows);
    const decoded = await decodedLogOdds(rows.map(({ latents }) => latents));
    for (const [b, c] of own.entries()) {
      const scores = ids.map((id) => c.answerLogits![id]!);
      expect(worstDifference(found.scores[b]!, scores)).toBeLessThan(1e-4);
      expect(Math.abs(found.logOdds[b]! - decoded[b]!)).toBeLessThan(1e-4);
      // The hidden state after the start marker is own latent 1, after slot 1 own latent 2, …
      expect(worstDifference(found.hidden[b]!.subarray(0, K * D), c.latents[0]!)).toBeLessThan(1e-4);
    }
    expect(found.gradient).toBeNull();
  });

  it("says of some rows what it says of all", async () => {
    const all = await replay(model, shared.prefix, rows, { gradient: true });
    const which = [2, 0];
    const some = await replay(
      model,
      prefixRows(model, shared.prefix, which),
      which.map((b) => rows[b]!),
      { gradient: true },
    );
    for (const [i, b] of which.entries()) {
      expect(worstDifference(some.scores[i]!, all.scores[b]!)).toBeLessThan(1e-5);
      expect(worstDifference(some.gradient![i]!, all.gradient![b]!)).toBeLessThan(1e-4);
    }
  });

  it("attends with weights that add up to 1, never to padding or to what comes later", async () => {
    const found = await replay(model, shared.prefix, rows, { gradient: true });
    for (const [b, layers] of found.attention.entries())
      for (const [i, weights] of layers.entries()) {
        expect(weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 5);
        for (let p = 0; p < shared.rows[b]!.layout.first; p++) {
          expect(weights[p]).toBe(0);
          expect(Math.abs(found.attribution![b]![i]![p]!)).toBe(0);
        }
      }
  });

  it("reads the attention of any places: the answer's is the last one's, and earlier ones see nothing later", async () => {
    const [one, all] = [
      await replay(model, shared.prefix, rows, { gradient: true }),
      await replay(
        model,
        shared.prefix,
        // Of the second row nothing is read.
        rows.map((row, b) => ({ ...row, read: b === 1 ? [] : row.ids.map((_, i) => i) })),
        { gradient: true },
      ),
    ];
    const length = Math.max(...rows.map((row) => row.ids.length));
    const span = shared.prefix.length + length;
    for (const [b, row] of rows.entries())
      for (const what of ["attention", "attribution", "saliency"] as const)
        for (const [layer, read] of all[what]![b]!.entries()) {
          expect(read).toHaveLength(b === 1 ? 0 : row.ids.length * span);
          if (b === 1) continue;
          const last = read.subarray((row.ids.length - 1) * span);
          expect(worstDifference(last, one[what]![b]![layer]!)).toBeLessThan(1e-5);
          for (let i = 0; i < row.ids.length; i++)
            for (let p = shared.prefix.length + i + 1; p < span; p++)
              expect(Math.abs(read[i * span + p]!)).toBe(0);
        }
    // Sizes are no smaller than what they are the sizes of; with one head they are the same.
    for (const [b, layers] of one.saliency!.entries())
      for (const [layer, sizes] of layers.entries())
        for (const [p, size] of sizes.entries())
          expect(size).toBeGreaterThanOrEqual(Math.abs(one.attribution![b]![layer]![p]!) - 1e-6);
  });

  it("has the gradient of the step machine's log-odds: central differences along random directions (1 %)", async () => {
    const { gradient } = await replay(model, shared.prefix, rows, { gradient: true });
    const r = random(0, "directions");
    const h = 0.02;
    for (let trial = 0; trial < 6; trial++) {
      const directions = rows.map(({ latents }) => Float32Array.from(latents, () => r.normal()));
      const moved = (sign: number) =>
        decodedLogOdds(
          rows.map(({ latents }, b) => latents.map((z, i) => z + sign * h * directions[b]![i]!)),
        );
      const [plus, minus] = [await moved(1), await moved(-1)];
      for (const b of rows.keys()) {
        const slope = (plus[b]! - minus[b]!) / (2 * h);
        const expected = directions[b]!.reduce((sum, x, i) => sum + x * gradient![b]![i]!, 0);
        const size = Math.hypot(...gradient![b]!);
        expect(Math.abs(slope - expected)).toBeLessThan(0.01 * size + 1e-3);
      }
    }
  });

  it("says why a continuation cannot be read again", () => {
    const [c] = own;
    expect(replayRow(model, { ...c!, latents: [] }, options).reason).toBe("no latent block");
    expect(replayRow(model, { ...c!, answerAt: null }, options).reason).toBe("no answer after the block");
    expect(replayRow(model, c!, ["up", "up"]).reason).toMatch(/equal first tokens/);
    const broken = { ...c!, latents: [new Float32Array(K * D).fill(Number.NaN)] };
    expect(replayRow(model, broken, options).reason).toMatch(/not finite/);
    const fewer = { ...c!, latents: [new Float32Array((K - 1) * D)] };
    expect(() => replayRow(model, fewer, options)).toThrow(/3 vectors of 32 numbers, one per slot.*got 64/s);
  });
});

describe("perturbations", () => {
  const deviation = Float32Array.from({ length: K * D }, (_, i) => (i === 5 ? 0 : 0.5 + (i % 3)));
  const perturbed = rows.map((row) => ({ row, deviation }));
  const sizes = rows.map(() => 0.3);

  it("have the size that is asked, in units of the deviation, and leave alone what does not vary", async () => {
    const found = await adversarialDirections(model, shared.prefix, perturbed, sizes, (i) => random(i, "x"));
    const directions = [
      ...found.map(({ direction }) => direction!),
      randomUnitDirection(deviation, random(0, "r"))!,
    ];
    for (const direction of directions) {
      expect(direction[5]).toBe(0);
      expect(Math.sqrt(direction.reduce((sum, x) => sum + x * x, 0) / (K * D - 1))).toBeCloseTo(1, 6);
    }
    const z = perturbedLatents(perturbed[0]!, directions[0]!, 0.3);
    expect(z[5]).toBe(rows[0]!.latents[5]);
    expect(randomUnitDirection(new Float32Array(4), random(0, "r"))).toBeNull();
  });

  it("lower the log-odds more than any of 50 random directions of equal size", async () => {
    const found = await adversarialDirections(model, shared.prefix, perturbed, sizes, (i) => random(i, "x"));
    for (let trial = 0; trial < 50; trial++) {
      const other = await replay(
        model,
        shared.prefix,
        perturbed.map((row) => ({
          ...row.row,
          latents: perturbedLatents(row, randomUnitDirection(deviation, random(trial, "r")), 0.3),
        })),
      );
      for (const b of rows.keys()) expect(found[b]!.logOdds).toBeLessThan(other.logOdds[b]!);
    }
  });

  it("raise the log-odds of any option more than any of 50 random directions of equal size", async () => {
    const towards = perturbed.map((each, b) => ({
      ...each,
      row: { ...each.row, chosen: (each.row.chosen + 1 + b) % each.row.options.length },
    }));
    const stream = (i: number) => random(i, "x");
    const found = await adversarialDirections(model, shared.prefix, towards, sizes, stream, 1);
    for (let trial = 0; trial < 50; trial++) {
      const other = await replay(
        model,
        shared.prefix,
        towards.map((row) => ({
          ...row.row,
          latents: perturbedLatents(row, randomUnitDirection(deviation, random(trial, "r")), 0.3),
        })),
      );
      for (const b of rows.keys()) expect(found[b]!.logOdds).toBeGreaterThan(other.logOdds[b]!);
    }
  });

  it("flip at the size found and not at half of it, or not at all", async () => {
    const wide = rows.map(() => 10);
    const found = await adversarialDirections(model, shared.prefix, perturbed, wide, (i) => random(i, "x"));
    const directions = found.map(({ direction }) => direction);
    const hits = await flipsAt(model, shared.prefix, perturbed, directions, wide);
    expect(hits).toContain(true);
    const upper = hits.map((hit) => (hit ? 10 : null));
    const smallest = await smallestFlips(
      model,
      shared.prefix,
      perturbed,
      directions,
      rows.map(() => 0),
      upper,
    );
    const at = (factor: number) =>
      flipsAt(
        model,
        shared.prefix,
        perturbed,
        directions,
        smallest.map((size) => factor * (size ?? 0)),
      );
    const [yes, no] = [await at(1), await at(0)];
    for (const [b, size] of smallest.entries()) {
      expect(size === null).toBe(!hits[b]);
      if (size !== null) expect([yes[b], no[b]]).toEqual([true, false]);
    }
  });
});
