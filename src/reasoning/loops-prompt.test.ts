/** Rows of docs/published-families.md §14 whose blocks may begin in the prompt, and what all loops share: what is fed, what is recorded, why blocks end; with networks written by hand. */
import { describe, expect, it } from "vitest";
import { END, EOS, PAD, START, scriptedModel, tokenizer } from "../../test/scripted.fixture.ts";
import { blockRules, familyNamed } from "../families/index.ts";
import { continueFrom } from "./continue-prefix.ts";
import type { LocalModel } from "./latent-model.ts";
import { A, B, C, D, latent, own, rulesOf, run, WHICH, z, zs } from "./loops.fixture.ts";
import { readContinuation } from "./read-answer.ts";
import { decodeToBlock } from "./shared-prefix.ts";
import type { Continuation, SlotPlan } from "./slot-plan.ts";

describe.each(["skila", "swimbird"])("%s", (name) => {
  const rules = rulesOf(name, 4);

  it("feeds until the end marker is written, at most k; all else is overwritten", async () => {
    const { own: c, fed } = await run(rules, [START, EOS, START, END, A, START, B, B, B, B, B, C]);
    expect(fed).toEqual([
      ...[START, latent(2), latent(3), END, A],
      ...[START, latent(7), latent(8), latent(9), latent(10), END, C],
    ]);
    expect(c).toMatchObject({
      ids: [START, PAD, PAD, END, A, START, PAD, PAD, PAD, PAD, END, C],
      endings: ["sampled-end", "count"],
    });
    expect((await run(rules, [START, END, A])).own.latents).toEqual([new Float32Array(0)]);
  });

  it("opens a block at a start marker that ends the prompt", async () => {
    const { fed } = await run(rules, [A, END, B], { prompt: [WHICH, START] });
    expect(fed).toEqual([START, END, B]);
  });

  it("has twice its tokens as quota", () => {
    const family = familyNamed(name);
    const keys = family.configKeys({ startId: 1, endId: 2, padId: 3, k: 54 });
    expect(Object.values(keys)).toContain(27);
    expect(family.rules(keys, () => undefined).k).toBe(54);
  });
});

describe("latents spelled in ordinary tokens", () => {
  const rules = blockRules(
    { startId: null, endId: null, padId: A, k: 2 },
    { forceEnd: false, static: [A, B], placeholders: true, spelled: [A, B] },
  );
  const prompt = [WHICH, A, B, C, A, B, B];

  it("are the last such tokens of the prompt; the same ones elsewhere are words", async () => {
    const { own: c, shared } = await run(rules, [D, D, D, A, C], { prompt });
    expect(shared.rows[0]!.script).toEqual([A, B, B]);
    expect(c).toMatchObject({ ids: [A, B, B, A, C], slots: [0, 1], blocks: 1, endings: ["count"] });
  });

  it("are replaced from the first on, and left out where a plan has no vector for them", async () => {
    const plan = { kind: "fixed", blocks: [z(7)] } as const;
    const { fed, own: c } = await run(rules, [D, D, A, C], { prompt, plan });
    expect(fed).toEqual([latent(7), B, A, C]);
    expect(c.slots).toEqual([0]);
    const skipped = await run(rules, [D, A, C], { prompt, plan: { kind: "skip" } });
    expect(skipped.fed).toEqual([B, A, C]);
  });
});

describe("coconut", () => {
  const rules = rulesOf("coconut", 2);
  const prompt = [WHICH, START, PAD, PAD, END, A];

  it("feeds the state before each placeholder of the prompt, then goes on", async () => {
    const { own: c, fed, shared } = await run(rules, [A, A, A, A, A, B, C], { prompt });
    expect(shared.rows[0]).toMatchObject({ state: "block", script: [START, PAD, PAD, END, A] });
    expect(fed).toEqual([START, latent(2), latent(3), END, A, B, C]);
    expect(c).toMatchObject({ ids: [START, PAD, PAD, END, A, B, C], endings: ["count"], blocks: 1 });
  });

  it("reads several blocks, and prompts without any; markers that it writes open none", async () => {
    const twice = await run(rules, Array<number>(20).fill(B), {
      prompt: [WHICH, START, PAD, END, START, PAD, END],
      maxTokens: 2,
    });
    expect(twice.fed.slice(0, 6)).toEqual([START, latent(2), END, START, latent(5), END]);
    expect(twice.own).toMatchObject({ endings: ["count", "count"], finish: "length" });
    const none = await run(rules, [B, EOS], { prompt: [WHICH, A] });
    expect(none.shared.rows[0]).toMatchObject({ state: "eos", written: [B] });
    const written = await run(rules, [B, B, B, START, B], { prompt: [WHICH, START, PAD, END] });
    expect(written.fed).toEqual([START, latent(2), END, START, B]);
  });

  it.each<[string, SlotPlan, (number | string)[], number]>([
    ["own latents, given", { kind: "fixed", blocks: [zs(2, 3)] }, [START, latent(2), latent(3), END, A], 1],
    ["fewer", { kind: "fixed", blocks: [z(7)] }, [START, latent(7), END, A], 1],
    ["more", { kind: "fixed", blocks: [zs(7, 8, 9)] }, [START, latent(7), latent(8), END, A], 1],
    ["skip", { kind: "skip" }, [START, END, A], 1],
    ["suppressed", { kind: "suppressed" }, [A], 0],
    ["bare", { kind: "fixed", blocks: [zs(7, 8)], bare: true }, [latent(7), latent(8), A], 1],
  ])("%s", async (_, plan, begins, blocks) => {
    const { own: c, fed } = await run(rules, Array<number>(9).fill(A), { prompt, plan, maxTokens: 4 });
    expect(fed.slice(0, begins.length)).toEqual(begins);
    expect(c.blocks).toBe(blocks);
  });

  it("refuses an image behind the placeholders, and placeholders at the very start", async () => {
    const image = scriptedModel({ k: 1, next: () => ({ id: A }) }).model.network.config.tokens.image;
    await expect(run(rules, [], { prompt: [WHICH, START, PAD, image] })).rejects.toThrow(
      /no image behind them/,
    );
    await expect(run(rules, [], { prompt: [PAD, END] })).rejects.toThrow(/latents at its start/);
  });
});

describe("static tokens", () => {
  const covt = rulesOf("covt", 2, { static: [PAD, D] });

  it("are written by the model and fed as themselves; words between them stay words", async () => {
    const { own: c, fed } = await run(covt, [START, PAD, PAD, A, D, END, B]);
    // Fed are the words' own embeddings.
    expect(fed).toEqual([START, latent(PAD), latent(PAD), A, latent(D), END, B]);
    expect(c.ids).toEqual([START, PAD, PAD, A, D, END, B]);
    const word = (id: number) => {
      const out = new Float32Array(64);
      out[id] = 1;
      return [...out];
    };
    expect(c.latents).toEqual([Float32Array.from([...word(PAD), ...word(PAD), ...word(D)])]);
    expect(c).toMatchObject({ endings: ["sampled-end"], slots: [1, 2, 4] });
  });

  it("may be replaced, as many as are given; the text may end among them", async () => {
    const plan: SlotPlan = { kind: "fixed", blocks: [zs(7, 8)] };
    const { own: c, fed } = await run(covt, [START, PAD, PAD, PAD, B], { plan });
    expect(fed).toEqual([START, latent(7), latent(8), END, B]);
    expect(c.ids).toEqual([START, PAD, PAD, END, B]);
    expect((await run(covt, [START, PAD, EOS])).own).toMatchObject({ endings: ["eos"], finish: "eos" });
    expect((await run(covt, [START, ...Array<number>(9).fill(PAD)], { maxTokens: 3 })).own.endings).toEqual([
      "length",
    ]);
  });

  it("stand in the prompt under livr, without markers", async () => {
    const livr = blockRules(
      { startId: null, endId: null, padId: PAD, k: 2 },
      { forceEnd: false, eosEnds: true, static: [PAD, D], placeholders: true },
    );
    const { own: c, fed } = await run(livr, Array<number>(4).fill(A), {
      prompt: [WHICH, PAD, D],
      maxTokens: 1,
    });
    expect(fed).toEqual([latent(PAD), latent(D), A]);
    expect(c).toMatchObject({ ids: [PAD, D, A], endings: ["count"], blocks: 1 });
    const plan: SlotPlan = { kind: "fixed", blocks: [zs(5, 6)] };
    expect((await run(livr, [A, A, A, A], { prompt: [WHICH, PAD, D], plan })).fed.slice(0, 2)).toEqual([
      latent(5),
      latent(6),
    ]);
  });
});

describe("base", () => {
  it("never opens a block, and reads a start marker as a word", async () => {
    const { shared } = await run(rulesOf("base", 1, { startId: null, endId: null }), [START, A, EOS]);
    expect(shared.rows[0]).toMatchObject({ state: "eos", written: [START, A] });
  });
});

describe("answers", () => {
  it("are read in prompt and reply where the family's evaluation does", () => {
    const { model } = scriptedModel({ k: 1, next: () => ({ id: A }) });
    const readAnswer = (text: string): number => tokenizer.encode(text).length;
    const row = { written: [A], answerLogits: null, prompt: [WHICH, B] };
    const answered = (readsPrompt?: true): number | null => {
      const family = { ...model.family, readAnswer, ...(readsPrompt && { readsPrompt }) };
      return readContinuation({ ...model, family }, row, { ids: [C], answerLogits: null }, ["a"]).choice;
    };
    expect([answered(), answered(true)]).toEqual([2, expect.any(Number)]);
    expect(answered(true)).toBeGreaterThan(2);
  });
});

describe("given vectors", () => {
  it.each(["mirage", "ilvr", "skila", "swimbird", "lvr-none", "monet-vllm"])(
    "are all fed under %s, whatever the model would write among them, and the end marker behind them",
    async (name) => {
      const rules = rulesOf(name, 4);
      const { own: c, fed } = await run(rules, [START, END, EOS, START, A], {
        plan: { kind: "fixed", blocks: [zs(6, 7)] },
      });
      const before = rules.startUsesHidden ? [] : [START];
      expect(fed.slice(0, before.length + 3)).toEqual([...before, latent(6), latent(7), END]);
      expect(c.endings[0]).toBe("count");
    },
  );

  it.each<[string, number[]]>([
    ["lantern", [START, A, A, A, B]],
    ["lvr-steps", [START, A, END, A, B]],
    ["lvr-none", [START, A, B, END, B]],
    ["mirage", [START, A, END, B]],
    ["ilvr", [START, A, A, A, A, B]],
    ["monet-vllm", [START, A, END, B]],
    ["skila", [START, A, END, B]],
    ["covt", [START, PAD, END, B]],
  ])("that are the own ones give the own text under %s", async (name, script) => {
    const rules = rulesOf(name, 3, name === "covt" ? { static: [PAD] } : {});
    const first = await run(rules, script);
    const again = await run(rules, script, { plan: { kind: "fixed", blocks: first.own.latents } });
    expect({ ...again.own, endings: [] }).toEqual({ ...first.own, endings: [] });
    expect(again.fed).toEqual(first.fed);
  });
});

describe("the repetition penalty", () => {
  it("counts prompt, text and recorded ids; positive scores are divided, others multiplied", async () => {
    const rules = rulesOf("lantern", 1);
    const { model } = scriptedModel({ k: 1, next: () => ({ id: A }) });
    const { vocabSize } = model.network.config.text;
    const scores = (out: Float32Array, r: number): void => {
      out.fill(-9, r * vocabSize, (r + 1) * vocabSize);
      for (const [id, score] of [
        [WHICH, 3],
        [A, 2.9],
        [B, 2.8],
        [START, 2.75],
        [PAD, 2.72],
        [C, 2.7],
        [EOS, 2.6],
      ] as const)
        out[r * vocabSize + id] = score;
    };
    const penalised = (penalty: number): LocalModel => ({
      ...model,
      rules,
      generation: { ...model.generation, repetitionPenalty: penalty },
      network: {
        ...model.network,
        async prefill(prompts) {
          const out = await model.network.prefill(prompts);
          for (const r of prompts.keys()) scores(out.logits, r);
          return out;
        },
        async step(...parts) {
          const out = await model.network.step(...parts);
          for (let r = 0; r < out.logits.length / vocabSize; r++) scores(out.logits, r);
          return out;
        },
      },
    });
    const text = async (penalty: number): Promise<number[]> => {
      const which = penalised(penalty);
      const limits = { cue: [], maxTokens: 4 };
      const shared = await decodeToBlock(
        which,
        [{ ids: [WHICH], visuals: new Float32Array(0), grids: [] }],
        limits,
      );
      const [[c]] = (await continueFrom(which, shared, [[own]], limits)) as [[Continuation]];
      return [...shared.rows[0]!.written, ...c.ids];
    };
    expect(await text(1)).toEqual([WHICH, WHICH, WHICH, WHICH]);
    // Each word once; PAD is recorded in the block and so is not written after it.
    expect(await text(1.3)).toEqual([A, B, START, PAD, END, C]);
  });
});
