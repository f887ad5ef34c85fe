/** Several blocks in one example, latents that are no numbers, and directories that are used again. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  contentVector,
  END,
  type Fed,
  lastBlock,
  PAD,
  START,
  saying,
  scriptedModel,
  tokenizer,
  totalContent,
} from "../../../test/scripted.fixture.ts";
import { readSafetensors, toFloat32 } from "../../formats/index.ts";
import type { Example } from "../../tasks/index.ts";
import type { ProgressEvent } from "../../util/index.ts";
import { readLatents } from "../record/latents-file.ts";
import { auditLoaded } from "../run.ts";

const directory = await mkdtemp(join(tmpdir(), "lintel-blocks-"));
afterAll(() => rm(directory, { recursive: true }));

const OPTIONS = ["a", "b", "c", "d"];
/** The last word of every question. */
const WHICH = tokenizer.idOf("Which")!;
/** As many options of its own in the question as blocks are wanted; the answer is the last of them. */
const examples: Example[] = ["a", "b c", "c d", "b", "d a"].map((words, i) => ({
  id: String(i),
  question: `${words} Which`,
  images: [],
  options: OPTIONS,
  answer: OPTIONS.indexOf(words.split(" ").at(-1)!),
  helpers: [],
  counterfactuals: OPTIONS.map(() => null),
  attributes: {},
}));

/** Own latents: the number of the example's word in the first block, of the second one in the second; then the sum. */
function twoBlocks(broken = false) {
  const wordsOf = (history: readonly Fed[]): number[] =>
    history
      .slice(0, history.indexOf(tokenizer.idOf("Which")!))
      .flatMap((fed) => (typeof fed === "number" && OPTIONS.includes(tokenizer.tokenOf(fed)!) ? [fed] : []));
  return scriptedModel({
    k: 1,
    next(history) {
      const words = wordsOf(history).map((id) => OPTIONS.indexOf(tokenizer.tokenOf(id)!));
      const opened = history.filter((fed) => fed === START).length;
      const closed = history.filter((fed) => fed === END).length;
      const value = broken && words[0] === 2 ? Number.NaN : words[opened - 1]! + 1;
      if (opened > closed) return { id: PAD, own: [value, 0, 0, 0] };
      if (opened < words.length) return { id: START };
      const read = Math.round(totalContent(lastBlock(history))[0]!) - 1;
      const option = OPTIONS[Math.min(3, Math.max(0, Number.isFinite(read) ? read : 0))]!;
      return { id: saying(`<answer> ${option} </answer>`, history.length - 1 - history.lastIndexOf(END)) };
    },
  }).model;
}

const NAMES = ["own", "sham", "zeros", "other-own", "mean", "truncate(0)", "jitter(1)"];

describe("several blocks", () => {
  it("are all recorded, read again, and replaced", async () => {
    const out = join(directory, "two");
    const audit = await auditLoaded(
      twoBlocks(),
      { examples },
      { output: { directory: out }, interventions: NAMES },
    );
    expect(audit.interventions.own).toMatchObject({ accuracy: 1, n: 5 });
    expect(audit.interventions.sham).toMatchObject({ accuracy: 1 });
    const latents = (await readLatents(
      join(out, "latents.safetensors"),
      examples.map(({ id }) => id),
    ))!;
    expect(latents.further!.rows).toEqual([1, 2, 4]);
    const raw = await readSafetensors(join(out, "latents.safetensors"));
    expect(toFloat32(raw.get("furtherOwn")!)).toEqual(
      Float32Array.from([3, 4, 1].flatMap((value) => [...contentVector([value, 0, 0, 0])])),
    );
    const lines = (await readFile(join(out, "outcomes.jsonl"), "utf8")).trim().split("\n").slice(-5);
    const records = lines.map((line) => JSON.parse(line));
    const find = (id: string) => records.map((r) => r.record ?? r.value ?? r).find((r) => r.example === id);
    expect(find("1").outcomes.sham).toMatchObject({
      blocks: 2,
      steps: 2,
      finish: "eos",
      endings: ["count", "count"],
    });
    expect(find("1").outcomes.zeros.choice).toBe(0);
    expect(find("1").outcomes.sham.dose).toMatchObject({ distance: 0, cosine: 1 });
    // The second block is the mean of the three second ones, (3 + 4 + 1) / 3, not of the first ones.
    expect(find("1").outcomes.mean.text).toContain("<answer> c </answer>");
  });

  it("leave no trace in the file where there is one each", async () => {
    const out = join(directory, "one");
    const single = examples.filter(({ question }) => question.split(" ").length === 2);
    await auditLoaded(
      twoBlocks(),
      { examples: single },
      { output: { directory: out }, interventions: ["own", "zeros"] },
    );
    const raw = await readSafetensors(join(out, "latents.safetensors"));
    expect([...raw.keys()].sort()).toEqual(["hasOracle", "hasOwn", "oracle", "own"]);
  });
});

describe("latents that are no numbers", () => {
  it("are counted, and spoil nobody else's mean, noise or distance", async () => {
    const audit = await auditLoaded(twoBlocks(true), { examples }, { interventions: NAMES });
    expect(audit.notFinite).toBe(1);
    expect(audit.notApplied).toMatchObject({ sham: { n: 1 }, "other-own": { n: 1 }, "jitter(1)": { n: 1 } });
    expect(audit.interventions.mean!.n).toBe(5);
    expect(audit.interventions.mean!.dose!.norm).toBeGreaterThan(0);
    expect(audit.interventions.own!.dose!.reasons!.norm).toMatch(/not finite \(1 of 5 examples\)/);
    expect(audit.geometry.own).toMatchObject({ pairwiseCosine: null });
    expect(audit.geometry.own.reasons!.pairwiseCosine).toMatch(/1 of 5 vectors is not finite/);
  });
});

describe("suites of latents that are no numbers, and of no blocks at all", () => {
  it("leave them out, count them, and say so", async () => {
    const audit = await auditLoaded(
      twoBlocks(true),
      { examples },
      { interventions: { suites: ["viveiros", "mediation"] } },
    );
    const { spread, foundAndRight } = audit.suites!.viveiros!.results;
    expect(spread).toMatchObject({ notFinite: 1, own: { n: 4 }, oracle: { n: 0, cosine: null } });
    expect(foundAndRight).toMatchObject({
      phi: null,
      reason: expect.stringMatching(/latent block and an oracle/),
    });
    expect(audit.suites!.mediation!.results.fixedContext).toMatchObject({
      n: 0,
      reason: expect.stringMatching(/cannot be looked into/),
    });
    expect(JSON.stringify(audit.suites)).not.toMatch(/NaN|Infinity/);
    expect(audit.suites!.viveiros!.conclusion).toBe("inconclusive");
  });

  it("no block: own answers are counted, everything about latents is null with a reason", async () => {
    const silent = scriptedModel({
      k: 1,
      next: (history) => ({
        id: saying("<answer> a </answer>", history.length - 1 - history.lastIndexOf(WHICH)),
      }),
    }).model;
    const audit = await auditLoaded(silent, { examples }, { interventions: ["own"] });
    expect(audit.interventions.own).toMatchObject({ latentRate: 0, n: 5 });
    expect(audit.verdict).toBe("no-latents");
    expect(audit.verdictReason).toMatch(/latent block in none of 5 examples/);
    expect(audit.geometry.own).toMatchObject({ pairwiseCosine: null, effectiveRank: null, n: 0 });
    expect(audit.geometry.own.reasons!.pairwiseCosine).toBe("no example has a latent block");
    const suite = await auditLoaded(silent, { examples }, { interventions: { suites: ["trt"] } });
    expect(suite).toEqual(audit);
  });
});

describe("a directory that is used again", () => {
  const run = (out: string, interventions: readonly string[], seed = 0, events: ProgressEvent[] = []) =>
    auditLoaded(
      twoBlocks(),
      { examples },
      {
        output: { directory: out },
        interventions,
        seed,
        onProgress: (e) => events.push(e),
      },
    );

  it("goes on under the same interventions, to the same bytes", async () => {
    const out = join(directory, "again");
    const events: ProgressEvent[] = [];
    const first = await run(out, NAMES, 0, events);
    const bytes = await readFile(join(out, "audit.json"), "utf8");
    expect(await run(out, NAMES)).toEqual(first);
    expect(await readFile(join(out, "audit.json"), "utf8")).toBe(bytes);
    // Each example is passed twice: for its own latents, and under the interventions.
    expect(events[0]).toMatchObject({ done: 0, total: 5 });
    expect(events.map(({ done }) => done)).toEqual([0, 2, 5]);
  });

  it("is refused under others, or another seed: outcomes cannot be mixed", async () => {
    const out = join(directory, "mixed");
    await run(out, ["own", "zeros"]);
    await expect(run(out, ["own", "mean"])).rejects.toThrow(
      /expected own, zeros, got own, mean. Try another --out/,
    );
    await expect(run(out, ["own", "zeros"], 1)).rejects.toThrow(/seed/);
  });
});
