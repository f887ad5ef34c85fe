/** Every row of FAMILIES.md §14: what is fed, what is recorded, why blocks end; with networks written by hand. */
import { describe, expect, it } from "vitest";
import {
  contentVector,
  END,
  EOS,
  type Fed,
  PAD,
  START,
  scriptedModel,
  tokenizer,
} from "../../test/scripted.fixture.ts";
import { type BlockRules, blockRules, familyNamed } from "../families/index.ts";
import { float32 } from "../graph/index.ts";
import { readContinuation } from "./answer.ts";
import { continueFrom } from "./continue.ts";
import { createHead } from "./head.ts";
import type { LatentModel } from "./model.ts";
import type { Continuation, Plan } from "./plan.ts";
import { decodeToBlock, type SharedPrefix } from "./prefix.ts";

const [A, B, C, D] = ["a", "b", "c", "d"].map((word) => tokenizer.idOf(word)!) as [
  number,
  number,
  number,
  number,
];
const WHICH = tokenizer.idOf("Which")!;
const own: Plan = { kind: "own" };
const z = (n: number): Float32Array => contentVector([n, 0, 0, 0]);
const zs = (...ns: number[]): Float32Array => Float32Array.from(ns.flatMap((n) => [...z(n)]));

/** The rules of a dialect over the ids of the scripted vocabulary. */
function rulesOf(name: string, k: number, changed: Partial<BlockRules> = {}): BlockRules {
  const ids = { startId: START, endId: END, padId: PAD, k };
  const family = familyNamed(name);
  return { ...family.rules(family.configKeys(ids), () => PAD), ...ids, ...changed };
}

/**
 * A network that says the words of `script` one after the other, whatever it is fed; its hidden state at step i (0: at
 * the prompt's end) is z(i + 1). `steps` is what every row of it was fed.
 */
function saying(rules: BlockRules, script: readonly number[], prompt: readonly number[] = [WHICH]) {
  const { model } = scriptedModel({
    k: 1,
    next(history) {
      const said = history.length - read;
      return { id: script[said] ?? EOS, own: [said + 1, 0, 0, 0] };
    },
  });
  let read = prompt.length;
  const fed: Fed[][] = [];
  const { network } = model;
  const recording: LatentModel = {
    ...model,
    rules,
    network: {
      ...network,
      async prefill(prompts) {
        // What is read step by step is no part of what is read at once.
        read = prompts[0]!.ids.length;
        return network.prefill(prompts);
      },
      async step(...parts) {
        const [, , embeddings] = parts;
        const width = network.config.text.hiddenSize;
        for (let r = 0; r < embeddings.length / width; r++) {
          const vector = embeddings.slice(r * width, (r + 1) * width);
          const word = vector.indexOf(1);
          fed[r] ??= [];
          fed[r].push(word >= 0 && word < tokenizer.size ? word : vector[width - 4]!);
        }
        return network.step(...parts);
      },
    },
  };
  return { model: recording, fed, prompt: { ids: [...prompt], visuals: new Float32Array(0), grids: [] } };
}

/** A latent that was fed, apart from words: z(n) reads as −n. */
const latent = (n: number): string => `z${n}`;
const shown = (fed: readonly Fed[], slots: readonly number[]): (number | string)[] =>
  fed.map((each, place) => (slots.includes(place) ? latent(each as number) : (each as number)));

interface Ran {
  own: Continuation;
  shared: SharedPrefix;
  /** From the start marker on. */
  fed: (number | string)[];
}

async function run(
  rules: BlockRules,
  script: readonly number[],
  { prompt = [WHICH], plan = own, maxTokens = 30, model: changed = {} as Partial<LatentModel> } = {},
): Promise<Ran> {
  const { model: made, fed, prompt: read } = saying(rules, script, prompt);
  const model = { ...made, ...changed };
  const limits = { cue: [], maxTokens };
  const shared = await decodeToBlock(model, [read], limits);
  fed.length = 0;
  const [[first]] = (await continueFrom(model, shared, [[plan]], limits)) as [[Continuation]];
  return { own: first, shared, fed: shown(fed[0] ?? [], first.slots) };
}

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
    const head = createHead(rules.head!, weights, width);
    const { own: c } = await run(rules, [START, A, A, A, B], { model: { head } });
    const glu = (x: number): number => (x * x) / (1 + Math.exp(-x));
    expect(c.latents[0]!.filter((x) => x !== 0)).toEqual(Float32Array.of(2, glu(3)));
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

  it.each<[string, Plan, (number | string)[]]>([
    ["skip", { kind: "skip" }, [START, END]],
    ["suppressed", { kind: "suppressed" }, [A]],
    ["bare", { kind: "fixed", blocks: [z(7)], bare: true }, [latent(7)]],
  ])("%s of a block that begins at the prompt's end", async (_, plan, begins) => {
    const { fed } = await run(rulesOf("lvr-steps", 1), [A, B, C], { prompt: [WHICH, START], plan });
    expect(fed.slice(0, begins.length)).toEqual(begins);
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

  it.each<[string, Plan, (number | string)[], number]>([
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
    const plan: Plan = { kind: "fixed", blocks: [zs(7, 8)] };
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
    const plan: Plan = { kind: "fixed", blocks: [zs(5, 6)] };
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
    const penalised = (penalty: number): LatentModel => ({
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
