/** Benchmarks in the layouts that their hubs have, as an audit reads them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blinkColumns } from "../../../test/support/blink.ts";
import { createParquet, encodePng } from "../../formats/index.ts";
import { readMapped } from "./index.ts";

const png = (shade: number): Uint8Array =>
  encodePng({ width: 6, height: 6, pixels: new Uint8Array(108).fill(shade) });
const base64 = (shade: number): string => Buffer.from(png(shade)).toString("base64");

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "lintel-benchmarks-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

function directory(name: string): string {
  const path = join(dir, name);
  mkdirSync(path, { recursive: true });
  return path;
}

const tsv = (rows: readonly (readonly string[])[]): string =>
  `${rows.map((row) => row.map((cell) => (/[\t\n"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join("\t")).join("\n")}\n`;

const hrHeader = ["index", "question", "answer", "category", "A", "B", "C", "D", "cycle_category", "image"];
const hrRow = (index: number, answer: string, image: string) =>
  [`${index}`, 'Which "colour"?', answer, "single", "red", "blue", "", "", `cycle_${index}`, image] as const;

describe("HR-Bench", () => {
  it("TSV: base64 images, kept once where equal, and named by index before and after", async () => {
    const root = directory("hr");
    const rows = [
      hrRow(0, "B", "1"),
      hrRow(1, "A", base64(7)),
      hrRow(2, "B", base64(7)),
      hrRow(3, "A", "1"),
      hrRow(4, "A", base64(9)),
    ];
    writeFileSync(join(root, "hr_bench_4k.tsv"), tsv([hrHeader, ...rows]));
    writeFileSync(join(root, "hr_bench_8k.tsv"), tsv([hrHeader, hrRow(0, "A", base64(1))]));
    const { name, examples, optionSeed } = await readMapped(root, "hr-bench", { audit: true });
    expect([name, examples.length, optionSeed]).toEqual(["hr_bench_4k", 5, null]);
    expect(examples[0]).toMatchObject({
      id: "0",
      question: '<image> Which "colour"?\nOptions:\nA. red\nB. blue',
      options: ["A", "B"],
      optionTexts: ["red", "blue"],
      answer: 1,
      attributes: { category: "single", cycle: "cycle_0" },
    });
    for (const i of [0, 1, 2, 3]) expect(Buffer.from(examples[i]!.images[0]!).equals(png(7))).toBe(true);
    expect(examples[2]!.images[0]).toBe(examples[1]!.images[0]);
    expect(examples[3]!.images[0]).toBe(examples[1]!.images[0]);
    expect((await readMapped(root, "hr-bench", { audit: true, split: "hr_bench_8k" })).examples).toHaveLength(
      1,
    );
  });

  it("Parquet, which is taken where the same table is there twice", async () => {
    const root = directory("hr-parquet");
    const text = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, "string"] as const));
    const sink = await createParquet(join(root, "hr_bench_8k.parquet"), text(hrHeader));
    const row = hrRow(0, "A", base64(3));
    await sink.append([Object.fromEntries(hrHeader.map((name, i) => [name, row[i]]))]);
    await sink.commit();
    writeFileSync(
      join(root, "hr_bench_8k.tsv"),
      tsv([hrHeader, hrRow(0, "A", base64(3)), hrRow(1, "A", base64(3))]),
    );
    const { examples } = await readMapped(root, "hr-bench", { audit: true });
    expect(examples).toHaveLength(1);
    expect(Buffer.from(examples[0]!.images[0]!).equals(png(3))).toBe(true);
  });

  it("counts records that do not fit, and goes on", async () => {
    const root = directory("hr-bad");
    const rows = [
      hrRow(0, "A", "99"),
      hrRow(1, "A", "not base64: too long to be the name of another, this text is"),
      hrRow(2, "Z", base64(2)),
      hrRow(3, "B", base64(2)),
    ];
    writeFileSync(
      join(root, "hr_bench_4k.tsv"),
      tsv([hrHeader, ...rows, [...hrRow(4, "A", "*".repeat(80))]]),
    );
    const skipped: { example: string; reason: string }[] = [];
    const { examples } = await readMapped(root, "hr-bench", {
      audit: true,
      onSkipped: (each) => skipped.push(each),
    });
    expect(examples.map(({ id }) => id)).toEqual(["3"]);
    expect(skipped.map(({ example }) => example.slice(-1))).toEqual(["0", "1", "2", "4"]);
    expect(skipped[0]!.reason).toMatch(/the index of a record that has it, got "99"/);
    expect(skipped[2]!.reason).toMatch(/"red", "blue", got "Z"/);
    expect(skipped[3]!.reason).toMatch(/base64 in image/);
    await expect(readMapped(root, "hr-bench", { audit: true })).rejects.toThrow(/got "99"/);
  });
});

it("VLMEvalKit: several images in one cell", async () => {
  const root = directory("kit");
  const header = ["index", "question", "answer", "category", "A", "B", "image"];
  writeFileSync(
    join(root, "BLINK.tsv"),
    tsv([header, ["5", "Which?", "A", "Jigsaw", "one", "two", `['${base64(1)}', '${base64(2)}']`]]),
  );
  const { examples } = await readMapped(root, "vlmevalkit", { audit: true });
  expect(examples[0]).toMatchObject({ id: "5", attributes: { category: "Jigsaw" }, answer: 0 });
  expect(examples[0]!.images.map((image) => Buffer.from(image).equals(png(2)))).toEqual([false, true]);
});

it("WM-VLM's Tetris: one helper in 2D, one for each quarter turn in 3D", async () => {
  const shown = { question: "string", answer: "string", composite_image: "image" } as const;
  const row = { question: "Image (A) is to image (B) as …", composite_image: png(1) };
  const flat = { ...shown, intermediate_rotation_image: "image", transform_description: "string" } as const;
  const solid = { ...shown, visual_cot_step_1_image: "image", visual_cot_step_2_image: "image" } as const;
  const two = await createParquet(join(directory("tetris-2d"), "eval-00000-of-00001.parquet"), flat);
  await two.append([
    { ...row, answer: "C", intermediate_rotation_image: png(2), transform_description: "90°" },
    { ...row, answer: "a", intermediate_rotation_image: png(3), transform_description: "180°" },
  ]);
  await two.commit();
  const three = await createParquet(join(directory("tetris-3d"), "held_out-00000-of-00001.parquet"), solid);
  await three.append([
    { ...row, answer: "B", visual_cot_step_1_image: png(4), visual_cot_step_2_image: png(5) },
    { ...row, answer: "D", visual_cot_step_1_image: png(6), visual_cot_step_2_image: null },
  ]);
  await three.commit();
  const read = async (name: string) => {
    const { examples } = await readMapped(join(dir, name), name, { audit: true });
    return examples.map(({ answer, question, helpers, attributes }) => ({
      ...{ answer, question, attributes },
      helpers: helpers.map((image) => [2, 3, 4, 5, 6].find((n) => Buffer.from(image).equals(png(n)))),
    }));
  };
  const question = "<image> Image (A) is to image (B) as …";
  expect(await read("tetris-2d")).toEqual([
    { answer: 2, question, helpers: [2], attributes: { transform: "90°" } },
    { answer: 0, question, helpers: [3], attributes: { transform: "180°" } },
  ]);
  expect((await read("tetris-3d")).map(({ answer, helpers }) => ({ answer, helpers }))).toEqual([
    { answer: 1, helpers: [4, 5] },
    { answer: 3, helpers: [6] },
  ]);
});

it("BLINK: all subtasks of val; hidden answers of test are counted", async () => {
  const root = directory("blink");
  const columns = blinkColumns;
  for (const [task, split, answer] of [
    ["Counting", "val", "(A)"],
    ["Jigsaw", "val", "(B)"],
    ["Jigsaw", "test", "hidden"],
  ] as const) {
    mkdirSync(join(root, task), { recursive: true });
    const sink = await createParquet(join(root, task, `${split}-00000-of-00001.parquet`), columns);
    await sink.append([
      {
        idx: `${split}_${task}_1`,
        question: "Which?",
        image_1: png(4),
        choices: ["0", "1"],
        answer,
        sub_task: task,
      },
    ]);
    await sink.commit();
  }
  const { name, examples } = await readMapped(root, "blink", { audit: true });
  expect(name).toBe("val");
  expect(examples.map(({ attributes, answer }) => [attributes.task, answer])).toEqual([
    ["Counting", 0],
    ["Jigsaw", 1],
  ]);
  const skipped: unknown[] = [];
  const hidden = await readMapped(root, "blink", {
    audit: true,
    split: "test",
    onSkipped: (s) => skipped.push(s),
  });
  expect([hidden.examples.length, skipped.length]).toEqual([0, 1]);
});

it("M3CoT: questions with an image, options listed", async () => {
  const root = directory("m3cot");
  const columns: Parameters<typeof createParquet>[1] = {
    ...{ id: "string", question: "string", choices: { list: "string" }, answer: "string", image: "image" },
    ...{ domain: "string", topic: "string" },
  };
  const sink = await createParquet(join(root, "test-00000-of-00001.parquet"), columns);
  const record = { question: "Which color?", choices: ["red", "blue"], domain: "science", topic: "optics" };
  await sink.append([
    { ...record, id: "a", answer: "B", image: png(4) },
    { ...record, id: "b", answer: "A", image: null },
  ]);
  await sink.commit();
  const skipped: unknown[] = [];
  const { examples } = await readMapped(root, "m3cot", { audit: true, onSkipped: (s) => skipped.push(s) });
  expect([examples.length, skipped.length]).toEqual([1, 1]);
  expect(examples[0]).toMatchObject({
    question: "<image> Which color?\nOptions:\nA. red\nB. blue",
    ...{ answer: 1, optionTexts: ["red", "blue"], attributes: { domain: "science", topic: "optics" } },
  });
});

describe("V*", () => {
  const records = Array.from({ length: 40 }, (_, i) => ({
    question_id: i,
    image: "direct_attributes/a.png",
    text: "What is it made of?\n(A) rubber\n(B) cotton\n(C) kevlar\n(D) leather\nAnswer with the option's letter from the given choices directly.",
    label: "A",
    category: "direct_attributes",
  }));
  const root = () => {
    const path = directory("vstar");
    mkdirSync(join(path, "direct_attributes"), { recursive: true });
    writeFileSync(join(path, "direct_attributes", "a.png"), png(5));
    // The hub's directory has one JSON file beside each image, which holds no question.
    writeFileSync(
      join(path, "direct_attributes", "a.json"),
      '{"target_object":["glove"],"bbox":[[1,2,3,4]]}',
    );
    writeFileSync(join(path, "test_questions.jsonl"), records.map((each) => JSON.stringify(each)).join("\n"));
    return path;
  };

  it("is shuffled unless it is asked for as it stands, the same for the same seed", async () => {
    const path = root();
    const read = (shuffleOptions?: number | null) =>
      readMapped(path, "vstar", { audit: true, shuffleOptions });
    const [first, again, other, plain] = [await read(), await read(0), await read(1), await read(null)];
    expect([first.name, first.optionSeed, other.optionSeed, plain.optionSeed]).toEqual(["test", 0, 1, null]);
    expect(again.examples).toEqual(first.examples);
    const positions = first.examples.map(({ answer }) => answer);
    expect(new Set(positions).size).toBe(4);
    expect(other.examples.map(({ answer }) => answer)).not.toEqual(positions);
    expect(plain.examples.every(({ answer }) => answer === 0)).toBe(true);
    for (const { options, optionTexts, answer, question } of first.examples) {
      expect(optionTexts![answer]).toBe("rubber");
      expect(question).toContain(`(${options[answer]}) rubber`);
      expect(question).not.toContain("directly");
    }
    expect(plain.examples[0]!.question).toBe(
      "<image> What is it made of?\n(A) rubber\n(B) cotton\n(C) kevlar\n(D) leather",
    );
  });

  it("a mapping that lists nothing cannot be shuffled", async () => {
    await expect(readMapped(root(), "vsp", { audit: true, shuffleOptions: 1 })).rejects.toThrow(
      /as it stands/,
    );
  });
});

it("BLINK as hubs convert it: files numbered within a directory of the split's name, hidden answers left alone", async () => {
  const root = directory("blink-converted");
  const columns = blinkColumns;
  for (const split of ["val", "test"]) {
    mkdirSync(join(root, "Counting", split), { recursive: true });
    const sink = await createParquet(join(root, "Counting", split, "0000.parquet"), columns);
    const answer = split === "val" ? "(B)" : "hidden";
    await sink.append([
      {
        idx: `${split}_1`,
        question: "How many?",
        image_1: png(1),
        choices: ["1", "2"],
        answer,
        sub_task: "Counting",
      },
    ]);
    await sink.commit();
  }
  const { name, examples } = await readMapped(root, "blink", { audit: true });
  expect([name, examples.map(({ id, answer, attributes }) => [id, answer, attributes])]).toEqual([
    "val",
    [["val_1", 1, { task: "Counting" }]],
  ]);
});

it("MMVP: two questions in a row are a pair, in the CSV and in the table with images", async () => {
  const root = directory("mmvp");
  mkdirSync(join(root, "MMVP Images"));
  for (const i of [1, 2, 3]) writeFileSync(join(root, "MMVP Images", `${i}.jpg`), png(i));
  writeFileSync(
    join(root, "Questions.csv"),
    "Index,Question,Options,Correct Answer\n1,Q,(a) Open (b) Closed,(a)\n2,Q,(a) Open (b) Closed,(b)\n3,R,(a) Up (b) Down,(b)\n",
  );
  const { examples } = await readMapped(root, "mmvp", { audit: true });
  expect(examples.map(({ group, answer }) => [group, answer])).toEqual([
    ["1", 0],
    ["1", 1],
    ["2", 1],
  ]);
  const table = directory("mmvp-table");
  const columns = {
    Index: "int32",
    Question: "string",
    Options: "string",
    "Correct Answer": "string",
    image: "image",
  } as const;
  const sink = await createParquet(join(table, "train-00000-of-00001.parquet"), columns);
  await sink.append([
    { Index: 4, Question: "Q", Options: "(a) Open (b) Closed", "Correct Answer": "(b)", image: png(1) },
  ]);
  await sink.commit();
  expect((await readMapped(table, "mmvp-parquet", { audit: true })).examples[0]).toMatchObject({
    group: "2",
    answer: 1,
  });
});
