import { afterAll, describe, expect, it } from "vitest";
import {
  contentVector,
  END,
  EOS,
  lastBlock,
  PAD,
  START,
  saying,
  scriptedModel,
  tokenizer,
} from "../../test/scripted.fixture.ts";
import { worstDifference } from "../../test/tiny.fixture.ts";
import { random } from "../util/index.ts";
import { continueFrom } from "./continue-prefix.ts";
import { allLogits, openPrefix, prompts, randomModel } from "./reasoning.fixture.ts";
import { decodeToBlock } from "./shared-prefix.ts";
import type { Continuation, SlotPlan } from "./slot-plan.ts";

const K = 3;
const D = 32;
const own: SlotPlan = { kind: "own" };
const skip: SlotPlan = { kind: "skip" };
const fixed = (...blocks: Float32Array[]): SlotPlan => ({ kind: "fixed", blocks });
const noise = (seed: number): Float32Array => {
  const r = random(seed, "noise");
  return Float32Array.from({ length: K * D }, () => r.normal());
};
const worst = (a: Continuation, b: Continuation): number =>
  Math.max(
    worstDifference(
      a.latents.flatMap((z) => [...z]),
      b.latents.flatMap((z) => [...z]),
    ),
    worstDifference(allLogits(a), allLogits(b)),
  );

describe("with the real network", () => {
  const model = randomModel(K);
  // Right after the end marker the "answer" stands: its logits can be compared.
  const limits = { cue: [model.rules.endId!], maxTokens: 10 };
  const three = prompts(model);
  afterAll(() => model.network.release());

  it("gives bitwise the same with own latents replayed in a batch of equal size, 1e-5 otherwise", async () => {
    const shared = await openPrefix(model, three);
    const run = (plans: SlotPlan[][]) => continueFrom(model, shared, plans, limits);
    const first = await run(three.map(() => [own, own]));
    const replayed = await run(first.map(([c]) => [own, fixed(...c!.latents)]));
    const alone = await run(first.map(([c]) => [fixed(...c!.latents)]));
    for (const [b, [a, z]] of replayed.entries()) {
      expect(a).toEqual(first[b]![0]);
      expect(z).toEqual(a);
      expect(worst(a!, z!)).toBe(0);
      // Matrix products round otherwise where they have other sizes.
      expect(worst(a!, alone[b]![0]!)).toBeLessThan(1e-5);
    }
  });

  it("gives each of several plans what it gives it alone (1e-5), in any order (1e-6)", async () => {
    const shared = await openPrefix(model, three);
    const plans: SlotPlan[] = [own, fixed(noise(1)), skip, fixed(new Float32Array(K * D)), fixed(noise(2))];
    const together = await continueFrom(
      model,
      shared,
      three.map(() => plans),
      limits,
    );
    for (const [n, plan] of plans.entries()) {
      const alone = await continueFrom(
        model,
        shared,
        three.map(() => [plan]),
        limits,
      );
      for (const [b, row] of together.entries()) {
        expect(row[n]!.ids).toEqual(alone[b]![0]!.ids);
        expect(worst(row[n]!, alone[b]![0]!)).toBeLessThan(1e-5);
      }
    }
    const order = [3, 0, 4, 2, 1];
    const turned = await continueFrom(
      model,
      shared,
      three.map(() => order.map((n) => plans[n]!)),
      limits,
    );
    for (const [b, row] of turned.entries()) {
      for (const [at, n] of order.entries()) {
        expect(row[at]!.ids).toEqual(together[b]![n]!.ids);
        expect(worst(row[at]!, together[b]![n]!)).toBeLessThan(1e-6);
      }
    }
  });

  it("gives each example what it gives it alone (1e-5)", async () => {
    const plans = [own, fixed(noise(1))];
    const together = await continueFrom(
      model,
      await openPrefix(model, three),
      three.map(() => plans),
      limits,
    );
    for (const [b, prompt] of three.entries()) {
      const alone = await continueFrom(model, await openPrefix(model, [prompt]), [plans], limits);
      for (const n of plans.keys()) {
        expect(together[b]![n]!.ids).toEqual(alone[0]![n]!.ids);
        expect(worst(together[b]![n]!, alone[0]![n]!)).toBeLessThan(1e-5);
      }
    }
  });

  it("tells interventions apart, and leaves the shared prefix as it was", async () => {
    const shared = await openPrefix(model, three);
    const bytes = () =>
      [...shared.prefix.k, ...shared.prefix.v].map(({ data }) =>
        Buffer.from((data as Float32Array).slice().buffer),
      );
    const before = { bytes: bytes(), mask: shared.prefix.mask.slice(), next: shared.prefix.next.slice() };
    const [row] = await continueFrom(
      model,
      shared,
      three.map(() => [own, fixed(noise(1)), skip]),
      limits,
    );
    expect(worstDifference(allLogits(row![0]!), allLogits(row![1]!))).toBeGreaterThan(1e-3);
    expect(worstDifference(allLogits(row![0]!), allLogits(row![2]!))).toBeGreaterThan(1e-3);
    // Own latents of slot 1 come from the start marker alone: nothing before the block, nor in it, depends on later slots.
    const late = noise(1);
    late.set(row![0]!.latents[0]!.subarray(0, D));
    const [[replayed]] = (await continueFrom(
      model,
      shared,
      three.map(() => [fixed(late)]),
      limits,
    )) as [[Continuation]];
    expect([...replayed.latents[0]!.subarray(0, D)]).toEqual([...row![0]!.latents[0]!.subarray(0, D)]);
    expect(bytes().every((b, i) => b.equals(before.bytes[i]!))).toBe(true);
    expect(shared.prefix.mask).toEqual(before.mask);
    expect(shared.prefix.next).toEqual(before.next);
  });
});

const prompt = (text: string) => ({
  ids: tokenizer.encode(text),
  visuals: new Float32Array(0),
  grids: [],
});
const CUE = tokenizer.encode("<answer>");
const LIMITS = { cue: CUE, maxTokens: 40 };
/** Writes `<answer> OPTION </answer>` after its block; the option counts the blocks that were opened. */
const SPOKEN = ["a", "b", "c"];

describe("the state machine (docs/published-families.md §14, lantern)", () => {
  /** Opens `blocks` blocks one after the other; everything in a block shouts for the end of text. */
  const blocky = (k: number, blocks = 1) =>
    scriptedModel({
      k,
      next(history) {
        const opened = history.filter((fed) => fed === START).length;
        const closed = history.filter((fed) => fed === END).length;
        if (opened > closed) return { id: EOS, own: [opened, lastBlock(history).length + 1, 0, 0] };
        if (opened < blocks) return { id: START };
        const said = history.length - 1 - history.lastIndexOf(END);
        return { id: saying(`<answer> ${SPOKEN[opened - 1]} </answer>`, said) };
      },
    }).model;
  const run = async (model: ReturnType<typeof blocky>, plans: SlotPlan[], maxTokens = 40) => {
    const shared = await decodeToBlock(model, [prompt("Which")], LIMITS);
    const [row] = await continueFrom(model, shared, [plans], { ...LIMITS, maxTokens });
    return row!;
  };
  const tail = (option: string) => tokenizer.encode(`<answer> ${option} </answer>`);

  it.each([1, 2, 5])(
    "feeds exactly %i latents, ignores what is sampled among them, and forces the end",
    async (k) => {
      const [c] = await run(blocky(k), [own]);
      expect(c!.ids).toEqual([START, ...Array<number>(k).fill(PAD), END, ...tail("a")]);
      expect(c!.endings).toEqual(["count"]);
      expect(c!.blocks).toBe(1);
      // Slot j gets the hidden state of the position before it: the start marker's first.
      expect(c!.latents).toEqual([
        Float32Array.from(Array.from({ length: k }, (_, j) => [...contentVector([1, j + 1, 0, 0])]).flat()),
      ]);
      expect(allLogits(c!).indexOf(10)).toBe(tokenizer.idOf("a"));
    },
  );

  it("writes start and end, and nothing between, under skip", async () => {
    const [c] = await run(blocky(3), [skip]);
    expect(c!.ids).toEqual([START, END, ...tail("a")]);
    expect(c!.endings).toEqual(["skipped"]);
    expect(c!.latents).toEqual([new Float32Array(0)]);
  });

  it("opens several blocks; a plan's last block is used again", async () => {
    const z = [1, 2].map((i) => contentVector([0, 0, i, 0]));
    const [a, b, c, d] = await run(blocky(1, 3), [own, fixed(z[0]!), fixed(...z), skip]);
    expect(a!.ids).toEqual([START, PAD, END, START, PAD, END, START, PAD, END, ...tail("c")]);
    expect(a!.latents).toEqual([1, 2, 3].map((opened) => contentVector([opened, 1, 0, 0])));
    expect(b!.latents).toEqual([z[0], z[0], z[0]]);
    expect(c!.latents).toEqual([z[0], z[1], z[1]]);
    expect(d!.ids).toEqual([START, END, START, END, START, END, ...tail("c")]);
    expect([a, b, c, d].map((x) => x!.blocks)).toEqual([3, 3, 3, 3]);
  });

  it("stops after maxTokens ids, and never within a block", async () => {
    expect((await run(blocky(5), [own], 3))[0]!.ids).toEqual([START, PAD, PAD, PAD, PAD, PAD, END]);
    expect((await run(blocky(1), [own], 4))[0]!.ids).toEqual([START, PAD, END, tail("a")[0]]);
  });

  it("lets short continuations wait for long ones", async () => {
    const [a, b] = await run(blocky(5), [own, skip]);
    const [alone] = await run(blocky(5), [skip]);
    expect(a!.ids.length).toBeGreaterThan(b!.ids.length);
    expect(b).toEqual(alone);
  });
});

describe("decodeToBlock", () => {
  /** Says as many words as its prompt has options, then opens a block; without any it answers at once. */
  const { model, calls } = scriptedModel({
    k: 1,
    next(history) {
      const options = history.filter(
        (fed) => typeof fed === "number" && SPOKEN.includes(tokenizer.tokenOf(fed)!),
      );
      const promptLength = history.indexOf(tokenizer.idOf("Which")!) + 1;
      const said = history.length - promptLength;
      const wanted = options.length;
      if (wanted === 0) return { id: saying("<answer> d </answer>", said) };
      if (said < wanted) return { id: tokenizer.idOf("d")! };
      return history.includes(START) ? { id: EOS } : { id: START };
    },
  });
  const texts = ["a a a Which", "Which", "a Which", "a a a a a a a Which"];

  it("decodes examples that open their block at different steps as it does each alone", async () => {
    const together = await decodeToBlock(model, texts.map(prompt), LIMITS);
    expect(together.rows.map((row) => row.state)).toEqual(["block", "eos", "block", "block"]);
    expect(together.rows.map((row) => row.written.length)).toEqual([3, 3, 1, 7]);
    const continued = await continueFrom(
      model,
      together,
      texts.map(() => [own, skip]),
      LIMITS,
    );
    for (const [b, text] of texts.entries()) {
      const alone = await decodeToBlock(model, [prompt(text)], LIMITS);
      // Only padding, and with it the place in the cache, differs.
      expect({ ...together.rows[b], layout: null }).toEqual({ ...alone.rows[0], layout: null });
      expect(together.prefix.next[b]).toBe(alone.prefix.next[0]);
      const [row] = await continueFrom(model, alone, [[own, skip]], LIMITS);
      expect(continued[b]).toEqual(row);
    }
  });

  it("answers a row without a block by its prefix", async () => {
    const shared = await decodeToBlock(model, [prompt("Which"), prompt("a Which")], LIMITS);
    expect(tokenizer.decode(shared.rows[0]!.written)).toContain("<answer> d </answer>");
    expect(allLogits(shared.rows[0]!).indexOf(10)).toBe(tokenizer.idOf("d"));
    const [none, some] = await continueFrom(model, shared, [[own], [own]], LIMITS);
    expect(none![0]).toMatchObject({
      ids: [],
      latents: [],
      blocks: 0,
      endings: [],
      answerLogits: null,
      finish: null,
    });
    expect(some![0]!.blocks).toBe(1);
  });

  it("takes no step to continue rows that all have their answer", async () => {
    const shared = await decodeToBlock(model, [prompt("Which")], LIMITS);
    const before = calls.step;
    await continueFrom(model, shared, [[own]], LIMITS);
    expect(calls.step).toBe(before);
  });

  it("gives up after maxTokens", async () => {
    const { rows } = await decodeToBlock(model, [prompt("a a a Which")], { cue: CUE, maxTokens: 2 });
    expect(rows[0]).toMatchObject({ state: "length", written: [1, 1].map(() => tokenizer.idOf("d")) });
  });

  it("opens no block behind maxTokens ids: a start marker there would be one too many", async () => {
    const written = (await decodeToBlock(model, [prompt("a")], LIMITS)).rows[0]!.written.length;
    const states = [written, written + 1].map(async (maxTokens) => {
      const { rows } = await decodeToBlock(model, [prompt("a")], { cue: CUE, maxTokens });
      return rows.map((row) => [row.state, row.written.length]);
    });
    expect(await Promise.all(states)).toEqual([[["length", written]], [["block", written]]]);
  });

  it("equals one-by-one decoding with the real network, blocks opening at different steps (1e-5)", async () => {
    const random = randomModel(K);
    const three = prompts(random);
    const { vocabSize } = random.network.config.text;
    // A block opens at position 12, wherever the prompt ended.
    const forced: typeof random = {
      ...random,
      network: {
        ...random.network,
        async step(prefix, suffix, embeddings, positions) {
          const out = await random.network.step(prefix, suffix, embeddings, positions);
          for (const [r, at] of positions.entries()) {
            out.logits[r * vocabSize + random.rules.startId!] = at === 12 ? 1e6 : -1e6;
          }
          return out;
        },
      },
    };
    const limits = { cue: [random.rules.endId!], maxTokens: 30 };
    const together = await decodeToBlock(forced, three, limits);
    expect(new Set(together.rows.map((row) => row.written.length)).size).toBe(3);
    const continued = await continueFrom(
      random,
      together,
      three.map(() => [own, fixed(noise(1))]),
      limits,
    );
    for (const [b, p] of three.entries()) {
      const alone = await decodeToBlock(forced, [p], limits);
      expect(together.rows[b]!.written).toEqual(alone.rows[0]!.written);
      expect(together.prefix.next[b]).toBe(alone.prefix.next[0]);
      const [row] = await continueFrom(random, alone, [[own, fixed(noise(1))]], limits);
      for (const [n, c] of row!.entries()) expect(worst(c, continued[b]![n]!)).toBeLessThan(1e-5);
    }
    await random.network.release();
  });
});
