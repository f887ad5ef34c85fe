/** Plans that spend another number of steps than the family's loop, on latents or on words; and prompts without their images. */
import { describe, expect, it } from "vitest";
import { END, EOS, type Fed, PAD, START, scriptedModel, tokenizer } from "../../test/scripted.fixture.ts";
import { continueFrom } from "./continue-prefix.ts";
import { A, B, C, latent, rulesOf, run, zs } from "./loops.fixture.ts";
import { decodeToBlock } from "./shared-prefix.ts";
import type { SlotPlan } from "./slot-plan.ts";

const steps = (k: number): SlotPlan => ({ kind: "own", steps: k });

describe("own latents for so many steps", () => {
  it("are those of the loop, fewer or more of them, and the block ends as the family's blocks end", async () => {
    for (const k of [1, 2, 5]) {
      const { own, fed } = await run(rulesOf("lantern", 2), [START, A, B, C, A, B, C, A, A], {
        plan: steps(k),
      });
      const latents = Array.from({ length: k }, (_, i) => i + 2);
      expect(fed.slice(0, k + 2)).toEqual([START, ...latents.map(latent), END]);
      expect(own).toMatchObject({ blocks: 1, endings: ["count"], latents: [zs(...latents)] });
      expect(own.ids.slice(0, k + 2)).toEqual([START, ...Array<number>(k).fill(PAD), END]);
    }
  });

  it("go on where the model would have ended the block, and are no longer than asked where it would not", async () => {
    const early = await run(rulesOf("mirage", 8), [START, A, END, B, C, A], { plan: steps(4) });
    expect(early.own).toMatchObject({ endings: ["count"], latents: [zs(2, 3, 4, 5)] });
    const late = await run(rulesOf("mirage", 8), [START, A, B, C, A, B, C, A, B, A], { plan: steps(2) });
    expect(late.own).toMatchObject({ endings: ["count"], latents: [zs(2, 3)] });
    const lvr = await run(rulesOf("lvr-steps", 3), [START, A, B, C, A, B], { plan: steps(1) });
    expect(lvr.own).toMatchObject({ endings: ["count"], latents: [zs(2)] });
    expect(lvr.fed.slice(0, 3)).toEqual([START, latent(2), B]);
  });

  it("count the place of the start marker where the family feeds a latent there", async () => {
    const { own, fed } = await run(rulesOf("monet-vllm", 3), [START, A, B, C, A, B, C], { plan: steps(5) });
    expect(own.latents).toEqual([zs(1, 2, 3, 4, 5)]);
    expect(fed.slice(0, 6)).toEqual([1, 2, 3, 4, 5].map(latent).concat([END] as never[]));
  });

  it("leave as much room for words as the model's own number does", async () => {
    const script = [START, ...Array<number>(40).fill(A)];
    const words = async (k: number): Promise<number> => {
      const { own } = await run(rulesOf("lantern", 2), script, { plan: steps(k), maxTokens: 12 });
      return own.ids.length - k;
    };
    expect(await words(9)).toBe(await words(2));
  });
});

describe("words instead of a block", () => {
  const CUE = tokenizer.encode("<answer>");
  const [answers] = CUE as [number];
  /** Wants START most, then the end, then to answer, then A, and at the end of its budget still to answer. */
  async function words(count: number | undefined, wants: (written: readonly Fed[]) => number[]) {
    const { model } = scriptedModel({ k: 2, next: (history) => ({ id: wants(history)[0]! }) });
    const { vocabSize } = model.network.config.text;
    const ranked = (logits: Float32Array, row: number, ids: readonly number[]): void => {
      for (const [i, id] of ids.entries()) logits[row * vocabSize + id] = 100 - i;
    };
    const history: Fed[] = tokenizer.encode("Which");
    const network: typeof model.network = {
      ...model.network,
      async prefill(prompts) {
        const out = await model.network.prefill(prompts);
        ranked(out.logits, 0, wants(history));
        return out;
      },
      async step(...parts) {
        const out = await model.network.step(...parts);
        const word = parts[2].indexOf(1);
        history.push(word);
        ranked(out.logits, 0, wants(history));
        return out;
      },
    };
    const limits = { cue: CUE, maxTokens: 20 };
    const prompt = { ids: tokenizer.encode("Which"), visuals: new Float32Array(0), grids: [] };
    const shared = await decodeToBlock({ ...model, network }, [prompt], limits);
    const plan: SlotPlan = { kind: "suppressed", ...(count !== undefined && { words: count }) };
    const found = await continueFrom({ ...model, network }, shared, [[plan]], limits);
    return found[0]![0]!;
  }
  const wants = (history: readonly Fed[]): number[] => {
    if (history.at(-1) === answers) return [B];
    if (history.includes(answers)) return [EOS];
    return [START, END, PAD, EOS, answers, A];
  };

  it("are as many as asked, neither marker nor end nor the beginning of an answer", async () => {
    for (const count of [1, 4]) {
      const found = await words(count, (history) => wants(history));
      expect(found.ids.slice(0, count)).toEqual(Array<number>(count).fill(A));
      expect(found.ids).not.toContain(START);
      expect(found.blocks).toBe(0);
    }
  });

  it("are followed by what would have been written at once", async () => {
    // Behind the words the model answers: the cue comes first, since the end and the marker are wanted less.
    const eager = (history: readonly Fed[]): number[] => {
      if (history.at(-1) === answers) return [B];
      if (history.includes(answers)) return [EOS];
      return history.length > 1 ? [answers, A] : [START, answers, A];
    };
    const none = await words(undefined, eager);
    expect(none.ids).toEqual([answers, B]);
    expect(none.answerAt).toBe(1);
    const three = await words(3, eager);
    expect(three.ids).toEqual([A, A, A, answers, B]);
    expect(three.answerAt).toBe(4);
  });

  it("do not complete a cue that was begun before them", async () => {
    const { model } = scriptedModel({ k: 1, next: () => ({ id: EOS }) });
    const { prefix } = await model.network.prefill([
      { ids: tokenizer.encode("Which"), visuals: new Float32Array(0), grids: [] },
    ]);
    const cue = [A, B];
    const layout = { first: 0, end: prefix.length, images: [] };
    const row = { written: [A], state: "block" as const, answerLogits: null, instead: B, word: C, layout };
    const limits = { cue, maxTokens: 9 };
    const plans: SlotPlan[][] = [[{ kind: "suppressed", words: 1 }]];
    const said = (await continueFrom(model, { prefix, rows: [row] }, plans, limits))[0]![0]!;
    expect([said.ids, said.answerAt]).toEqual([[C], null]);
  });
});

describe("a prompt whose images are dropped", () => {
  it("is read with them, and nothing that is decoded sees them", async () => {
    const seen: number[] = [];
    const { model } = scriptedModel({
      k: 1,
      see: () => [1, 0, 0, 0],
      next(history) {
        seen.push(history.filter((each) => typeof each !== "number" && each.at(-4) === 1).length);
        return { id: history.length < 5 ? A : EOS };
      },
    });
    const { image } = model.network.config.tokens;
    const visuals = new Float32Array(2 * model.network.config.text.hiddenSize);
    for (const at of [0, 1]) visuals[(at + 1) * model.network.config.text.hiddenSize - 4] = 1;
    const prompt = { ids: [image, image, ...tokenizer.encode("Which")], visuals, grids: [] };
    const limits = { cue: [], maxTokens: 9 };
    await decodeToBlock(model, [prompt], limits);
    expect(seen).toEqual([2, 2, 2]);
    seen.length = 0;
    const { prefix, rows } = await decodeToBlock(model, [prompt], { ...limits, dropImages: true });
    // The first word is chosen when the prompt is read; from then on there is no image.
    expect(seen[0]).toBe(2);
    expect(seen.slice(1).every((count) => count === 0)).toBe(true);
    expect(rows[0]!.written[0]).toBe(A);
    expect([...prefix.mask].slice(0, 3).map((x) => x < 0)).toEqual([true, true, false]);
  });
});
