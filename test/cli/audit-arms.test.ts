/** Arms of an audit that change the model, the input or the data, in a process as users start it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { type Example, writeDataset } from "../../src/tasks/index.ts";
import { picture } from "../support/pictures.ts";
import { start } from "./run.ts";

let scratch: string;
const at = (...names: string[]): string => join(scratch, ...names);
const meta = { task: "known", title: "known", description: "known", seed: 0, parameters: {} };

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-arms-"));
  const [reads, blind] = knownModels;
  await saveKnownModel(at("reads"), reads!);
  await saveKnownModel(at("blind"), blind!);
  // Answers without a look at anything: a text baseline that has learned nothing.
  await saveKnownModel(at("guess"), { ...reads!, layers: [reads!.layers[0], reads!.layers[0]] });
  await writeDataset(at("data"), { eval: knownExamples(40, 1, 0) }, meta);
});
afterAll(() => rmSync(scratch, { recursive: true }));

const audit = (...rest: string[]) =>
  start(["audit", "--model", at("reads"), "--threads", "1", ...rest]).ended;

describe("--text-baseline", () => {
  const own = (...rest: string[]) => audit("--data", at("data"), "--interventions", "own,zeros", ...rest);

  it("answers the same examples, and is compared by example in JSON, in words and in the directory", async () => {
    const out = at("baseline-out");
    const { code, out: json, err } = await own("--text-baseline", at("guess"), "--out", out, "--json");
    expect(code, err).toBe(0);
    const { textBaseline, interventions, readable } = JSON.parse(json);
    expect(textBaseline).toMatchObject({
      model: at("guess"),
      n: 40,
      accuracy: 0.25,
      latentRate: 1,
      equivalent: false,
    });
    expect(textBaseline.difference).toBeCloseTo(interventions.own.accuracy - 0.25, 12);
    expect(textBaseline.p).toBeLessThan(1e-6);
    expect(readable).toMatch(/The text baseline, trained on the same data without latents, answered 25\.0 %/);
    const text = await own("--text-baseline", at("blind"), "--limit", "8");
    expect(text.code).toBe(0);
    expect(text.out.replaceAll(/\s+/g, " ")).toMatch(/own latents − text baseline 0\.0 points/);
  });

  it("is an error where it is no checkpoint, before the audit begins", async () => {
    const { code, out, err } = await own("--text-baseline", at("nowhere"));
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/nowhere/);
    expect(err).not.toMatch(/at .*\.js/);
  });
});

describe("--corrupt-image", () => {
  /** Eight questions with a box, two without. */
  const boxed = (): string => {
    mkdirSync(at("boxed"), { recursive: true });
    const records = Array.from({ length: 10 }, (_, i) => {
      writeFileSync(at("boxed", `${i}.png`), picture(i % 4, i, 24));
      const box = i < 8 ? { bbox: [0, 0, 24, 12] } : {};
      return { question: "Which colour is this", right: i % 4, img_path: `${i}.png`, ...box };
    });
    writeFileSync(at("boxed", "test.jsonl"), records.map((each) => JSON.stringify(each)).join("\n"));
    writeFileSync(
      at("boxed.yaml"),
      [
        "question: question",
        "images: img_path",
        "options: { values: [a, b, c, d] }",
        "answer: { field: right, form: index }",
        "helpers: { crop: bbox, of: img_path }",
        "ask: as-is",
      ].join("\n"),
    );
    return at("boxed");
  };
  const crossed = (...rest: string[]) =>
    audit("--data", boxed(), "--map", at("boxed.yaml"), "--interventions", "own,oracle", "--json", ...rest);

  it("takes from the input what the helpers were cut out of, and from nothing else", async () => {
    const clear = JSON.parse((await crossed()).out);
    expect(clear).toMatchObject({
      n: 10,
      interventions: { own: { accuracy: 1 }, oracle: { accuracy: 1, n: 8 } },
    });
    expect(clear.benchmark.corrupted).toBeUndefined();
    const { code, out, err } = await crossed("--corrupt-image");
    expect(code, err).toBe(0);
    const black = JSON.parse(out);
    // Nothing of the colour is left in the input; the helper still has it.
    expect(black).toMatchObject({
      n: 8,
      benchmark: { mapping: "boxed", corrupted: true },
      interventions: { own: { accuracy: 0.25 }, oracle: { accuracy: 1, n: 8 } },
      verdict: "inconclusive",
    });
    expect(black.skipped.map(({ reason }: { reason: string }) => reason)).toEqual(
      Array(2).fill("no region to paint black"),
    );
    expect(err).toMatch(/2 of 10 examples could not be used and are left out/);
  });

  it("is refused where no data say what a helper was cut out of", async () => {
    const { code, out, err } = await audit("--data", at("data"), "--corrupt-image");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/--corrupt-image: expected a benchmark.*Try --map viscot-mc/s);
  });

  it("shows where the answer looks, by the same boxes", async () => {
    const { code, out, err } = await crossed("--suites", "knockout");
    expect(code, err).toBe(0);
    const { targetRegion } = JSON.parse(out).suites.knockout.results;
    // A box of the whole picture leaves no other region of its size.
    expect(targetRegion).toMatchObject({
      n: 0,
      left: { "no other region of its size": 8, "no target region": 2 },
    });
  });
});

describe("data with words and edited versions of their images", () => {
  it("are asked so: captions, edits, lengths and budgets, in one audit and in its dry run", async () => {
    const examples = knownExamples(8, 1, 0).map((example, i): Example => {
      const other = (example.answer + 1) % 4;
      const edits = [{ kind: "colour", images: [picture(other, i)], answer: other }];
      return { ...example, edits, ...(i !== 3 && { caption: "colour is this" }) };
    });
    await writeDataset(at("edited"), { eval: examples }, meta);
    const asked = [
      "--data",
      at("edited"),
      "--interventions",
      "caption-only,own-steps(3),own-steps(0),matched-text",
    ];
    const plan = JSON.parse((await audit(...asked, "--dry-run", "--json")).out);
    expect(
      plan.interventions.map(({ name, applies }: { name: string; applies: number }) => [name, applies]),
    ).toEqual([
      ["own", 8],
      ["caption-only", 7],
      ["own-steps(3)", 8],
      ["own-steps(0)", 8],
      ["matched-text", 8],
    ]);
    expect(plan.examples[0].replaced).toMatchObject({
      "caption-only": { from: expect.stringMatching(/description in words/) },
      "own-steps(3)": { kind: "own", slots: 3 },
      "own-steps(0)": { kind: "empty", slots: 0 },
      "matched-text": { kind: "none", from: "4 generated words" },
    });
    const { code, out, err } = await audit(...asked, "--suites", "mediation", "--json");
    expect(code, err).toBe(0);
    const { interventions, notApplied, suites } = JSON.parse(out);
    expect(interventions).toMatchObject({
      own: { accuracy: 1 },
      "own-steps(3)": { accuracy: 1 },
      "own-steps(0)": { accuracy: 0.25 },
      "matched-text": { accuracy: 0.25, latentRate: 0 },
      // Without the picture there is nothing to read.
      "caption-only": { n: 7, answered: 1 },
    });
    expect(interventions["caption-only"].accuracy).toBeLessThan(0.5);
    expect(notApplied["caption-only"]).toEqual({
      n: 1,
      reason:
        "no image, no description of its images in words, or blocks that read features of an image again",
    });
    expect(suites.mediation.results.edits.kinds.colour).toMatchObject({
      edits: 8,
      modelFlip: { value: 1 },
      fCorrect: { value: 1 },
    });
    const refused = await audit("--data", at("edited"), "--interventions", "own-steps(1.5)");
    expect([refused.code, refused.out]).toEqual([2, ""]);
    expect(refused.err).toMatch(/an integer from 0 to 1024, got 1\.5/);
  });
});
