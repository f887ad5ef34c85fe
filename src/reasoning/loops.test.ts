/** Rows of docs/published-families.md §14 whose blocks begin in what is written: what is fed, what is recorded, why blocks end; with networks written by hand. */
import { describe, expect, it } from "vitest";
import { END, EOS, PAD, START, scriptedModel } from "../../test/scripted.fixture.ts";
import { familyNamed } from "../families/index.ts";
import { float32 } from "../graph/index.ts";
import { createStateHead } from "./latent-heads/index.ts";
import { A, B, C, D, latent, rulesOf, run, WHICH, z, zs } from "./loops.fixture.ts";
import type { SlotPlan } from "./slot-plan.ts";

describe("lantern", () => {
  it("feeds exactly k, whatever is written in the block, and forces the end", async () => {
    const { own: c, fed } = await run(rulesOf("lantern", 2), [START, EOS, END, START, A]);
    expect(fed).toEqual([START, latent(2), latent(3), END, A]);
    expect(c.ids).toEqual([START, PAD, PAD, END, A]);
    expect(c.endings).toEqual(["count"]);
    expect(c.finish).toBe("eos");
  });
});

describe("lvr", () => {
  it("steps: k latents, no end marker, the next word is free; recorded is what was written; EOS is ignored", async () => {
    const { own: c, fed } = await run(rulesOf("lvr-steps", 3), [START, EOS, END, B, C, D]);
    expect(fed).toEqual([START, latent(2), latent(3), latent(4), C, D]);
    expect(c.ids).toEqual([START, EOS, END, B, C, D]);
    expect(c.endings).toEqual(["count"]);
    expect(c.latents).toEqual([zs(2, 3, 4)]);
  });

  it("steps: the word right after the last latent may end the text, or open another block", async () => {
    expect((await run(rulesOf("lvr-steps", 1), [START, A, EOS, B])).own).toMatchObject({
      ids: [START, A],
      finish: "eos",
    });
    const { own: c, fed } = await run(rulesOf("lvr-steps", 1), [START, A, START, B, C]);
    expect(fed).toEqual([START, latent(2), START, latent(4), C]);
    expect(c).toMatchObject({ blocks: 2, endings: ["count", "count"], slots: [1, 3] });
  });

  it("none: until the end marker is written; nothing else ends the block but the limit", async () => {
    const rules = rulesOf("lvr-none", 1);
    const { own: c, fed } = await run(rules, [START, A, EOS, B, END, C]);
    expect(fed).toEqual([START, latent(2), latent(3), latent(4), END, C]);
    expect(c).toMatchObject({ ids: [START, A, EOS, B, END, C], endings: ["sampled-end"] });
    const endless = await run(rules, [START, ...Array<number>(50).fill(A)], { maxTokens: 5 });
    expect(endless.own).toMatchObject({ ids: [START, A, A, A, A], endings: ["length"], finish: "length" });
  });

  it("none: an end marker right after the start leaves the block empty", async () => {
    const { own: c, fed } = await run(rulesOf("lvr-none", 4), [START, END, A]);
    expect(fed).toEqual([START, END, A]);
    expect(c).toMatchObject({
      latents: [new Float32Array(0)],
      blocks: 1,
      endings: ["sampled-end"],
      slots: [],
    });
  });

  it("latent: until what was fed is near the learned vector, at most k; the one that is near is fed", async () => {
    const stop = { tensor: "end", distance: "mse" as const, below: 0.01 };
    const rules = rulesOf("lvr-latent", 5, { stop });
    const model = { stopVector: z(4) };
    const { own: c, fed } = await run(rules, [START, A, A, A, B, C], { model });
    expect(fed).toEqual([START, latent(2), latent(3), latent(4), B, C]);
    expect(c.endings).toEqual(["distance"]);
    const far = await run(rules, [START, A, A, A, A, A, B], { model: { stopVector: z(99) } });
    expect(far.own).toMatchObject({ endings: ["count"], latents: [zs(2, 3, 4, 5, 6)] });
    // Before the first latent the state that wrote the start marker is compared.
    const before = await run(rules, [START, A, B], { model: { stopVector: z(1) } });
    expect(before.own).toMatchObject({ ids: [START, A, B], endings: ["distance"], slots: [] });
    for (const distance of ["mae", "cosine"] as const)
      expect(
        (await run({ ...rules, stop: { ...stop, distance } }, [START, A, B], { model })).own.blocks,
      ).toBe(1);
  });

  it("applies its head to all latents but the first, and reads words through it", async () => {
    const { model } = scriptedModel({ k: 1, next: () => ({ id: A }) });
    const { hiddenSize: width, vocabSize } = model.network.config.text;
    const diagonal = (value: number) => {
      const out = new Float32Array(width * width);
      for (let i = 0; i < width; i++) out[i * width + i] = value;
      return float32(out, [width, width]);
    };
    // silu(x) · x · 10 / 10: a map that changes what passes; the output matrix says D for any content.
    const output = new Float32Array(vocabSize * width);
    output[D * width + width - 4] = 1;
    const weights = {
      "lvr_head.gate_proj.weight": diagonal(1),
      "lvr_head.up_proj.weight": diagonal(1),
      "lvr_head.down_proj.weight": diagonal(1),
      "lm_head.weight": float32(output, [vocabSize, width]),
    };
    const rules = rulesOf("lvr-steps", 2, { head: { kind: "glu", prefix: "lvr_head", from: 1 } });
    const head = createStateHead(rules.head!, weights, width, { threads: 1 });
    const { own: c } = await run(rules, [START, A, A, A, B], { model: { head } });
    const glu = (x: number): number => (x * x) / (1 + Math.exp(-x));
    expect(c.latents[0]!.filter((x) => x !== 0)).toEqual(Float32Array.of(2, glu(3)));
    await head.release();
    // The word after slot 1 and the one after slot 2 are read from the head's output.
    expect(c.ids.slice(0, 4)).toEqual([START, A, D, D]);
  });

  it("opens a block at a start marker that ends the prompt", async () => {
    const { own: c, fed, shared } = await run(rulesOf("lvr-steps", 1), [A, B, C], { prompt: [WHICH, START] });
    expect(shared.rows[0]).toMatchObject({ state: "block", script: [START], written: [] });
    expect(fed).toEqual([START, latent(2), C]);
    expect(c.ids).toEqual([START, B, C]);
    // Families that wait for a written marker read it as any word.
    const other = await run(rulesOf("lantern", 1), [A, EOS], { prompt: [WHICH, START] });
    expect(other.shared.rows[0]).toMatchObject({ state: "eos", written: [A] });
  });

  it.each<[string, SlotPlan, (number | string)[]]>([
    ["skip", { kind: "skip" }, [START, END]],
    ["suppressed", { kind: "suppressed" }, [A]],
    ["bare", { kind: "fixed", blocks: [z(7)], bare: true }, [latent(7)]],
  ])("%s of a block that begins at the prompt's end", async (_, plan, begins) => {
    const { fed } = await run(rulesOf("lvr-steps", 1), [A, B, C], { prompt: [WHICH, START], plan });
    expect(fed.slice(0, begins.length)).toEqual(begins);
  });
});

describe("realvr", () => {
  it("opens a block at the first start marker alone; a later one is a word", async () => {
    const { own: c, fed } = await run(rulesOf("realvr", 2), [START, A, B, START, C, D]);
    expect(fed).toEqual([START, latent(2), latent(3), START, C, D]);
    expect(c).toMatchObject({
      ids: [START, A, B, START, C, D],
      blocks: 1,
      endings: ["count"],
      finish: "eos",
    });
    // LVR itself opens another
    expect((await run(rulesOf("lvr-steps", 2), [START, A, B, START, C, D])).own.blocks).toBe(2);
  });

  it("is without a block where the first is suppressed, whatever comes later", async () => {
    const { own: c } = await run(rulesOf("realvr", 2), [START, A, START, B], {
      plan: { kind: "suppressed" },
    });
    expect(c.blocks).toBe(0);
    expect(c.ids).not.toContain(START);
  });
});

describe("laser", () => {
  const rules = rulesOf("laser", 2, { afterLimit: [A] });
  const prompt = [WHICH, START];

  it("ends where the end marker is written; at the limit that is forced, and what opens the answer", async () => {
    const written = await run(rules, [A, B, END, C, D], { prompt });
    expect(written.fed).toEqual([START, latent(2), END, C, D]);
    expect(written.own).toMatchObject({ ids: [START, B, END, C, D], endings: ["sampled-end"] });
    const forced = await run(rules, [A, B, EOS, C, C, D], { prompt });
    expect(forced.fed).toEqual([START, latent(2), latent(3), END, A, D]);
    expect(forced.own).toMatchObject({ ids: [START, B, EOS, END, A, D], endings: ["count"], finish: "eos" });
  });

  it("opens the answer after a written end marker too, where the block was full", async () => {
    const { own: c } = await run(rules, [A, B, C, END, C, D], { prompt });
    expect(c).toMatchObject({ ids: [START, B, C, END, A, D], endings: ["sampled-end"] });
  });

  it("opens it after given latents as after its own, within the limit, and not in an empty block", async () => {
    const given = (n: number) =>
      ({ kind: "fixed", blocks: [zs(7, 8).subarray(0, n * z(7).length)] }) as const;
    const script = [A, B, B, B, B, D];
    expect((await run(rules, script, { prompt, plan: given(2) })).fed).toEqual([
      ...[START, latent(7), latent(8), END, A, D],
    ]);
    expect((await run(rules, script, { prompt, plan: given(1) })).fed).not.toContain(A);
    expect((await run(rules, [B, B, D], { prompt, plan: { kind: "skip" } })).fed).toEqual([START, END, D]);
    const { own: c } = await run(rules, script, { prompt, maxTokens: 3 });
    expect(c).toMatchObject({ ids: [START, B, B, END], finish: "length" });
  });

  it("takes what opens the answer from the tokenizer: the tag, or its first character", () => {
    const rulesWith = (known: Record<string, number>) =>
      familyNamed("laser").rules(
        { laser_start_id: 1, laser_end_id: 2, laser_id: 3 },
        (token) => known[token],
      );
    expect(rulesWith({ "<answer>": 7, "<": 8 }).afterLimit).toEqual([7]);
    expect(rulesWith({ "<": 8 })).toMatchObject({ afterLimit: [8], k: 8 });
  });
});

describe("univlr", () => {
  it("steps: exactly k, whatever is written; the end marker is forced", async () => {
    const { own: c, fed } = await run(rulesOf("univlr-steps", 2), [START, END, EOS, B, C]);
    expect(fed).toEqual([START, latent(2), latent(3), END, C]);
    expect(c).toMatchObject({ ids: [START, END, EOS, END, C], endings: ["count"] });
  });

  const rules = rulesOf("univlr-blocks", 2, { maxBlocks: 2, afterBlocks: [D] });

  it("blocks: the next opens behind an end marker; behind the last come other words, and start markers are words", async () => {
    const { own: c, fed } = await run(rules, [START, A, A, A, B, B, B, B, B, START, C]);
    expect(fed).toEqual([
      ...[START, latent(2), latent(3), END],
      ...[START, latent(6), latent(7), END, D, START, C],
    ]);
    expect(c).toMatchObject({ blocks: 2, endings: ["count", "count"], finish: "eos" });
  });

  it("blocks: a written end marker ends one, and behind the last it stays what it is", async () => {
    const { fed } = await run(rules, [START, END, A, END, A, B, END, B, C]);
    expect(fed).toEqual([START, END, START, END, D, B, END, D, C]);
  });

  it("blocks: empty ones follow each other under skip; a text has room for no more than its limit", async () => {
    const skipped = await run(rules, [START, A, A, A, A, C], { plan: { kind: "skip" } });
    expect(skipped.fed).toEqual([START, END, START, END, D, C]);
    const { own: c } = await run(rules, [START, A, A, A, A], { maxTokens: 4 });
    expect(c).toMatchObject({ ids: [START, A, A, END], finish: "length", blocks: 1 });
  });
});

describe("mirage", () => {
  const rules = rulesOf("mirage", 3);

  it("ends at k or at a written end marker, wherever that comes; all else is recorded as the placeholder", async () => {
    const forced = await run(rules, [START, A, EOS, B, C, D]);
    expect(forced.fed).toEqual([START, latent(2), latent(3), latent(4), END, D]);
    expect(forced.own).toMatchObject({ ids: [START, PAD, PAD, PAD, END, D], endings: ["count"] });
    const sampled = await run(rules, [START, A, END, B]);
    expect(sampled.fed).toEqual([START, latent(2), END, B]);
    expect(sampled.own.endings).toEqual(["sampled-end"]);
    expect((await run(rules, [START, END, A])).own.latents).toEqual([new Float32Array(0)]);
  });

  it("has no limit in a second block, which only its first written end marker ends", async () => {
    const { own: c, fed } = await run(rules, [START, A, A, A, A, START, B, B, B, B, B, END, C]);
    expect(fed).toEqual([
      ...[START, latent(2), latent(3), latent(4), END],
      ...[START, latent(7), latent(8), latent(9), latent(10), latent(11), END, C],
    ]);
    expect(c.endings).toEqual(["count", "sampled-end"]);
  });

  it("never ends a block after a first that a written end marker ended: end markers are recorded, and latents fed", async () => {
    const { own: c } = await run(rules, [START, END, START, A, END, B, EOS, C], { maxTokens: 7 });
    expect(c).toMatchObject({
      ids: [START, END, START, PAD, END, PAD, PAD],
      endings: ["sampled-end", "length"],
      finish: "length",
      slots: [3, 4, 5, 6],
    });
    // An end marker in the text before is counted like one in a block.
    const before = await run(rules, [END, START, A, END, B], { maxTokens: 4 });
    expect(before.own).toMatchObject({ ids: [START, PAD, END, PAD], endings: ["length"] });
  });

  it("reads a start marker within a block as one", async () => {
    const { own: c, fed } = await run(rules, [START, A, START, B, B, B, C]);
    // Latents go on being counted from the first marker on.
    expect(fed).toEqual([START, latent(2), START, latent(4), latent(5), END, C]);
    expect(c).toMatchObject({ endings: ["restart", "count"], blocks: 2 });
  });
});

describe("ilvr", () => {
  const rules = rulesOf("ilvr", 2);

  it("is Mirage with counters for each block", async () => {
    const { own: c, fed } = await run(rules, [START, A, END, START, B, B, B, START, END, C]);
    expect(fed).toEqual([START, latent(2), END, START, latent(5), latent(6), END, START, END, C]);
    expect(c).toMatchObject({ endings: ["sampled-end", "count", "sampled-end"], blocks: 3 });
    const again = await run(rules, [START, A, START, B, B, B, C]);
    expect(again.fed).toEqual([START, latent(2), START, latent(4), latent(5), END, C]);
  });
});

describe("monet under vLLM", () => {
  const rules = rulesOf("monet-vllm", 3);

  it("feeds the state that wrote the start marker in its place, which counts; records what was written", async () => {
    const { own: c, fed } = await run(rules, [A, START, B, C, D, B]);
    expect(fed).toEqual([latent(2), latent(3), latent(4), END, B]);
    expect(c).toMatchObject({ ids: [START, B, C, END, B], endings: ["count"], slots: [0, 1, 2] });
    expect(c.latents).toEqual([zs(2, 3, 4)]);
    const one = await run(rulesOf("monet-vllm", 1), [START, B, C]);
    expect(one.fed).toEqual([latent(1), END, C]);
  });

  it("ends at a written end marker, and with the text; blocks may follow each other", async () => {
    const { own: c } = await run(rules, [START, B, END, C, START, END, D]);
    expect(c.ids).toEqual([START, B, END, C, START, END, D]);
    expect(c.latents).toEqual([zs(1, 2), zs(5)]);
    const stopped = await run(rules, [START, B, EOS, C]);
    expect(stopped.own).toMatchObject({ ids: [START, B], endings: ["eos"], finish: "eos" });
  });

  it("has Mirage's loop as another dialect", () => {
    expect({ ...rulesOf("monet-transformers", 8), oracleK: 8 }).toEqual(rulesOf("mirage", 8));
    expect(familyNamed("monet-transformers")).toMatchObject({ name: "monet", dialect: "monet-transformers" });
  });

  it("leaves both markers under skip, and neither without", async () => {
    expect((await run(rules, [START, B, C], { plan: { kind: "skip" } })).fed).toEqual([START, END, C]);
    const bare = await run(rules, [START, B, C], { plan: { kind: "fixed", blocks: [zs(8, 9)], bare: true } });
    expect(bare.fed).toEqual([latent(8), latent(9), C]);
  });
});
