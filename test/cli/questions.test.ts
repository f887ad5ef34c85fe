/** What `lintel audit` says of the questions that it asks, on a known-answer checkpoint. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { lintel } from "./run.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-questions-"));
const model = join(scratch, "model");
const data = join(scratch, "data");
const colours = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
];

/** A picture of one colour; with `alpha` 0 it is seen only where transparency is dropped. */
const png = (colour: number, alpha: number, shade = 0): Promise<Buffer> => {
  const [r, g, b] = colours[colour]!.map((value) => Math.abs(value - shade));
  return sharp({ create: { width: 12, height: 12, channels: 4, background: { r: r!, g: g!, b: b!, alpha } } })
    .png()
    .toBuffer();
};

const record = (image: string | null, answer: string) => ({
  question: "Which colour?",
  options: ["red", "green", "blue", "white"],
  answer,
  img: image,
  hint: "Look.",
});
const write = (name: string, records: unknown[], mapping: string): [string, string] => {
  const [file, map] = [join(data, `${name}.jsonl`), join(scratch, `${name}.yaml`)];
  writeFileSync(file, records.map((each) => JSON.stringify(each)).join("\n"));
  writeFileSync(map, mapping);
  return [file, map];
};
const mapping =
  "question: question\nimages: img\noptions: options\nanswer: { field: answer, form: letter }\n";

beforeAll(async () => {
  await saveKnownModel(model, knownModels[0]!);
  mkdirSync(data);
  for (let i = 0; i < 4; i++) {
    writeFileSync(join(data, `${i}.png`), await png(i, 1));
    // Red under full transparency: white to families that lay it on white.
    writeFileSync(join(data, `t${i}.png`), await png(0, 0, i));
  }
});
afterAll(() => rmSync(scratch, { recursive: true }));

const audit = (file: string, map: string, ...rest: string[]) =>
  lintel(
    "audit",
    "--model",
    model,
    "--data",
    file,
    "--map",
    map,
    "--interventions",
    "own",
    "--threads",
    "1",
    ...rest,
  );

it("a field that is not there is an error before work starts; records without an image are left out, with a count", async () => {
  const [file, map] = write(
    "some",
    [record("0.png", "A"), record(null, "B"), record("2.png", "C"), record("3.png", "D")],
    mapping,
  );
  const ran = await audit(file, map, "--json");
  expect(ran.code).toBe(0);
  const result = JSON.parse(ran.out);
  expect(result.interventions.own).toMatchObject({ accuracy: 1, n: 3 });
  expect(result.questions).toMatchObject({ unused: ["hint"], pictures: { from: "checkpoint" } });
  expect(ran.err).toMatch(
    /1 of 4 examples could not be used.*some-000001: .*expected an image in img, got none/,
  );
  expect(ran.err).toMatch(/the mapping does not use hint of the records/);
  const [, typo] = write("typo", [], mapping.replace("images: img", "images: image_path"));
  const wrong = await audit(file, typo);
  expect([wrong.code, wrong.out]).toEqual([2, ""]);
  expect(wrong.err).toMatch(
    /"image_path" in some record, got only question, options, answer, img, hint. Try "img"/,
  );
});

it("transparent pictures are shown as the family's evaluation shows them, and counted", async () => {
  const records = [0, 1, 2, 3].map((i) => record(`t${i}.png`, "D"));
  const [file, map] = write("transparent", records, mapping);
  const dropped = await audit(file, map, "--json");
  expect(JSON.parse(dropped.out).interventions.own.accuracy).toBe(0);
  expect(dropped.err).toMatch(/transparency in 4 images in 4 examples: shown in the colours that are stored/);
  const family = join(scratch, "white.yaml");
  writeFileSync(family, "name: white\nextends: lantern\ntransparency: white\n");
  const white = await audit(file, map, "--family", family, "--json");
  const result = JSON.parse(white.out);
  expect(result.interventions.own.accuracy).toBe(1);
  expect(result.questions).toMatchObject({
    transparent: { images: 4, examples: 4 },
    pictures: { transparency: "white" },
  });
  expect(white.err).toMatch(/transparency in 4 images in 4 examples: laid on white/);
  // Where the benchmark's own loader drops it before any model sees the image, no family lays it on white.
  const [, drop] = write("drop", [], `${mapping}transparency: drop\n`);
  const before = JSON.parse((await audit(file, drop, "--family", family, "--json")).out);
  expect(before.interventions.own.accuracy).toBe(0);
  expect(before.questions.transparent).toBeUndefined();
});

it("--dry-run shows one question as the model will read it, and what is not used", async () => {
  const records = [record(null, "A"), record("0.png", "A"), record("t1.png", "B")];
  const [file, map] = write("dry", records, `${mapping}hint: hint\n`);
  const ran = await audit(file, map, "--dry-run", "--max-pixels", "144", "--json");
  expect(ran.code).toBe(0);
  const plan = JSON.parse(ran.out);
  expect(plan.question).toMatchObject({
    example: "dry-000001",
    prompt: expect.stringContaining("<|vision_start|>[<|image_pad|> × 1]"),
    images: [
      {
        sizes: [
          { width: 12, height: 12 },
          { width: 12, height: 12 },
        ],
        tokens: 1,
      },
    ],
    options: ["A", "B", "C", "D"],
    optionTexts: ["red", "green", "blue", "white"],
    answer: 0,
  });
  expect(plan.questions).toMatchObject({
    pictures: { from: "options", bounds: { maxPixels: 144 } },
    transparent: { images: 1, examples: 1 },
  });
  expect(plan.skipped).toHaveLength(1);
  const text = await audit(file, write("plain", [], mapping)[1], "--dry-run");
  expect(text.out).toMatch(/Question dry-000001 as the model reads it \(\d+ tokens\):/);
  expect(text.out).toMatch(/image 1: 12 × 12 → 12 × 12 pixels, 1 visual token\n/);
  expect(text.out).toMatch(/option A: red {2}\(right\)/);
  expect(text.out).toMatch(/the mapping does not use hint of the records/);
  expect(text.out).toMatch(/left out: 1; the first, dry-000000/);
  expect(text.out).toMatch(/Nothing was run/);
});

it("bounds that are asked for belong to what an audit in a directory goes on with", async () => {
  const [file, map] = write("bounds", [record("0.png", "A"), record("1.png", "B")], mapping);
  const out = join(scratch, "out");
  expect((await audit(file, map, "--out", out)).code).toBe(0);
  const other = await audit(file, map, "--out", out, "--max-pixels", "576");
  expect(other.code).toBe(2);
  expect(other.err).toMatch(/bounds of images/);
  const wrong = await audit(file, map, "--min-pixels", "9", "--max-pixels", "8");
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/no larger than the largest/)]);
});
