import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Columns, createParquet, type Row } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";
import { generateDataset } from "../generate.ts";
import { tasks } from "../registry.ts";
import type { Example } from "../types.ts";
import { columns, toRow } from "./columns.ts";
import { decodeExample, listSplits, readExamples, readSplit } from "./read.ts";
import { writeDataset } from "./write.ts";

const scratch = () => mkdtempSync(join(tmpdir(), "lintel-dataset-"));
const meta = { task: "toy", title: "Toy", description: "A toy.", seed: null, parameters: {} };

async function failure(attempt: Promise<unknown>): Promise<LintelError> {
  const error = await attempt.then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(LintelError);
  return error as LintelError;
}

/** A directory with one shard of these rows, as another program might have written it. */
async function foreign(rows: Row[], chosen: Columns = columns): Promise<string> {
  const dir = scratch();
  mkdirSync(join(dir, "data"));
  const sink = await createParquet(join(dir, "data", "train-00000-of-00001.parquet"), chosen);
  await sink.append(rows);
  await sink.commit();
  return dir;
}

const [sample] = [...tasks.crop.generate("eval", 1, 0, { rendering: "pocket" })] as [Example];

describe("what is wrong with a dataset is said", () => {
  it("nothing there, or something else", async () => {
    expect((await failure(listSplits(join(scratch(), "none")))).message).toContain(
      "got a path that does not exist",
    );
    const dir = scratch();
    writeFileSync(join(dir, "notes.txt"), "");
    const error = await failure(readSplit(dir, "train"));
    expect(error.code).toBe("dataset");
    expect(error.message).toContain(
      "expected a dataset (data/SPLIT-00000-of-0000N.parquet), got one with notes.txt",
    );
    const file = await failure(readSplit(join(dir, "notes.txt"), "train"));
    expect(file.message).toMatch(/got a file. Try .*--map NAME\|FILE/);
  });

  it("a split that is not there", async () => {
    const dir = scratch();
    await generateDataset({ task: "crop", out: dir, train: 4, eval: 4, heldOut: 4 });
    const error = await failure(readSplit(dir, "heldout"));
    expect(error.code).toBe("dataset");
    expect(error.message).toContain('unknown split "heldout". Did you mean "held-out"?');
  });

  it("a missing shard, with and without a manifest", async () => {
    const dir = scratch();
    await writeDataset(dir, { train: tasks.crop.generate("train", 1300, 0, { rendering: "pocket" }) }, meta, {
      shardBytes: 300_000,
    });
    rmSync(join(dir, "data", "train-00001-of-00003.parquet"));
    for (const attempt of [() => listSplits(dir), () => readSplit(dir, "train", { limit: 1 })]) {
      const error = await failure(attempt());
      expect(error.code).toBe("dataset");
      expect(error.message).toContain("expected the shard train-00001-of-00003.parquet, got 2 of 3 shards");
      rmSync(join(dir, "lintel.json"), { force: true });
    }
    rmSync(join(dir, "data"), { recursive: true });
  });

  it("a shard that was changed by one bit, cut off, or is no Parquet", async () => {
    const dir = scratch();
    await generateDataset({ task: "crop", out: dir, train: 4, eval: 0, heldOut: 0 });
    const path = join(dir, "data", "train-00000-of-00001.parquet");
    const content = readFileSync(path);
    for (const at of [0, 5, content.length >> 1, content.length - 1]) {
      const damaged = Buffer.from(content);
      damaged[at]! ^= 1;
      writeFileSync(path, damaged);
      const error = await failure(readSplit(dir, "train"));
      expect(error.code).toBe("dataset");
      expect(error.message).toContain(`${path}: expected the file as it was written`);
    }
    rmSync(join(dir, "lintel.json"));
    writeFileSync(path, content.subarray(0, content.length - 100));
    expect((await failure(readSplit(dir, "train"))).message).toContain(
      `${path}: expected a readable Parquet file`,
    );
    writeFileSync(path, content);
    expect((await readSplit(dir, "train")).task).toBe(dir.split("/").at(-1));
  });

  it("a manifest that is broken, or of a later version, or leads elsewhere", async () => {
    const dir = scratch();
    const { manifest } = await generateDataset({ task: "crop", out: dir, train: 4, eval: 0, heldOut: 0 });
    const path = join(dir, "lintel.json");
    const elsewhere = structuredClone(manifest);
    elsewhere.splits.train!.files[0]!.path = "data/../../secret.parquet";
    for (const [content, message] of [
      ["{", "JSON"],
      [JSON.stringify({ ...manifest, version: 2 }), "version"],
      [JSON.stringify(elsewhere), "splits.train.files.0.path"],
    ] as const) {
      writeFileSync(path, content);
      const error = await failure(listSplits(dir));
      expect(error.code).toBe("dataset");
      expect(error.message).toContain(`${path}: expected the manifest of a Lintel dataset, version 1`);
      expect(error.message).toContain(message);
    }
  });

  it("columns that are needed and not there, by name", async () => {
    const error = await failure(
      readSplit(await foreign([{ id: "a", question: "?" }], { id: "string", question: "string" }), "train"),
    );
    expect(error.code).toBe("dataset");
    expect(error.message).toContain(
      "expected the columns question, images, options, answer, got none called images, options, answer",
    );
  });

  it.each<[string, Partial<Record<string, unknown>>, string]>([
    ["an answer beyond the options", { answer: 4 }, 'column "answer" must be an integer from 0 to 3, got 4'],
    ["no answer", { answer: null }, 'column "answer" must be an integer from 0 to 3, got nothing'],
    [
      "more places than images",
      { question: "<image> <image> ?" },
      'column "question" must be 1 times "<image>"',
    ],
    ["no question", { question: null }, 'column "question" must be text, got nothing'],
    ["one option", { options: ["a"] }, 'column "options" must be at least two options, got ["a"]'],
    ["an option that is nothing", { options: ["a", null] }, 'column "options" must be text, got nothing'],
    [
      "an image that is nothing",
      { images: [null] },
      'column "images" must be the bytes of an image, got nothing',
    ],
    ["too few counterfactuals", { counterfactuals: [null] }, 'column "counterfactuals" must be 4 entries'],
    [
      "attributes that are no JSON",
      { attributes: "{" },
      'column "attributes" must be a JSON object, got "{"',
    ],
    [
      "attributes that are nested",
      { attributes: '{"a":[]}' },
      "a JSON object of texts, numbers and booleans",
    ],
    [
      "too little reasoning",
      { reasoning: ["."] },
      'column "reasoning" must be 2 pieces, one more than helpers',
    ],
    ["a state that is no JSON", { state: "{" }, 'column "state" must be JSON, got "{"'],
  ])("an example with %s, by its id", async (_, change, message) => {
    const dir = await foreign([toRow(sample), { ...toRow(sample), id: "odd one", ...(change as Row) }]);
    const error = await failure(readSplit(dir, "train"));
    expect(error.code).toBe("dataset");
    expect(error.message).toContain("example odd one");
    expect(error.message).toContain(message);
  });

  it("an id that comes twice", async () => {
    const error = await failure(readSplit(await foreign([toRow(sample), toRow(sample)]), "train"));
    expect(error.message).toContain('expected every id once, got "eval-000000" twice');
  });

  it("an image that does not decode, by example and place", async () => {
    const dir = await foreign([{ ...toRow(sample), helpers: [new Uint8Array([1, 2, 3])] }]);
    const { examples } = await readSplit(dir, "train");
    const error = await failure(decodeExample(examples[0]!));
    expect(error.code).toBe("dataset");
    expect(error.message).toContain("example eval-000000, helper 0: expected a PNG, JPEG");
  });

  it("a path instead of an image: it is not followed", async () => {
    const dir = await foreign([toRow(sample)]);
    const path = join(dir, "data", "train-00000-of-00001.parquet");
    renameSync(path, join(dir, "kept.parquet"));
    // A list of texts where images belong: what a dataset of paths looks like.
    const sink = await createParquet(path, { ...columns, images: { list: "string" } });
    await sink.append([{ ...toRow(sample), images: ["/etc/hostname"] }]);
    await sink.commit();
    const error = await failure(readSplit(dir, "train"));
    expect(error.message).toContain('column "images" must be the bytes of an image, got "/etc/hostname"');
  });
});

describe("datasets made elsewhere", () => {
  it("need no more than question, images, options and answer", async () => {
    const { question, images, options, answer } = toRow(sample);
    const { question: q, images: i, options: o, answer: a } = columns;
    const dir = await foreign(
      [{ question: question!, images: images!, options: options!, answer: answer! }],
      {
        question: q,
        images: i,
        options: o,
        answer: a,
      },
    );
    const [example] = (await readSplit(dir, "train")).examples;
    expect(example).toEqual({
      id: "train-000000",
      question: sample.question,
      images: [new Uint8Array(sample.images[0]!)],
      options: sample.options,
      answer: sample.answer,
      helpers: [],
      counterfactuals: [null, null, null, null],
      attributes: {},
    });
  });

  it("are read one by one as asked", async () => {
    const dir = await foreign([toRow(sample), { ...toRow(sample), id: "b", answer: 17 }]);
    const stream = readExamples(dir, "train");
    expect((await stream.next()).value?.id).toBe(sample.id);
    await expect(stream.next()).rejects.toThrow("example b");
    appendFileSync(join(dir, "data", "notes.txt"), "ignored");
    expect(await listSplits(dir)).toEqual(["train"]);
  });
});
