/** `lintel audit --map …` on benchmarks as their hubs lay them out, good and bad, with a known-answer checkpoint. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createParquet } from "../../src/formats/index.ts";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { wilson } from "../../src/statistics/index.ts";
import { writeDataset } from "../../src/tasks/index.ts";
import { blinkColumns } from "../support/blink.ts";
import { picture } from "../support/pictures.ts";
import { lintel } from "./run.ts";

/** The model says the letter of the picture's colour: red a, green b, blue c, white d. */
const names = ["red", "green", "blue", "white"];

let scratch: string;
let model: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-benchmarks-"));
  model = join(scratch, "model");
  await saveKnownModel(model, knownModels[0]!);
});
afterAll(() => rmSync(scratch, { recursive: true }));

const directory = (name: string): string => {
  const path = join(scratch, name);
  mkdirSync(path, { recursive: true });
  return path;
};
const audit = (data: string, ...rest: string[]) =>
  lintel(
    "audit",
    "--model",
    model,
    "--data",
    data,
    "--interventions",
    "own,zeros,skip",
    "--threads",
    "1",
    ...rest,
  );

/** V* as on the hub; the right option is the picture's colour, at its letter. */
function vstar(n: number): string {
  const root = directory("vstar");
  const records = Array.from({ length: n }, (_, i) => {
    writeFileSync(join(root, `${i}.png`), picture(i % 4, i));
    const text = `Which colour?\n${names.map((name, o) => `(${"ABCD"[o]}) ${name}`).join("\n")}\nAnswer with the option's letter from the given choices directly.`;
    return { question_id: i, image: `${i}.png`, text, label: "ABCD"[i % 4], category: "direct_attributes" };
  });
  writeFileSync(join(root, "test_questions.jsonl"), records.map((each) => JSON.stringify(each)).join("\n"));
  return root;
}

const sampleSchema = z.strictObject({
  doc_id: z.number().int(),
  doc: z.looseObject({ question: z.string() }),
  target: z.string(),
  arguments: z.strictObject({
    gen_args_0: z.strictObject({ arg_0: z.string(), arg_1: z.looseObject({ max_gen_toks: z.number() }) }),
  }),
  resps: z.array(z.array(z.string())),
  filtered_resps: z.array(z.string()),
  filter: z.string(),
  metrics: z.array(z.string()),
  doc_hash: z.string().regex(/^[0-9a-f]{64}$/),
  prompt_hash: z.string().regex(/^[0-9a-f]{64}$/),
  target_hash: z.string().regex(/^[0-9a-f]{64}$/),
  acc: z.number(),
});

describe("V*", () => {
  it("is right as it stands; options in another order are recorded, and answers follow them", async () => {
    const data = vstar(12);
    const out = join(scratch, "vstar-out");
    const ran = await audit(
      data,
      "--map",
      "vstar",
      "--shuffle-options",
      "none",
      "--out",
      out,
      "--export",
      "lm-eval",
      "--json",
    );
    expect([ran.code, ran.err.match(/could not be used/)]).toEqual([0, null]);
    const result = JSON.parse(ran.out);
    expect(result).toMatchObject({
      task: "vstar",
      split: "test",
      n: 12,
      chance: 0.25,
      benchmark: { mapping: "vstar", optionSeed: null },
      interventions: { own: { accuracy: 1, lenient: { accuracy: 1, answered: 1 } } },
    });
    const shuffled = JSON.parse(
      (await audit(data, "--map", "vstar", "--shuffle-options", "5", "--json")).out,
    );
    expect(shuffled.benchmark).toEqual({ mapping: "vstar", optionSeed: 5 });
    expect(shuffled.interventions.own.accuracy).toBeLessThan(1);
    // The same directory does not go on with the options in another order.
    const mixed = await audit(data, "--map", "vstar", "--out", out);
    expect([mixed.code, mixed.err]).toEqual([2, expect.stringMatching(/order of seed is 0, was none/)]);

    const files = readdirSync(out).filter((file) => file.startsWith("samples_"));
    const [table, ...others] = readdirSync(out).filter((file) => file.startsWith("results_"));
    expect(others).toEqual([]);
    expect([...files, table].sort()).toEqual([...result.exported].sort());
    const summed = JSON.parse(readFileSync(join(out, table!), "utf8"));
    expect(Object.keys(summed.results).sort()).toEqual(["vstar-own", "vstar-skip", "vstar-zeros"]);
    for (const name of ["own", "skip", "zeros"]) {
      const { accuracy, lenient, n } = result.interventions[name];
      const at = summed.results[`vstar-${name}`];
      expect([at["acc,exact"], at["acc,lenient"]]).toEqual([accuracy, lenient.accuracy]);
      expect(at["acc_stderr,exact"]).toBeCloseTo(Math.sqrt((accuracy * (1 - accuracy)) / (n - 1)), 12);
      expect(summed["n-samples"][`vstar-${name}`]).toEqual({ original: n, effective: n });
    }
    expect(
      files.map((file) => file.replace(/_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d+\.jsonl$/, "")).sort(),
    ).toEqual(["samples_vstar-own", "samples_vstar-skip", "samples_vstar-zeros"]);
    const own = files.find((file) => file.includes("-own_"))!;
    const samples = readFileSync(join(out, own), "utf8")
      .trim()
      .split("\n")
      .map((line) => sampleSchema.parse(JSON.parse(line)));
    expect(samples.map(({ filter, doc_id }) => [filter, doc_id])).toEqual(
      ["exact", "lenient"].flatMap((filter) => Array.from({ length: 12 }, (_, i) => [filter, i])),
    );
    const [first] = samples;
    expect(first).toMatchObject({ target: "A", filtered_resps: ["A"], acc: 1, metrics: ["acc"] });
    expect(first!.resps[0]![0]).toContain("<answer>");
    const prompt = first!.arguments.gen_args_0.arg_0;
    expect(prompt.match(/<\|image_pad\|>/g)).toHaveLength(1);
    const sha = (text: string) => createHash("sha256").update(text).digest("hex");
    expect(first).toMatchObject({ prompt_hash: sha(prompt), target_hash: sha("A") });
  });

  it("refuses what makes no sense before anything is read", async () => {
    const data = vstar(4);
    for (const [rest, message] of [
      [["--map", "vstra"], /Unknown mapping "vstra". Did you mean "vstar"\?/],
      [["--shuffle-options", "1"], /Try --map/],
      [["--map", "vstar", "--export", "lm-eval"], /Try --out/],
      [
        ["--map", "vstar", "--export", "lmeval", "--out", join(scratch, "none")],
        /--export: unknown export format "lmeval". Did you mean "lm-eval"\?/,
      ],
      [["--map", "vstar", "--shuffle-options", "often"], /integer of at least 0/],
    ] as const) {
      const ran = await audit(data, ...rest);
      expect([ran.code, ran.out]).toEqual([2, ""]);
      expect(ran.err).toMatch(message);
    }
    const plan = await audit(data, "--map", "vstar", "--dry-run", "--json");
    expect(JSON.parse(plan.out)).toMatchObject({ split: "test" });
  });
});

it("HR-Bench: what cannot be asked is counted with its reason, and the audit goes on", async () => {
  const root = directory("hr");
  const header = ["index", "question", "answer", "category", "A", "B", "C", "D", "cycle_category", "image"];
  const row = (i: number, image: string, question = "Which colour?", answer = "ABCD"[i % 4]!) =>
    [String(i), question, answer, "single", ...names, "0", image].join("\t");
  const good = (i: number): string => Buffer.from(picture(i % 4, i)).toString("base64");
  const cut = Buffer.concat([picture(0).subarray(0, 40), Buffer.alloc(20)]).toString("base64");
  const rows = [
    row(0, good(0)),
    row(1, good(1)),
    row(2, cut),
    row(3, "17"),
    row(4, good(4), "Which <|image_pad|> colour?"),
    row(5, good(5), "Which colour?", "F"),
    row(6, good(6)),
    row(7, "6"),
  ];
  writeFileSync(join(root, "hr_bench_4k.tsv"), [header.join("\t"), ...rows, ""].join("\n"));
  const ran = await audit(root, "--map", "hr-bench", "--json");
  expect(ran.code).toBe(0);
  const result = JSON.parse(ran.out);
  expect(result).toMatchObject({ split: "hr_bench_4k", n: 4, benchmark: { optionSeed: null } });
  // The record that names another's image shows that one's colour, so the model is wrong there.
  expect(result.interventions.own).toMatchObject({ n: 4, accuracy: 0.75, clusters: 3 });
  const reasons = Object.fromEntries(
    result.skipped.map(({ example, reason }: { example: string; reason: string }) => [
      example.replace(/.*-0*/, ""),
      reason,
    ]),
  );
  expect(Object.keys(reasons).sort()).toEqual(["2", "3", "4", "5"]);
  expect(reasons["2"]).toMatch(/decode|PNG/);
  expect(reasons["3"]).toMatch(/a record that has it, got "17"/);
  expect(reasons["4"]).toMatch(/the model's own image token/);
  expect(reasons["5"]).toMatch(/"red".*got "F"/);
  expect(ran.err).toMatch(/4 of 8 examples could not be used and are left out/);
  expect((await audit(root, "--map", "hr-bench")).out).toMatch(/4 examples.*read as hr-bench; 4 left out/);
});

it("fails where nothing is left, saying why", async () => {
  const root = directory("nothing");
  writeFileSync(
    join(root, "test.jsonl"),
    JSON.stringify({ question: "Which?", img_path: "gone.png", options: names, answer: "A" }),
  );
  const ran = await audit(root, "--map", "viscot-mc");
  expect(ran.code).toBe(1);
  expect(ran.err).toMatch(/at least one example.*1 cannot be used.*gone.png/s);

  writeFileSync(join(root, "gone.png"), "no picture");
  const undecodable = await audit(root, "--map", "viscot-mc");
  expect([undecodable.code, undecodable.out]).toEqual([1, ""]);
  expect(undecodable.err).toMatch(/at least one example.*decode/s);
});

it("VisCoT: a helper that is missing in some examples is counted where it was needed", async () => {
  const root = directory("viscot");
  const records = Array.from({ length: 9 }, (_, i) => {
    writeFileSync(join(root, `${i}.png`), picture(i % 4, i, 24));
    const options = names.map((name, o) => `${"ABCD"[o]}. ${name}`);
    // The last one's helper is one token, of which a block of two latents cannot be made.
    const box = i % 4 === 3 ? {} : { bbox: i === 8 ? [0, 0, 6, 6] : [0, 0, 24, 12] };
    return { question: "Which colour?", options, answer: "ABCD"[i % 4], img_path: `${i}.png`, ...box };
  });
  writeFileSync(join(root, "test.jsonl"), records.map((each) => JSON.stringify(each)).join("\n"));
  const ran = await lintel(
    ...["audit", "--model", model, "--data", root, "--map", "viscot-mc"],
    ...["--interventions", "own,oracle", "--threads", "1", "--json"],
  );
  expect(ran.code).toBe(0);
  const result = JSON.parse(ran.out);
  expect([result.n, result.interventions.oracle.n, result.skipped.length]).toEqual([8, 6, 1]);
  expect(result.skipped[0].reason).toMatch(/at least 2 feature rows/);
  expect(result.notApplied.oracle).toMatchObject({ n: 2 });
});

it("MMVP: pairs count where both are right", async () => {
  const root = directory("mmvp");
  mkdirSync(join(root, "MMVP Images"));
  // Both of the first and third pair are right; of the second one, of the fourth none.
  const right = [true, true, true, false, true, true, false, false];
  const lines = right.map((is, i) => {
    writeFileSync(join(root, "MMVP Images", `${i + 1}.jpg`), picture(i % 2, i));
    return `${i + 1},Which colour?,(a) red (b) green,(${"ab"[is ? i % 2 : 1 - (i % 2)]})`;
  });
  writeFileSync(
    join(root, "Questions.csv"),
    ["Index,Question,Options,Correct Answer", ...lines, ""].join("\n"),
  );
  const ran = await audit(root, "--map", "mmvp", "--json");
  expect(ran.code).toBe(0);
  expect(JSON.parse(ran.out).interventions.own).toMatchObject({
    accuracy: 5 / 8,
    clusters: 4,
    wilson: wilson(5, 8).value,
    lenient: { wilson: wilson(5, 8).value },
    groups: { n: 4, accuracy: 0.5, answered: 1, lenient: { accuracy: 0.5 } },
  });
  expect((await audit(root, "--map", "mmvp")).out).toMatch(/whole groups/);
});

it("BLINK in Parquet, by a mapping of one's own as well", async () => {
  const root = directory("blink");
  const columns = blinkColumns;
  const sink = await createParquet(join(root, "val-00000-of-00001.parquet"), columns);
  await sink.append(
    Array.from({ length: 4 }, (_, i) => ({
      idx: `val_${i}`,
      question: "Which colour?",
      image_1: picture(i, i),
      choices: names,
      answer: `(${"ABCD"[i === 3 ? 0 : i]})`,
      sub_task: i < 2 ? "Warm" : "Cold",
    })),
  );
  await sink.commit();
  const mine = join(scratch, "mine.yaml");
  writeFileSync(
    mine,
    "question: question\nimages: image_1\noptions: choices\nanswer: answer\nask: letters\n",
  );
  for (const map of ["blink", mine]) {
    const ran = await audit(root, "--map", map, "--json");
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out)).toMatchObject({ split: "val", interventions: { own: { accuracy: 0.75 } } });
    const part = (accuracy: number) => ({ own: { n: 2, accuracy, lenient: accuracy } });
    if (map === "blink")
      expect(JSON.parse(ran.out).slices).toMatchObject({ task: { Cold: part(0.5), Warm: part(1) } });
    else expect(JSON.parse(ran.out).slices).toBeUndefined();
  }
  expect((await audit(root, "--map", "blink")).out).toMatch(/task +own +zeros +skip +n\n +Cold +50/);
});

it("a dataset of ours with a question that names more images than there are", async () => {
  const data = join(scratch, "own-data");
  const examples = knownExamples(6, 1, 0);
  examples[2]!.question = `<image> ${examples[2]!.question}`;
  await writeDataset(
    data,
    { eval: examples },
    { task: "known", title: "known", description: "known", seed: 0, parameters: {} },
  );
  const ran = await audit(data, "--json");
  expect(ran.code).toBe(0);
  const result = JSON.parse(ran.out);
  expect([result.n, result.skipped]).toEqual([
    5,
    [
      {
        example: "known-000002",
        reason: expect.stringMatching(/1 times "<image>", once per image/),
      },
    ],
  ]);
});

it("a model that never opens a block: own alone is audited, anything else says so", async () => {
  const silent = join(scratch, "silent");
  await saveKnownModel(silent, knownModels[0]!);
  const path = join(silent, "config.json");
  const config = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...config, lvr_start_id: config.lvr_start_id - 1 }));
  const data = vstar(4);
  const run = (...interventions: string[]) =>
    lintel(
      "audit",
      "--model",
      silent,
      "--data",
      data,
      "--map",
      "vstar",
      "--threads",
      "1",
      "--json",
      ...interventions,
    );
  const refused = await run("--interventions", "own,zeros");
  expect([refused.code, refused.out]).toEqual([1, ""]);
  expect(refused.err).toMatch(/opens a latent block.*none in 4 examples/s);
  const own = await run("--interventions", "own");
  expect(own.code).toBe(0);
  expect(JSON.parse(own.out).interventions.own.latentRate).toBe(0);
});

it("a checkpoint whose markers its table does not have is refused before any work", async () => {
  const broken = join(scratch, "broken");
  await saveKnownModel(broken, knownModels[0]!);
  const path = join(broken, "config.json");
  const config = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...config, lvr_start_id: 99999 }));
  const ran = await lintel(
    "audit",
    "--model",
    broken,
    "--data",
    vstar(4),
    "--map",
    "vstar",
    "--threads",
    "1",
  );
  expect(ran.code).toBe(1);
  expect(ran.err).toMatch(/99999/);
});
