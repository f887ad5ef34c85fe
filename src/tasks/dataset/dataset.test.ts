import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { pixelHash } from "../../../test/support/pixels.ts";
import { LintelError } from "../../util/index.ts";
import { generateDataset } from "../generate.ts";
import { tasks } from "../registry.ts";
import type { Example } from "../types.ts";
import { decodeExample, listSplits, readSplit } from "./read.ts";
import { writeDataset } from "./write.ts";

const scratch = () => mkdtempSync(join(tmpdir(), "lintel-dataset-"));
const meta = { task: "toy", title: "Toy", description: "A toy.", seed: null, parameters: {} };
const pocket = { rendering: "pocket" };
const small = { train: 30, eval: 10, heldOut: 10, seed: 0, parameters: pocket };

async function failure(attempt: Promise<unknown>): Promise<LintelError> {
  const error = await attempt.then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(LintelError);
  return error as LintelError;
}

const [sample] = [...tasks.crop.generate("eval", 1, 0, pocket)] as [Example];

describe("generateDataset and readSplit", () => {
  let dir: string;
  beforeAll(async () => {
    dir = join(scratch(), "new", "tetris");
    await generateDataset({ task: "tetris", out: dir, ...small });
  });

  it("returns every example as it was generated", async () => {
    expect(await listSplits(dir)).toEqual(["train", "eval", "held-out", "held-out-cells"]);
    for (const [split, count] of [
      ["train", 30],
      ["eval", 10],
      ["held-out", 10],
      ["held-out-cells", 10],
    ] as const) {
      const { name, task, examples } = await readSplit(dir, split);
      expect([name, task]).toEqual([split, "tetris"]);
      const made = [...tasks.tetris.generate(split, count, 0, pocket)];
      expect(examples.map((e) => ({ ...e, images: [], helpers: [], counterfactuals: [] }))).toEqual(
        made.map((e) => ({ ...e, images: [], helpers: [], counterfactuals: [] })),
      );
      expect(pixelHash(examples)).toBe(pixelHash(made));
    }
  });

  it("shows its first example in the card, whose pictures lie beside it", async () => {
    const card = readFileSync(join(dir, "README.md"), "utf8");
    const [first] = (await readSplit(dir, "train", { limit: 1 })).examples;
    const linked = [...card.matchAll(/!\[[^\]]*\]\((figure\/[^)]+)\)/g)].map(([, path]) => path!);
    expect(linked.length).toBe(first!.images.length + first!.helpers.length);
    const bytes = [...first!.images, ...first!.helpers].map((image) => Buffer.from(image));
    expect(linked.map((path) => readFileSync(join(dir, path)))).toEqual(bytes);
    expect(card).toContain(`Answer: ${first!.options[first!.answer]}.`);
  });

  it("reads no more than asked for, and decodes it", async () => {
    const { examples } = await readSplit(dir, "train", { limit: 3 });
    expect(examples.map(({ id }) => id)).toEqual(["train-000000", "train-000001", "train-000002"]);
    const { images, helpers, counterfactuals } = await decodeExample(examples[0]!);
    expect(images.map(({ width, height }) => [width, height])).toEqual(Array(7).fill([96, 96]));
    expect(helpers[0]).toEqual(images[3 + examples[0]!.answer]);
    expect(counterfactuals.filter((each) => each !== null).length).toBe(3);
    expect((await readSplit(dir, "eval", { limit: 0 })).examples).toEqual([]);
  });

  it("has a card that names splits, features, sizes, seed and parameters", () => {
    const card = readFileSync(join(dir, "README.md"), "utf8");
    const front = parse(card.split("---\n")[1]!) as Record<string, unknown>;
    expect(front.license).toBe("apache-2.0");
    expect(front.configs).toEqual([
      {
        config_name: "default",
        data_files: [
          { split: "train", path: "data/train-[0-9]*" },
          { split: "eval", path: "data/eval-[0-9]*" },
          { split: "held_out", path: "data/held-out-[0-9]*" },
          { split: "held_out_cells", path: "data/held-out-cells-[0-9]*" },
        ],
      },
    ]);
    const info = front.dataset_info as {
      features: unknown[];
      splits: { num_examples: number; num_bytes: number }[];
    };
    expect(info.features).toContainEqual({ name: "counterfactuals", list: { list: "image" } });
    expect(info.features).toContainEqual({ name: "images", list: "image" });
    expect(info.features).toContainEqual({ name: "reasoning", list: "string" });
    expect(info.features).toContainEqual({ name: "state", dtype: "string" });
    expect(info.splits.map((split) => split.num_examples)).toEqual([30, 10, 10, 10]);
    expect(info.splits[0]!.num_bytes).toBe(statSync(join(dir, "data", "train-00000-of-00001.parquet")).size);
    expect(card).toMatch(/task `tetris`, seed 0, `rendering` = pocket, .*`by` = analogy, `exemplars` = 0/);
    expect(card).toMatch(/\| train \| 30 \| 8 \| [78] \| [78] \| [78] \|/);
    expect(card).toMatch(/`angle`: 90 \(\d+\), 180 \(\d+\), 270 \(\d+\)/);
    expect(card).toContain('load_dataset("path/to/this/directory", split="train")');
  });

  it("keeps what is there when it is the same, and touches nothing when it is not", async () => {
    const before = readFileSync(join(dir, "lintel.json"), "utf8");
    const again = await generateDataset({ task: "tetris", out: dir, ...small });
    expect(again.reused).toBe(true);
    for (const change of [
      { seed: 1 },
      { train: 31 },
      { task: "crop" },
      { parameters: { ...pocket, by: "words" } },
    ]) {
      const error = await failure(generateDataset({ task: "tetris", out: dir, ...small, ...change }));
      expect(error.code).toBe("output");
      expect(error.message).toContain("another one");
    }
    expect(readFileSync(join(dir, "lintel.json"), "utf8")).toBe(before);
    expect((await readSplit(dir, "train")).examples.length).toBe(30);
  });

  it("tells how far it is, over all splits, to the end", async () => {
    const seen: [string, number, number][] = [];
    const onProgress = ({ split, done, total }: { split: string; done: number; total: number }) =>
      seen.push([split, done, total]);
    const sizes = { train: 600, eval: 5, heldOut: 0 };
    await generateDataset({ task: "crop", out: scratch(), ...sizes, parameters: pocket, onProgress });
    expect(seen).toEqual([
      ["train", 500, 610],
      ["train", 600, 610],
      ["eval", 605, 610],
      ["masked", 610, 610],
    ]);
  });

  it("refuses bad requests before it writes anything", async () => {
    const out = join(scratch(), "none");
    for (const [change, message] of [
      [{ task: "tetirs" }, 'Did you mean "tetris"?'],
      [{ train: -1 }, "count of tetris"],
      [{ seed: 0.5 }, "seed of tetris"],
      [{ parameters: { bye: 1 } }, 'unknown parameter "bye". Did you mean "by"?'],
      [{ train: 0, eval: 0, heldOut: 0 }, "at least one example"],
    ] as const) {
      const error = await failure(generateDataset({ task: "tetris", out, ...small, ...change }));
      expect(error.code).toBe("usage");
      expect(error.message).toContain(message);
    }
    expect(existsSync(out)).toBe(false);
  });
});

describe("writeDataset", () => {
  it("bounds the size of shards, and reads them in order", async () => {
    const dir = scratch();
    const made = [...tasks.crop.generate("train", 1300, 0, pocket)];
    await writeDataset(dir, { train: made }, meta, { shardBytes: 300_000 });
    const files = readdirSync(join(dir, "data"));
    expect(files).toEqual([
      "train-00000-of-00003.parquet",
      "train-00001-of-00003.parquet",
      "train-00002-of-00003.parquet",
    ]);
    expect((await readSplit(dir, "train")).examples.map(({ id }) => id)).toEqual(made.map(({ id }) => id));
    expect((await readSplit(dir, "train", { limit: 700 })).examples.length).toBe(700);
    expect(readdirSync(dir).sort()).toEqual(["README.md", "data", "figure", "lintel.json"]);
  });

  it("keeps several helpers, reasoning around them and the symbolic state, and what has none has none", async () => {
    const dir = scratch();
    const [helper] = sample.helpers;
    const { state: _, ...bare } = { ...sample, id: "bare" };
    const full: Example = {
      ...bare,
      id: "full",
      helpers: [helper!, helper!],
      counterfactuals: sample.options.map((_, i) => (i === sample.answer ? null : [helper!, helper!])),
      reasoning: ["First look .", "", "So it is (a) ."],
      state: { cells: [[0, 1.5], null], open: true },
    };
    await writeDataset(dir, { train: [full, bare, { ...bare, id: "empty", state: {} }] }, meta);
    const { examples } = await readSplit(dir, "train");
    expect(examples.map(({ reasoning, state }) => ({ reasoning, state }))).toEqual([
      { reasoning: full.reasoning, state: full.state },
      {},
      { state: {} },
    ]);
    expect("state" in examples[1]!).toBe(false);
    expect(pixelHash(examples)).toBe(pixelHash([full, bare, { ...bare, id: "empty", state: {} }]));
  });

  it("takes examples as it goes, so that memory does not grow with their number", async () => {
    let taken = 0;
    const ahead: number[] = [];
    const endless = function* (): Generator<Example> {
      for (; taken < 1500; taken++) yield { ...sample, id: `train-${taken}` };
    };
    await writeDataset(scratch(), { train: endless() }, meta, {
      onProgress: (_, done) => ahead.push(taken + 1 - done),
    });
    expect(ahead).toEqual([0, 0, 0]);
  });

  it("is unfinished until the end, and taken up afresh after that", async () => {
    const dir = scratch();
    const interrupted = function* (): Generator<Example> {
      yield* tasks.crop.generate("train", 600, 0, pocket);
      throw new Error("killed");
    };
    await expect(
      writeDataset(dir, { eval: tasks.crop.generate("eval", 3, 0), train: interrupted() }, meta),
    ).rejects.toThrow("killed");
    const error = await failure(readSplit(dir, "eval"));
    expect(error.code).toBe("dataset");
    expect(error.message).toContain("expected a complete dataset, got one that was not written to its end");
    // What a kill leaves: parts under temporary names.
    writeFileSync(join(dir, "data", ".train-00000.partial.0123.tmp"), "half");
    writeFileSync(join(dir, "data", "train-00007-of-00009.parquet"), "half");
    mkdirSync(join(dir, "figure"));
    writeFileSync(join(dir, "figure", ".image-1.png.0123456789ab.tmp"), "half");
    await writeDataset(dir, { train: tasks.crop.generate("train", 5, 0) }, meta);
    expect(readdirSync(join(dir, "data"))).toEqual(["train-00000-of-00001.parquet"]);
    expect(readdirSync(join(dir, "figure")).sort()).toEqual(["helper-1.png", "image-1.png"]);
    expect(await listSplits(dir)).toEqual(["train"]);
  });

  it("is not stopped by what a kill at the very beginning leaves", async () => {
    const dir = scratch();
    writeFileSync(join(dir, "..lintel-unfinished.0123456789ab.tmp"), "");
    await writeDataset(dir, { train: [sample] }, meta);
    expect(readdirSync(dir).sort()).toEqual(["README.md", "data", "figure", "lintel.json"]);
  });

  it("stops between two groups when asked to", async () => {
    const dir = scratch();
    const stop = new AbortController();
    const run = writeDataset(dir, { train: tasks.crop.generate("train", 2000, 0, pocket) }, meta, {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(run).rejects.toThrow("aborted");
    expect(existsSync(join(dir, "lintel.json"))).toBe(false);
    expect((await failure(listSplits(dir))).message).toContain("not written to its end");
  });

  it("never writes into a directory that holds something else", async () => {
    const dir = scratch();
    writeFileSync(join(dir, "README.md"), "mine");
    const error = await failure(writeDataset(dir, { train: [sample] }, meta));
    expect(error.code).toBe("output");
    expect(error.message).toContain(
      "expected a new or empty directory for the dataset, got one with README.md",
    );
    expect(readFileSync(join(dir, "README.md"), "utf8")).toBe("mine");
    expect(readdirSync(dir)).toEqual(["README.md"]);
    const file = join(scratch(), "file");
    writeFileSync(file, "");
    expect((await failure(writeDataset(file, { train: [sample] }, meta))).code).toBe("output");
  });
});
