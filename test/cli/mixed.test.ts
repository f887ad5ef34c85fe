/** What lies in a directory is of one request: nothing of another model, dataset or command is mixed in or replaced. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { generateDataset } from "../../src/tasks/index.ts";
import { LOCK_FILE, lockDirectory } from "../../src/util/index.ts";
import { writeKnown, writeKnownData } from "./known.ts";
import { lintel } from "./run.ts";

let scratch: string;
const at = (name: string): string => join(scratch, name);
/** Everything in a directory, by name. */
const contents = (name: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(at(name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path, readFileSync(path, "latin1")]),
  );
const audit = (...rest: string[]) =>
  lintel("audit", "--model", at("model"), "--data", at("data"), "--interventions", "own,zeros", ...rest);
const known = (name: string) => knownModels.find((model) => model.name === name)!;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-mixed-"));
  await writeKnown(scratch);
  await saveKnownModel(at("other-model"), known("sees-no-latents"));
  // The same ids as in `data`, as every dataset of a task has them.
  await writeKnownData(at("other-data"), knownExamples(8, 1, 5));
  expect((await audit("--out", at("audit"))).code).toBe(0);
}, 120_000);
afterAll(() => rmSync(scratch, { recursive: true }));

describe("an audit goes on with outcomes of the same request alone", () => {
  const copy = (from: string, to: string, change: (directory: string) => void): string => {
    cpSync(at(from), at(to), { recursive: true });
    change(at(to));
    return at(to);
  };
  const edited = (file: string, change: (text: string) => string) => (directory: string) => {
    const path = join(directory, file);
    writeFileSync(path, change(readFileSync(path, "utf8")));
  };

  it.each<[string, () => readonly string[], RegExp]>([
    [
      "another model",
      () => ["--model", at("other-model")],
      /model: config\.json is SHA-256 \w{8}…, was SHA-256/,
    ],
    [
      "another dataset with the same ids",
      () => ["--data", at("other-data")],
      /data: content \(questions, images/,
    ],
    ["fewer examples", () => ["--limit", "5"], /data: number of examples is 5, was 8/],
    ["other interventions", () => ["--interventions", "own"], /expected own, zeros, got own/],
    ["another seed", () => ["--seed", "3"], /the seed \(0\)/],
    [
      "other weights in the same place",
      () => {
        const model = copy("model", "replaced", (directory) =>
          cpSync(join(at("other-model"), "model.safetensors"), join(directory, "model.safetensors")),
        );
        return ["--model", model];
      },
      /model: model\.safetensors is SHA-256 \w{8}…, was SHA-256 \w{8}…\)/,
    ],
    [
      "another tokenizer",
      () => [
        "--model",
        copy(
          "model",
          "tokenizer",
          edited("chat_template.jinja", (t) => `${t} `),
        ),
      ],
      /model: chat_template\.jinja/,
    ],
    [
      "another processor",
      () => [
        "--model",
        copy(
          "model",
          "processor",
          edited("preprocessor_config.json", (t) => `${t} `),
        ),
      ],
      /model: preprocessor_config\.json/,
    ],
    [
      "another shard beside it",
      () => [
        "--model",
        copy("model", "sharded", (d) => cpSync(join(d, "model.safetensors"), join(d, "extra.safetensors"))),
      ],
      /extra\.safetensors is SHA-256 .*, was none/,
    ],
    [
      "a text model beside it",
      () => ["--text-baseline", at("other-model")],
      /text baseline is given, was none/,
    ],
    [
      "a suite with the same interventions",
      () => ["--interventions", "own,zeros", "--suites", "gradient"],
      /options: suites is gradient, was none/,
    ],
  ])("not with %s", async (_, changed, said) => {
    const before = contents("audit");
    const { code, out, err } = await audit("--out", at("audit"), ...changed());
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(said);
    expect(err).toMatch(/Try another/);
    expect(err.length).toBeLessThan(700);
    expect(contents("audit")).toEqual(before);
  });

  it("with copies of model and data elsewhere, which are the same", async () => {
    const model = copy("model", "moved", () => undefined);
    // The page names the model of the last command, and the manifest says when files were seen.
    const kept = () =>
      Object.entries(contents("audit")).filter(([path]) => !/(?:report\.html|manifest\.json)$/.test(path));
    const before = kept();
    expect((await audit("--out", at("audit"), "--model", model)).code).toBe(0);
    expect(kept()).toEqual(before);
  });

  it("not where it is not recorded what they were made from, or by which version", async () => {
    // Older versions wrote no manifest either.
    const unsealed = (directory: string) => rmSync(join(directory, "manifest.json"));
    const old = copy("audit", "old", (directory) => {
      unsealed(directory);
      rmSync(join(directory, "asked.json"));
    });
    expect((await audit("--out", old)).err).toMatch(/a new directory, or an audit that was begun there/);
    const bare = copy(
      "audit",
      "bare",
      edited("asked.json", (text) => {
        const { inputs: _, ...rest } = JSON.parse(text);
        return JSON.stringify(rest);
      }),
    );
    unsealed(bare);
    expect((await audit("--out", bare)).err).toMatch(/older version of Lintel.*another --out/);
    const later = copy(
      "audit",
      "later",
      edited("asked.json", (text) => text.replace(/"version": "[^"]+"/, '"version": "99.0.0"')),
    );
    unsealed(later);
    expect((await audit("--out", later)).err).toMatch(/lintel: version is .*, was 99\.0\.0/);
  });
});

describe("data that a model has not the words or the eyes for end a command before it begins", () => {
  const dataset = async (name: string, parameters: Record<string, string>): Promise<string> => {
    await generateDataset({ task: "tetris", out: at(name), train: 30, eval: 4, heldOut: 0, parameters });
    return at(name);
  };
  beforeAll(async () => {
    const data = await dataset("analogy", { rendering: "pocket" });
    const ran = await lintel("train", "joint", "--data", data, "--steps", "1", "--out", at("analogist"));
    expect(ran.code, ran.err).toBe(0);
  }, 60_000);

  it("audit: data in other words, in whole sheets, in a family's prompt, of a benchmark", async () => {
    const words = await dataset("words", { rendering: "pocket", by: "words" });
    const sheets = await dataset("sheets", {});
    writeFileSync(at("talker.yaml"), "name: talker\nextends: lantern\nprompt: { suffix: ' Say it.' }\n");
    const mapped = join(scratch, "mapped");
    mkdirSync(mapped);
    writeFileSync(join(mapped, "a.png"), knownExamples(1, 1, 0)[0]!.images[0]!);
    const record = {
      image: "a.png",
      text: "Is it?\n(A) yes\n(B) no",
      label: "A",
      question_id: 1,
      category: "c",
    };
    writeFileSync(join(mapped, "test_questions.jsonl"), JSON.stringify(record));
    for (const [data, ...more] of [
      [words],
      [sheets],
      [at("analogy"), "--family", at("talker.yaml")],
      [mapped, "--map", "vstar"],
    ]) {
      const argv = ["audit", "--model", at("analogist"), "--data", data!, "--out", at("not-begun"), ...more];
      const { code, out, err } = await lintel(...argv);
      expect([code, out]).toEqual([1, ""]);
      expect(err).toMatch(
        /expected words of the vocabulary of .*analogist.* got \d+ that it does not have: \S+/,
      );
      expect(readdirSync(at("not-begun"))).toEqual([]);
      // A dry run says so as well: it is what one tries first.
      const dry = await lintel(...argv, "--dry-run");
      expect([dry.code, dry.out, dry.err]).toEqual([1, "", err]);
    }
    const sister = await lintel(
      "audit",
      "--model",
      at("model"),
      "--data",
      at("data"),
      "--text-baseline",
      at("analogist"),
      "--interventions",
      "own",
    );
    expect([sister.code, sister.err]).toEqual([
      1,
      expect.stringMatching(/words of the vocabulary of .*analogist/),
    ]);
  });

  it("train: a base with other words, whole sheets, and a recipe whose words the data lack", async () => {
    const words = at("words");
    for (const [argv, said, exit] of [
      [
        ["joint", "--data", words, "--base", at("analogist")],
        /split train: expected words of the vocabulary/,
        1,
      ],
      [["joint", "--data", at("sheets")], /got rendering=full.*--set rendering=pocket/, 2],
      [["precise", "--data", words], /expected a rationale.*--set plan=brief/, 1],
    ] as const) {
      const { code, out, err } = await lintel("train", ...argv, "--steps", "1", "--out", at("no-model"));
      expect([code, out]).toEqual([exit, ""]);
      expect(err).toMatch(said);
    }
  });

  it("train: finished already, said so; another recipe in its place, refused", async () => {
    const again = await lintel(
      "train",
      "joint",
      "--data",
      at("analogy"),
      "--steps",
      "1",
      "--out",
      at("analogist"),
    );
    expect([again.code, again.out]).toEqual([
      0,
      expect.stringContaining("complete already, nothing was done"),
    ]);
    const before = contents("analogist");
    const other = await lintel(
      "train",
      "text",
      "--data",
      at("analogy"),
      "--steps",
      "1",
      "--out",
      at("analogist"),
    );
    expect([other.code, other.err]).toEqual([
      2,
      expect.stringMatching(/training: recipe is text, was joint/),
    ]);
    expect(contents("analogist")).toEqual(before);
  });
});

describe("a killed generate", () => {
  it("leaves nothing behind once the same command ran again, in each format", async () => {
    for (const format of ["jsonl", "lintel"]) {
      const out = at(`killed-${format}`);
      const argv = [
        "generate",
        "tetris",
        "--train",
        "4",
        "--eval",
        "2",
        "--held-out",
        "0",
        "--format",
        format,
        "--out",
        out,
      ];
      mkdirSync(out);
      writeFileSync(join(out, ".lintel-unfinished"), "");
      for (const name of [".train.jsonl.0123456789ab.tmp", ".README.md.0123456789ab.tmp"])
        writeFileSync(join(out, name), "");
      expect((await lintel(...argv)).code).toBe(0);
      expect(readdirSync(out).filter((name) => name.startsWith("."))).toEqual([]);
    }
  });
});

describe("a directory that holds something else is refused, and nothing in it changes", () => {
  const writers: [string, (out: string) => string[]][] = [
    [
      "audit",
      (out) => [
        "audit",
        "--model",
        at("model"),
        "--data",
        at("data"),
        "--interventions",
        "own",
        "--out",
        out,
      ],
    ],
    ["train", (out) => ["train", "joint", "--data", at("pocket"), "--steps", "1", "--out", out]],
    [
      "generate",
      (out) => ["generate", "tetris", "--train", "4", "--eval", "2", "--held-out", "0", "--out", out],
    ],
    [
      "generate --format jsonl",
      (out) => [
        "generate",
        "tetris",
        "--train",
        "4",
        "--eval",
        "2",
        "--held-out",
        "0",
        "--format",
        "jsonl",
        "--out",
        out,
      ],
    ],
    ["inform", (out) => ["inform", at("pocket"), "--limit", "60", "--out", out]],
    ["selftest --keep", (out) => ["selftest", "--models", "starved", "--sizes", "8", "--keep", out]],
    ["study", (out) => ["study", "smoke", "--out", out]],
  ];
  beforeAll(async () => {
    const parameters = { rendering: "pocket" };
    await generateDataset({ task: "tetris", out: at("pocket"), train: 60, eval: 4, heldOut: 0, parameters });
    cpSync(at("model"), at("source"), { recursive: true });
    writeFileSync(join(at("source"), "my notes.txt"), "of the user's");
  });

  it.each(writers)("%s: a checkpoint, a dataset, and a directory of the user's own", async (_, argv) => {
    for (const name of ["model", "other-data", "source"]) {
      const before = contents(name);
      const { code, out, err } = await lintel(...argv(at(name)));
      expect(code, err).toBeGreaterThan(0);
      expect(out).toBe("");
      expect(err).toMatch(/new (or empty )?directory|another dataset|another one/);
      expect(contents(name)).toEqual(before);
    }
  });

  it.each(writers)(
    "%s: one in which another process works, and one with another machine's lock",
    async (name, argv) => {
      const out = mkdtempSync(join(scratch, "held-"));
      const lock = await lockDirectory(out);
      const held = await lintel(...argv(out));
      expect([held.code, held.out], held.err).toEqual([1, ""]);
      expect(held.err).toContain(
        `${out}: expected no other process to be working there, got process ${process.pid}`,
      );
      lock.release();
      expect(readdirSync(out)).toEqual([]);
      writeFileSync(
        join(out, LOCK_FILE),
        JSON.stringify({ pid: 1, host: "far\u001b[31m", began: null, since: "2026" }),
      );
      const far = await lintel(...argv(out));
      expect(far.err).toMatch(/of the machine "far\\u001b\[31m".*--break-lock/);
      expect(far.code).toBe(1);
      if (name === "study" || name === "inform") return; // the longest; the others show that the lock is gone
      const broken = await lintel(...argv(out), "--break-lock");
      expect(broken.code, broken.err).toBe(0);
      expect(readdirSync(out)).not.toContain(LOCK_FILE);
    },
    60_000,
  );

  it("report: one in which another process works", async () => {
    const run = at("no-run");
    mkdirSync(run);
    symlinkSync(join(scratch, "nowhere"), join(run, LOCK_FILE));
    const { err } = await lintel("report", run);
    expect(err).toMatch(/results\.json/);
  });
});
