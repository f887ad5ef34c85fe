/** Plans that leave the family's own path: no block at all, or slots without their markers. */
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
import { continueFrom } from "./continue-prefix.ts";
import { decodeToBlock } from "./shared-prefix.ts";
import type { SlotPlan } from "./slot-plan.ts";

const CUE = tokenizer.encode("<answer>");
const LIMITS = { cue: CUE, maxTokens: 20 };
const answer = (option: string) => tokenizer.encode(`<answer> ${option} </answer>`);
const z = (value: number) => contentVector([value, 0, 0, 0]);
const two = (a: number, b: number): Float32Array => Float32Array.from([...z(a), ...z(b)]);

/**
 * Wants a block, then answers "a"; without one, where START can only come second, answers "b". Its logits always give
 * START the most and END the second most as long as it has not answered.
 */
function stubborn(k: number) {
  const { model, calls } = scriptedModel({
    k,
    next(history) {
      const words = history.includes(START) ? answer("a") : answer("b");
      const said = history.filter((fed) => typeof fed === "number" && words.includes(fed)).length;
      if (history.includes(START) && !history.includes(END)) return { id: EOS };
      return { id: words[said] ?? EOS };
    },
  });
  const seen: Fed[][] = [];
  const { step } = model.network;
  const vocabulary = model.network.config.text.vocabSize;
  const network: typeof model.network = {
    ...model.network,
    async prefill(prompts) {
      const out = await model.network.prefill(prompts);
      for (let b = 0; b < prompts.length; b++) {
        out.logits[b * vocabulary + START] = 30;
        out.logits[b * vocabulary + END] = 20;
        out.logits[b * vocabulary + answer("b")[0]!] = 15;
      }
      return out;
    },
    async step(...parts) {
      const out = await step(...parts);
      const [, , embeddings] = parts;
      const rows = out.logits.length / vocabulary;
      for (let r = 0; r < rows; r++) {
        const vector = embeddings.slice(r * (embeddings.length / rows), (r + 1) * (embeddings.length / rows));
        const word = vector.indexOf(1);
        seen[r] ??= [];
        seen[r].push(word >= 0 && word < tokenizer.size ? word : vector);
      }
      return out;
    },
  };
  return { model: { ...model, network }, seen, calls };
}

async function run(plans: SlotPlan[], k = 2) {
  const { model, seen } = stubborn(k);
  const prompt = { ids: tokenizer.encode("Which"), visuals: new Float32Array(0), grids: [] };
  const shared = await decodeToBlock(model, [prompt], LIMITS);
  const [row] = await continueFrom(model, shared, [plans], LIMITS);
  return { row: row!, seen, shared };
}

describe("no-markers", () => {
  it("goes on with the best token that is not the start marker, and never opens a block", async () => {
    const { row, shared } = await run([{ kind: "suppressed" }, { kind: "own" }]);
    expect(shared.rows[0]!.instead).toBe(END);
    const [c] = row;
    expect(c!.ids[0]).toBe(END);
    expect(c!.ids).not.toContain(START);
    expect(c).toMatchObject({ blocks: 0, latents: [], endings: [], slots: [], finish: "eos" });
    expect(row[1]!.ids[0]).toBe(START);
    expect(row[1]!.blocks).toBe(1);
  });

  it("finds a cue that begins before the block would have", async () => {
    const { model } = scriptedModel({
      k: 1,
      next: (history) => ({
        id: history.includes(CUE[0]!) ? (history.at(-1) === CUE.at(-1) ? tokenizer.idOf("b")! : EOS) : EOS,
      }),
    });
    const prompt = { ids: tokenizer.encode("Which"), visuals: new Float32Array(0), grids: [] };
    const { prefix } = await model.network.prefill([prompt]);
    const layout = { first: 0, end: prefix.length, images: [] };
    const row = {
      written: CUE.slice(0, -1),
      state: "block" as const,
      answerLogits: null,
      instead: CUE.at(-1)!,
      layout,
    };
    const results = await continueFrom(model, { prefix, rows: [row] }, [[{ kind: "suppressed" }]], LIMITS);
    const c = results[0]![0]!;
    expect(c.answerAt).toBe(1);
    expect(c.answerLogits).not.toBeNull();
  });
});

describe("slots-only", () => {
  it("feeds the vectors and neither marker", async () => {
    const { row, seen } = await run([{ kind: "fixed", blocks: [two(3, 4)], bare: true }]);
    const [c] = row;
    expect(c!.ids).toEqual([PAD, PAD, ...answer("b")]);
    expect(seen[0]!.slice(0, 2)).toEqual([z(3), z(4)]);
    expect(seen[0]!.slice(2)).toEqual(answer("b"));
    expect(c).toMatchObject({ blocks: 1, endings: ["count"], slots: [0, 1], finish: "eos" });
    expect(c!.answerAt).toBe(2 + CUE.length);
  });
});

describe("fewer slots", () => {
  it("closes the block after those that are given", async () => {
    const { row, seen } = await run([{ kind: "fixed", blocks: [z(5)] }, { kind: "own" }], 2);
    expect(row[0]!.ids).toEqual([START, PAD, END, ...answer("a")]);
    expect(row[1]!.ids).toEqual([START, PAD, PAD, END, ...answer("a")]);
    expect(seen[0]!.slice(0, 3)).toEqual([START, z(5), END]);
    expect(row[0]!.slots).toEqual([1]);
  });
});

describe("why the text ended", () => {
  it("is recorded as it was: end of text, or the limit", async () => {
    const { model } = stubborn(1);
    const prompt = { ids: tokenizer.encode("Which"), visuals: new Float32Array(0), grids: [] };
    const shared = await decodeToBlock(model, [prompt], LIMITS);
    const finish = async (maxTokens: number) =>
      (await continueFrom(model, shared, [[{ kind: "own" }]], { cue: CUE, maxTokens }))[0]![0]!.finish;
    expect(await finish(20)).toBe("eos");
    expect(await finish(4)).toBe("length");
  });
});
