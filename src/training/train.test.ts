import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generateDataset, readSplit, writeDataset } from "../tasks/index.ts";
import { trainModel } from "./train.ts";
import type { TrainOptions } from "./train-options.ts";

let scratch: string;
let tetris: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-train-"));
  tetris = join(scratch, "tetris");
  await generateDataset({
    task: "tetris",
    out: tetris,
    train: 24,
    eval: 6,
    heldOut: 2,
    seed: 0,
    parameters: { rendering: "pocket" },
  });
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** Steps 3, 6 and 9 are saved; accuracy is followed at 4, 8 and 10. */
const short = {
  steps: 10,
  batch: 4,
  warmup: 3,
  followEvery: 4,
  followExamples: 4,
  saveEvery: 3,
} satisfies Partial<TrainOptions>;
const STATE = "state.safetensors";

let made = 0;
const fresh = (): string => join(scratch, `model-${made++}`);
const train = (out: string, options: Partial<TrainOptions> = {}) =>
  trainModel({ recipe: "joint", data: tetris, out, ...short, ...options });

/** What must not depend on interruptions: every file; in the journal not the times. */
function contents(directory: string): Record<string, string> {
  // The manifest has the digests of files with times.
  const files = readdirSync(directory)
    .filter((name) => name !== "manifest.json")
    .sort();
  return Object.fromEntries(
    files.map((name) => {
      const bytes = readFileSync(join(directory, name));
      const text = bytes.toString("latin1");
      return [
        name,
        name.startsWith("training.json")
          ? text.replaceAll(/"(seconds|examplesPerSecond|check)":[^,}]+,?/g, "")
          : text,
      ];
    }),
  );
}

/** Trains until step `k` was reported, then stops as Ctrl-C does. */
async function stopAt(out: string, k: number, options: Partial<TrainOptions> = {}): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const onProgress = ({ done }: { done: number }) => {
    if (done === k) controller.abort();
  };
  await expect(train(out, { ...options, signal, onProgress })).rejects.toThrow(/aborted/);
}

const journal = (out: string): { step: number; loss?: number; accuracy?: object }[] =>
  readFileSync(join(out, "training.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("an interrupted training", () => {
  let whole: Record<string, string>;
  beforeAll(async () => {
    const out = fresh();
    const result = await train(out);
    expect(result).toMatchObject({ steps: 10, examples: 40 });
    whole = contents(out);
    expect(Object.keys(whole)).not.toContain(STATE);
    expect(Object.keys(whole)).toContain("model.safetensors");
    const lines = journal(out);
    expect(lines.filter(({ loss }) => loss !== undefined).map(({ step }) => step)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(lines.filter(({ accuracy }) => accuracy).map(({ step }) => step)).toEqual([4, 8, 10]);
  });

  // Before the first state, right after one (nothing to repeat), between two, after the last; with half a line in the journal.
  it("may be stopped again and again, with half a line in its journal", async () => {
    const out = fresh();
    for (const k of [1, 3, 4, 7, 9]) {
      await stopAt(out, k);
      expect(readdirSync(out)).not.toContain("model.safetensors");
      expect(readdirSync(out).includes(STATE)).toBe(k >= 3);
      writeFileSync(join(out, "training.jsonl"), '{"step":99,"sec', { flag: "a" });
    }
    await train(out);
    expect(contents(out)).toEqual(whole);
  });

  it("killed while the finished model was written, writes it again", async () => {
    const out = fresh();
    await stopAt(out, 9);
    const state = readFileSync(join(out, STATE));
    await train(out);
    expect(contents(out)).toEqual(whole);
    writeFileSync(join(out, STATE), state);
    rmSync(join(out, "training.json"));
    truncateSync(join(out, "model.safetensors"), 1000);
    await train(out);
    expect(contents(out)).toEqual(whole);
  });

  it("is not continued with other settings, and keeps its state", async () => {
    const out = fresh();
    await stopAt(out, 4);
    const before = contents(out);
    for (const other of [{ seed: 1 }, { recipe: "text" }, { learningRate: 2e-3 }, { steps: 11 }]) {
      await expect(train(out, other)).rejects.toMatchObject({
        code: "usage",
        message: expect.stringMatching(
          /a training of the same request.*training: \w+ is .*, was .*another directory/s,
        ),
      });
      expect(contents(out)).toEqual(before);
    }
    await train(out);
    expect(contents(out)).toEqual(whole);
  });

  it("compares a state from before requests were recorded by its own fingerprint", async () => {
    const out = fresh();
    await stopAt(out, 4);
    rmSync(join(out, "request.json"));
    await expect(train(out, { seed: 1 })).rejects.toThrow(/no unfinished training, or one of the same/);
    await train(out);
    expect(contents(out)).toEqual(whole);
  });

  it("does not go on from a state or a journal in which something was changed", async () => {
    const out = fresh();
    await stopAt(out, 5);
    const [state, lines] = [
      readFileSync(join(out, STATE)),
      readFileSync(join(out, "training.jsonl"), "utf8"),
    ];
    const changed = Buffer.from(state);
    changed[changed.length - 3]! ^= 1;
    writeFileSync(join(out, STATE), changed);
    await expect(train(out)).rejects.toMatchObject({ id: "E_CHANGED_FILE" });
    writeFileSync(join(out, STATE), state);
    for (const edited of [
      lines.replace(/"loss":[\d.]+/, '"loss":0'),
      lines.replace(/^.*\n/, ""),
      lines.replace(/^.*\n/, "{}\n"),
      lines.replace(/^(.*\n)/, "$1$1"),
    ]) {
      writeFileSync(join(out, "training.jsonl"), edited);
      await expect(train(out)).rejects.toMatchObject({ id: "E_CHANGED_FILE" });
    }
    writeFileSync(join(out, "training.jsonl"), lines);
    await train(out);
    expect(contents(out)).toEqual(whole);
  });

  it("says so where its state is damaged", async () => {
    const out = fresh();
    await stopAt(out, 4);
    truncateSync(join(out, STATE), 5000);
    await expect(train(out)).rejects.toThrow(join(out, STATE));
  });

  it("is another for another seed", async () => {
    const other = fresh();
    await train(other, { seed: 1 });
    expect(contents(other)["model.safetensors"]).not.toBe(whole["model.safetensors"]);
  });
});

describe("training", () => {
  it.each(["joint", "text"])("learns eight examples by heart (%s)", async (recipe) => {
    const data = join(scratch, `eight-${recipe}`);
    await generateDataset({
      task: "tetris",
      out: data,
      train: 8,
      eval: 2,
      heldOut: 2,
      seed: 0,
      parameters: { rendering: "pocket" },
    });
    const out = fresh();
    await train(out, { recipe, data, batch: 8, steps: 120, warmup: 30, followEvery: 120, saveEvery: 1000 });
    const losses = journal(out).flatMap(({ loss }) => loss ?? []);
    expect(losses[0]).toBeGreaterThan(1);
    expect(losses.at(-1)).toBeLessThan(0.02);
  });

  it("starts from a base, whose vision tower stays as it is, and resumes over it", async () => {
    const [base, out, stopped] = [fresh(), fresh(), fresh()];
    await train(base, { recipe: "text", steps: 2 });
    await train(out, { base, steps: 4 });
    await stopAt(stopped, 3, { base, steps: 4 });
    await train(stopped, { base, steps: 4 });
    expect(contents(stopped)).toEqual(contents(out));
    const { readSafetensors } = await import("../formats/index.ts");
    const [before, after] = await Promise.all(
      [base, out].map((dir) => readSafetensors(join(dir, "model.safetensors"))),
    );
    expect([...after!.keys()]).toEqual([...before!.keys()]);
    for (const [name, { data }] of before!) {
      const now = after!.get(name)!.data;
      if (name.startsWith("visual.")) expect(now, name).toEqual(data);
      else expect(now, name).not.toEqual(data);
    }
  });
});

describe("a finished training", () => {
  it("is neither repeated by the same call nor replaced by another, whatever differs", async () => {
    const out = fresh();
    const first = await train(out, { steps: 2 });
    const before = contents(out);
    expect(await train(out, { steps: 2 })).toEqual({ ...first, reused: true });
    // A kill after its last record leaves the state behind, which nobody changed.
    writeFileSync(join(out, "state.safetensors"), "");
    expect(await train(out, { steps: 2 })).toEqual({ ...first, reused: true });
    expect(contents(out)).toEqual(before);
    const other = join(scratch, "other-data");
    const parameters = { rendering: "pocket" };
    await generateDataset({
      task: "tetris",
      out: other,
      train: 24,
      eval: 6,
      heldOut: 2,
      seed: 9,
      parameters,
    });
    for (const [options, said] of [
      [{ recipe: "text" }, /training: recipe is text, was joint/],
      [{ data: other }, /data: content \(split train\) is SHA-256/],
      [{ base: out }, /base is given, was none/],
      [{ steps: 3 }, /training: steps is 3, was 2/],
    ] as const)
      await expect(train(out, { steps: 2, ...options })).rejects.toThrow(said);
    // A checkpoint of which nothing is recorded is somebody's all the same.
    rmSync(join(out, "request.json"));
    await expect(train(out, { steps: 2 })).rejects.toThrow(/a new directory, .*got one with chat_template/);
    rmSync(join(out, ".lintel.lock"), { force: true });
    const { "request.json": _, ...kept } = before;
    expect(contents(out)).toEqual(kept);
  });
});

describe("training refuses", () => {
  it("words that a base does not have, and images of another size, before it writes anything", async () => {
    const [base, out] = [fresh(), fresh()];
    await train(base, { steps: 1 });
    const dataset = async (name: string, parameters: Record<string, string>) => {
      const data = join(scratch, name);
      await generateDataset({ task: "tetris", out: data, train: 24, eval: 4, heldOut: 0, parameters });
      return data;
    };
    const words = await dataset("by-words", { rendering: "pocket", by: "words" });
    await expect(train(out, { base, data: words })).rejects.toThrow(
      /by-words, split train: expected words of the vocabulary of .*\(\d+ tokens\), got \d+ that it does not have: ".*same task and parameters/,
    );
    const config = JSON.parse(readFileSync(join(base, "config.json"), "utf8"));
    expect(config.lintel.pixels).toEqual([9216, 9216]);
    config.lintel.pixels = [144, 144];
    writeFileSync(join(base, "config.json"), JSON.stringify(config));
    await expect(train(out, { base })).rejects.toThrow(/images of about 144 pixels.*got 96 × 96/);
    expect(readdirSync(out)).toEqual([]);
  });

  it("a dataset without the rationale that a recipe trains", async () => {
    await expect(train(fresh(), { recipe: "precise" })).rejects.toThrow(
      /expected a rationale.*got none. Try .*--set plan=brief/,
    );
  });

  it("a recipe that is not there, with the nearest names", async () => {
    await expect(train(fresh(), { recipe: "jont" })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(/"jont".*"joint"/),
    });
  });

  it("latents from a dataset without helpers, naming the example", async () => {
    const { examples } = await readSplit(tetris, "train");
    const bare = examples.slice(0, 8).map((e, i) => (i === 5 ? { ...e, helpers: [] } : e));
    const data = join(scratch, "bare");
    const meta = { task: "tetris", title: "t", description: "d", seed: 0, parameters: {} };
    await writeDataset(data, { train: bare, eval: bare.slice(0, 2) }, meta);
    await expect(train(fresh(), { data })).rejects.toMatchObject({
      code: "dataset",
      message: expect.stringMatching(
        new RegExp(`example ${bare[5]!.id}: expected a helper image.*the recipe text`),
      ),
    });
    await expect(train(fresh(), { data, recipe: "text", steps: 1 })).resolves.toMatchObject({ steps: 1 });
  });

  it("a dataset without the split train", async () => {
    const { examples } = await readSplit(tetris, "eval");
    const data = join(scratch, "eval-only");
    const meta = { task: "tetris", title: "t", description: "d", seed: 0, parameters: {} };
    await writeDataset(data, { eval: examples }, meta);
    await expect(train(fresh(), { data })).rejects.toMatchObject({
      code: "dataset",
      message: expect.stringMatching(/eval-only.*unknown split "train"\. Choose one of: eval/),
    });
  });

  it("a base that is cut off or not there, before it writes anything", async () => {
    const base = fresh();
    await train(base, { recipe: "text", steps: 1 });
    truncateSync(join(base, "model.safetensors"), 100_000);
    const out = fresh();
    await expect(train(out, { base })).rejects.toMatchObject({
      code: expect.stringMatching(/checkpoint|input/),
      message: expect.stringContaining(join(base, "model.safetensors")),
    });
    const none = join(scratch, "none");
    await expect(train(out, { base: none })).rejects.toThrow(none);
    expect(readdirSync(out)).toEqual([]);
  });

  it("an output directory that cannot be written", async () => {
    const file = join(scratch, "a-file");
    writeFileSync(file, "");
    for (const out of ["/proc/lintel/out", join(file, "out")]) {
      await expect(train(out)).rejects.toMatchObject({
        code: "output",
        message: expect.stringContaining(out.split("/").slice(0, 3).join("/")),
      });
    }
    const blocked = fresh();
    mkdirSync(join(blocked, "training.jsonl"), { recursive: true });
    await expect(train(blocked)).rejects.toThrow(join(blocked, "training.jsonl"));
  });
});
