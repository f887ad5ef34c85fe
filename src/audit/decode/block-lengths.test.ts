/** Audits of models that decide themselves how long a block is. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  END,
  lastBlock,
  PAD,
  START,
  saying,
  scriptedModel,
  tokenizer,
  totalContent,
} from "../../../test/scripted.fixture.ts";
import { type BlockRules, blockRules, families } from "../../families/index.ts";
import { encodePng } from "../../formats/index.ts";
import type { LocalModel, SlotPlan } from "../../reasoning/index.ts";
import type { Example } from "../../tasks/index.ts";
import { geometry } from "../judge/geometry.ts";
import { type Latents, ownBlocks, readLatents, writeLatents } from "../record/latents-file.ts";
import { loopOf } from "../record/loop.ts";
import { auditLoaded } from "../run.ts";
import { asLongAsOwn, isVariable, pack } from "./block-lengths.ts";

const directory = await mkdtemp(join(tmpdir(), "lintel-lengths-"));
afterAll(() => rm(directory, { recursive: true }));

const OPTIONS = ["a", "b", "c", "d"];
const ids = { startId: START, endId: END, padId: PAD, k: 4 };
const varying = blockRules(ids, { allowSampledEnd: true });

/** Words of a question: how many latents each block has, from 0 on; the last says the answer. */
const examples: Example[] = ["a b", "c", "d b", "b c d", "d"].map((words, i) => ({
  id: String(i),
  question: `${words} Which`,
  images: [],
  options: OPTIONS,
  answer: OPTIONS.indexOf(words.split(" ").at(-1)!),
  helpers: [],
  counterfactuals: OPTIONS.map(() => null),
  attributes: {},
}));

/** Block b has as many latents as its word says, each with content 1; the answer is the sum over the last block. */
function counting(rules: BlockRules = varying, noOracle?: string): LocalModel {
  const { model } = scriptedModel({
    k: 4,
    next(history) {
      const which = history.indexOf(tokenizer.idOf("Which")!);
      const words = history
        .slice(0, which)
        .flatMap((fed) =>
          typeof fed === "number" && OPTIONS.includes(tokenizer.tokenOf(fed)!) ? [fed] : [],
        );
      const opened = history.filter((fed) => fed === START).length;
      const closed = history.filter((fed) => fed === END).length;
      if (opened > closed) {
        const wanted = OPTIONS.indexOf(tokenizer.tokenOf(words[opened - 1]!)!);
        const had = history.length - 1 - history.lastIndexOf(START);
        return { id: had >= wanted ? END : PAD, own: [1, had, 0, 0] };
      }
      if (opened < words.length) return { id: START };
      const sum = Math.round(totalContent(lastBlock(history))[0]!);
      const option = OPTIONS[Math.min(3, Math.max(0, sum))]!;
      return { id: saying(`<answer> ${option} </answer>`, history.length - 1 - history.lastIndexOf(END)) };
    },
  });
  return { ...model, rules, family: { ...families.lantern, ...(noOracle !== undefined && { noOracle }) } };
}

const NAMES = [
  ...[
    "own",
    "sham",
    "zeros",
    "noise",
    "first-repeat",
    "other-own",
    "mean",
    "noise-matched",
    "shuffle",
    "clamp",
  ],
  ...["marker-repeat", "jitter(0)", "truncate(1)", "slots-only", "skip"],
];

describe("an audit", () => {
  it("keeps blocks of any length, replaces them count by count, and says which loop ran", async () => {
    const out = join(directory, "counted");
    const audit = await auditLoaded(
      counting(),
      { examples },
      { output: { directory: out }, interventions: NAMES },
    );
    expect(audit.interventions.own).toMatchObject({ accuracy: 1, n: 5 });
    expect(audit.interventions.sham!.accuracy).toBe(1);
    expect(audit.loop).toMatchObject({
      ...{ family: "lantern", dialect: "lantern", k: 4, latentRate: 1, blocks: 9 },
      steps: { 0: 1, 1: 3, 2: 2, 3: 3 },
      endings: { "sampled-end": 9 },
      decoding: { repetitionPenalty: 1, maxTokens: 64 },
    });
    const text = await readFile(join(out, "outcomes.jsonl"), "utf8");
    const records = text
      .trim()
      .split("\n")
      .slice(-5)
      .map((line) => JSON.parse(line));
    const outcomes = records.map((r) => (r.record ?? r.value ?? r).outcomes);
    for (const [i, byName] of outcomes.entries()) {
      const wanted = examples[i]!.question.split(" ")
        .slice(0, -1)
        .map((word) => OPTIONS.indexOf(word));
      expect(byName.own.lengths).toEqual(wanted);
      expect(byName.sham).toMatchObject({ text: byName.own.text, choice: byName.own.choice });
      for (const name of [
        "sham",
        "zeros",
        "noise",
        "first-repeat",
        "other-own",
        "mean",
        "shuffle",
        "clamp",
      ]) {
        if (byName[name]) expect(byName[name].lengths, `${name} ${i}`).toEqual(wanted);
      }
      expect(byName["truncate(1)"].lengths.every((length: number) => length <= 1)).toBe(true);
      expect(byName.skip).toMatchObject({ steps: 0 });
    }
    expect(outcomes[2].zeros.choice).toBe(0);
    const latents = (await readLatents(
      join(out, "latents.safetensors"),
      examples.map(({ id }) => id),
    ))!;
    expect(latents.slots).toBe(3);
    expect([...(latents.ownCounts as Int32Array)]).toEqual([0, 2, 3, 1, 3]);
    expect(ownBlocks(latents).map((blocks) => blocks.map((z) => z.length / 64))).toEqual([
      [0, 1],
      [2],
      [3, 1],
      [1, 2, 3],
      [3],
    ]);
    // Slot by slot over those that have it.
    expect(audit.geometry.slots!.map(({ own }) => own.n)).toEqual([4, 3, 2]);
    const again = await auditLoaded(
      counting(),
      { examples },
      { output: { directory: out }, interventions: NAMES },
    );
    expect(again).toEqual(audit);
  });

  it("is not mixed with outcomes of another loop", async () => {
    const out = join(directory, "loops");
    const options = { output: { directory: out }, interventions: ["own", "zeros"] };
    const as = (dialect: string, rules = varying): LocalModel => {
      const model = counting(rules);
      return { ...model, family: { ...model.family, dialect } };
    };
    await auditLoaded(as("skila"), { examples }, options);
    await expect(auditLoaded(as("mirage"), { examples }, options)).rejects.toThrow(
      /expected skila, got mirage/,
    );
    const others = { ...varying, k: 3 };
    await expect(auditLoaded(as("skila", others), { examples }, options)).rejects.toThrow(
      /the rules, penalty.*others of skila/,
    );
    await expect(auditLoaded(as("lantern"), { examples }, options)).rejects.toThrow(/got lantern/);
  });

  it("says why no oracle could be put in", async () => {
    const helped = examples.map((example) => ({ ...example, helpers: [] }));
    const audit = await auditLoaded(
      counting(varying, "of another network"),
      { examples: helped },
      {
        interventions: ["own", "zeros", "oracle", "random-crop"],
      },
    );
    expect(audit.notApplied).toMatchObject({
      oracle: { n: 5, reason: "of another network" },
      "random-crop": { n: 5, reason: "of another network" },
    });
    expect(audit.loop!.oracle).toBe("of another network");
  });

  it("feeds all of an oracle where the family does not pool, and replaces by as many as own blocks have", async () => {
    const pixels = new Uint8Array(24 * 36 * 3).fill(255);
    const helpers = [encodePng({ width: 24, height: 36, pixels })];
    const model = counting(blockRules({ ...ids, k: 2 }));
    const lvr = { ...model, family: { ...families.lvr, content: families.lantern.content } };
    const helped = examples.map((example) => ({ ...example, helpers }));
    const out = join(directory, "rows");
    const names = ["own", "oracle", "mean-oracle", "zeros"];
    await auditLoaded(lvr, { examples: helped }, { output: { directory: out }, interventions: names });
    const text = await readFile(join(out, "outcomes.jsonl"), "utf8");
    const [last] = text
      .trim()
      .split("\n")
      .slice(-1)
      .map((line) => JSON.parse(line));
    const { outcomes } = last.record ?? last.value ?? last;
    // 24 × 36 pixels are 2 × 3 merged tokens; own blocks have 2.
    expect(names.map((name) => outcomes[name].steps / outcomes[name].blocks)).toEqual([2, 6, 2, 2]);
    const latents = (await readLatents(
      join(out, "latents.safetensors"),
      helped.map(({ id }) => id),
    ))!;
    expect([latents.slots, latents.ownCounts![0], latents.oracleCounts]).toEqual([6, 2, undefined]);
  });

  it("leaves blocks of fixed length as they ever were", async () => {
    const fixed = counting(blockRules({ ...ids, k: 2 }));
    const audit = await auditLoaded(
      fixed,
      { examples },
      { output: { directory: join(directory, "fixed") }, interventions: ["own", "zeros"] },
    );
    expect(audit.loop).toMatchObject({ k: 2, steps: { 2: 9 }, endings: { count: 9 } });
    const text = await readFile(join(directory, "fixed", "outcomes.jsonl"), "utf8");
    expect(text).not.toContain("lengths");
    const latents = await readLatents(
      join(directory, "fixed", "latents.safetensors"),
      examples.map(({ id }) => id),
    );
    expect(latents).toMatchObject({ slots: 2 });
    expect(latents).not.toHaveProperty("ownCounts");
  });
});

describe("lengths", () => {
  const z = (...values: number[]) => Float32Array.from(values);

  it("vary where anything but the count may end a block", () => {
    expect(isVariable(blockRules(ids))).toBe(false);
    const others: Partial<BlockRules>[] = [
      ...[{ allowSampledEnd: true }, { bounded: false }, { static: [1] }, { placeholders: true }],
      { stop: { tensor: "t", distance: "mse", below: 1 } },
    ];
    for (const other of others) expect(isVariable(blockRules(ids, other))).toBe(true);
  });

  it("of replacements are those of own blocks; oracles keep theirs", () => {
    const plan: SlotPlan = { kind: "fixed", blocks: [z(1, 2)] };
    const own = [z(0, 0, 0), z(0)];
    expect(asLongAsOwn(plan, { base: "zeros" }, own, 1)).toMatchObject({ blocks: [z(1, 2, 2), z(1)] });
    expect(asLongAsOwn(plan, { base: "oracle" }, own, 1)).toBe(plan);
    expect(asLongAsOwn({ kind: "skip" }, { base: "skip" }, own, 1)).toEqual({ kind: "skip" });
  });

  it("are packed with their counts, where they are not all the same", () => {
    const packed = pack([z(1), null, z(2, 3), z(4, 5, 6)], 2, 1);
    expect([...packed.has]).toEqual([1, 0, 1, 1]);
    expect([...packed.counts!]).toEqual([1, 0, 2, 2]);
    expect([...packed.data]).toEqual([1, 0, Number.NaN, Number.NaN, 2, 3, 4, 5]);
    expect(pack([z(1, 2), undefined], 2, 1).counts).toBeUndefined();
  });

  it("are kept in the file", async () => {
    const mine = pack([z(1), z(2, 3)], 2, 1);
    const latents: Latents = {
      ...{ examples: ["a", "b"], slots: 2, width: 1, own: mine.data, oracle: mine.data },
      ...{ hasOwn: mine.has, hasOracle: mine.has, ownCounts: mine.counts!, oracleCounts: mine.counts! },
      further: { own: z(7, 0), rows: [1], counts: Int32Array.of(1) },
    };
    const path = join(directory, "latents.safetensors");
    await writeLatents(path, latents);
    const read = (await readLatents(path, ["a", "b"]))!;
    expect(ownBlocks(read)).toEqual([[z(1)], [z(2, 3), z(7)]]);
    expect([...(read.oracleCounts as Int32Array)]).toEqual([1, 2]);
    expect(ownBlocks({ ...latents, hasOwn: [0, 1] })[0]).toEqual([]);
    expect(geometry(read).slots!.map(({ own }) => own.n)).toEqual([2, 1]);
  });
});

describe("the record of the loop", () => {
  it("counts blocks of equal length from their steps, and nothing where nothing ran", () => {
    const outcome = { text: "", choice: null, optionLogProbabilities: null };
    const record = (blocks: number, steps: number) => ({
      outcomes: { own: { ...outcome, blocks, steps, endings: Array<"count">(blocks).fill("count") } },
    });
    const model = counting();
    expect(loopOf(model, [record(2, 4), record(0, 0)])).toMatchObject({
      ...{ latentRate: 0.5, blocks: 2, steps: { 2: 2 }, endings: { count: 2 } },
    });
    expect(loopOf(model, [])).toMatchObject({ latentRate: null, blocks: 0, steps: {} });
  });
});
