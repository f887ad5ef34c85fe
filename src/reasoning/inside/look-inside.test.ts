/** What is inside an answer agrees with what replays of the same rows say one by one. */
import { afterAll, describe, expect, it } from "vitest";
import { worstDifference } from "../../../test/tiny.fixture.ts";
import { random } from "../../util/index.ts";
import { continueFrom } from "../continue-prefix.ts";
import { openPrefix, prompts, randomModel } from "../reasoning.fixture.ts";
import { replay, replayRow } from "../replay.ts";
import { lookInside } from "./look-inside.ts";

const [K, D] = [3, 32];
const model = randomModel(K);
const options = ["up", "down", "left", "right"];
const shared = await openPrefix(model, prompts(model).slice(1, 2));
const limits = { cue: [model.rules.endId!], maxTokens: 10 };
const [[own]] = (await continueFrom(model, shared, [[{ kind: "own" }]], limits)) as [
  [Awaited<ReturnType<typeof continueFrom>>[0][0]],
];
const row = replayRow(model, own, options).row!;
const answer = (row.chosen + 1) % options.length;
const r = random(1, "oracle");
const oracle = Float32Array.from({ length: K * D }, () => r.normal());
const deviation = new Float32Array(K * D).fill(1);
const asked = { options, answer, oracle: [oracle], deviation, images: [] };
afterAll(() => model.network.release());

describe("inside of an answer", async () => {
  const { inside } = await lookInside(model, shared, own, asked);
  const found = inside!;
  const { layers, heads, tokens } = found;
  const at = (layer: number, head: number) =>
    found.attention.subarray(
      (layer * heads + head) * tokens.length,
      (layer * heads + head + 1) * tokens.length,
    );

  it("attention of the heads is that of their mean, and each adds up to 1", async () => {
    const { attention } = await replay(model, shared.prefix, [row]);
    for (let layer = 0; layer < layers; layer++) {
      const mean = Float32Array.from(tokens, (_, p) => (at(layer, 0)[p]! + at(layer, 1)[p]!) / heads);
      expect(worstDifference(mean, attention[0]![layer]!)).toBeLessThan(1e-6);
      for (let head = 0; head < heads; head++)
        expect(at(layer, head).reduce((all, x) => all + x, 0)).toBeCloseTo(1, 5);
    }
    expect(worstDifference(at(0, 0), at(0, 1))).toBeGreaterThan(1e-3);
    expect(found.slots.map((slot) => tokens[slot]!.place)).toEqual(["slots", "slots", "slots"]);
  });

  it("the lens after the last layer is what the model would write", async () => {
    const places = row.slots.map((slot) => ({ ...row, ids: row.ids.slice(0, slot + 1) }));
    for (const [s, { ids }] of places.entries()) {
      const slots = row.slots.slice(0, s + 1);
      const all = Array.from({ length: model.network.config.text.vocabSize }, (_, id) => id);
      const latents = row.latents.subarray(0, (s + 1) * D);
      const { scores } = await replay(model, shared.prefix, [
        { ids, slots, latents, options: all, chosen: 0 },
      ]);
      const top = scores[0]!.indexOf(Math.max(...scores[0]!));
      expect(found.lens![s]!.at(-1)![0]!.token).toBe(model.tokenizer.tokenOf(top));
      const total = scores[0]!.reduce((sum, x) => sum + Math.exp(x - scores[0]![top]!), 0);
      expect(found.lens![s]!.at(-1)![0]!.probability).toBeCloseTo(1 / total, 5);
    }
  });

  it("patching the answer's last state gives the oracle's log-odds, one slot's input those of that slot", async () => {
    const right = { ...row, chosen: answer };
    const whole = await replay(model, shared.prefix, [{ ...right, latents: oracle }]);
    expect(found.logOdds.oracle).toBeCloseTo(whole.logOdds[0]!, 5);
    const { positions, logOdds } = found.patching!;
    expect(positions.map(({ place }) => place)).toEqual(["slots", "slots", "slots", "markers"]);
    expect(logOdds.at(-1)!.at(-1)).toBeCloseTo(whole.logOdds[0]!, 4);
    expect(logOdds.at(-1)![0]).toBeCloseTo(found.logOdds.own, 5);
    for (let slot = 0; slot < K; slot++) {
      const latents = row.latents.slice();
      latents.set(oracle.subarray(slot * D, (slot + 1) * D), slot * D);
      const one = await replay(model, shared.prefix, [{ ...right, latents }]);
      expect(logOdds[slot]![0]).toBeCloseTo(one.logOdds[0]!, 4);
      // Nothing reads a slot's state after the last layer.
      expect(logOdds[slot]!.at(-1)).toBeCloseTo(found.logOdds.own, 4);
    }
    expect(Math.abs(logOdds[0]![0]! - found.logOdds.own)).toBeGreaterThan(1e-3);
  });

  it("the gradient foretells a small step towards the oracle", async () => {
    const h = 1e-2;
    for (const [slot, { towardsOracle }] of found.gradient.slots.entries()) {
      const step = (sign: number) => {
        const latents = row.latents.map((z, i) =>
          Math.floor(i / D) === slot ? z + sign * h * (oracle[i]! - z) : z,
        );
        return replay(model, shared.prefix, [{ ...row, latents }]);
      };
      const slope = ((await step(1)).logOdds[0]! - (await step(-1)).logOdds[0]!) / (2 * h);
      expect(slope).toBeCloseTo(towardsOracle!, 1);
    }
  });

  it("finds a flip along the gradient that is no larger than a random one", () => {
    expect(found.flip!.smallest).toBeGreaterThan(0);
    expect(found.flip!.smallest!).toBeLessThan(found.flip!.random ?? Number.POSITIVE_INFINITY);
  });

  it("says what an engine does not offer that returns attention and gradients but no states", async () => {
    const without = async (...given: Parameters<NonNullable<typeof model.network.replay>>) => ({
      ...(await model.network.replay!(...given)),
      heads: null,
      states: null,
    });
    const engine = { ...model, network: { ...model.network, replay: without } };
    const { inside: part } = await lookInside(engine, shared, own, asked);
    expect(part).toMatchObject({ heads: 1, lens: null, patching: null });
    expect(part!.lacking).toHaveLength(2);
    expect(found.lacking).toEqual([]);
    for (let layer = 0; layer < layers; layer++) {
      const mean = Float32Array.from(tokens, (_, p) => (at(layer, 0)[p]! + at(layer, 1)[p]!) / heads);
      const of = part!.attention.subarray(layer * tokens.length, (layer + 1) * tokens.length);
      expect(worstDifference(mean, of)).toBeLessThan(1e-6);
    }
    const { gradient, flip, logOdds } = found;
    expect(part!.gradient).toEqual(gradient);
    expect(part!.flip).toEqual(flip);
    expect(part!.logOdds.oracle).toBeCloseTo(logOdds.oracle!, 5);
  });

  it("does without an oracle of the block's shape, and says why there is nothing", async () => {
    const bare = await lookInside(model, shared, own, {
      ...asked,
      oracle: [oracle.subarray(D)],
      deviation: null,
    });
    expect(bare.inside).toMatchObject({ patching: null, flip: null, logOdds: { oracle: null } });
    const none = await lookInside(model, shared, { ...own, latents: [] }, asked);
    expect(none).toEqual({ inside: null, reason: "no latent block" });
  });
});
