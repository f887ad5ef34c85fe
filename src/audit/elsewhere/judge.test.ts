import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dummies, plant } from "../../../test/support/planted.ts";
import { float32, writeSafetensors } from "../../formats/index.ts";
import { random } from "../../util/index.ts";
import { summarize } from "../judge/summary.ts";
import { samplesOf } from "../record/lm-eval-samples.ts";
import { readAuditResult } from "../record/read-result.ts";
import { type JudgeRequest, judgeFiles, rowJsonSchema } from "./index.ts";

let scratch: string;
const at = (name: string): string => join(scratch, name);
const golden = (name: string): string => join(import.meta.dirname, "../../../test/goldens/outcomes", name);
const planted = plant({ n: 60, seed: 5, rates: { own: 0.8, oracle: 0.9, ...dummies(0.3) }, shared: 0.6 });
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-judge-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

let files = 0;
const write = (rows: readonly unknown[] | string, ending = "jsonl"): string => {
  const path = at(`${files++}.${ending}`);
  const text = typeof rows === "string" ? rows : rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  writeFileSync(path, text);
  return path;
};
const judged = (rows: readonly unknown[] | string, request: Partial<JudgeRequest> = {}, ending = "jsonl") =>
  judgeFiles({ files: [write(rows, ending)], ...request });

/** Planted outcomes as rows, each with everything that is known of it. */
const rows = planted.flatMap(({ example, answer, options, outcomes }) =>
  Object.entries(outcomes).map(([intervention, outcome]) => ({
    example,
    intervention,
    answer,
    options,
    ...outcome,
  })),
);

describe("rows", () => {
  it("give what an audit of the same outcomes gives, in any order, by position or text, as JSON, CSV or JSON Lines", async () => {
    const expected = summarize(planted, null, { split: "eval" });
    expect(expected.verdict).toBe("load-bearing");
    expect(await judged(rows)).toEqual(expected);
    expect(await judged([...rows].reverse())).toEqual(expected);
    expect(await judged([{ schemaVersion: 1 }, ...rows])).toEqual(expected);
    const words = rows.map((row) => ({
      ...row,
      answer: row.options[row.answer],
      choice: row.options[row.choice!],
    }));
    expect(await judged(words)).toEqual(expected);
    expect(await judged(JSON.stringify(rows), {}, "json")).toEqual(expected);
    const keys = [
      "example",
      "intervention",
      "answer",
      "choice",
      "options",
      "optionLogProbabilities",
      "text",
    ] as const;
    const cell = (value: unknown) =>
      `"${(typeof value === "string" ? value : JSON.stringify(value)).replaceAll('"', '""')}"`;
    const csv = [keys.join(","), ...rows.map((row) => keys.map((key) => cell(row[key])).join(","))].join(
      "\n",
    );
    expect(await judged(csv, {}, "csv")).toEqual(expected);
  });

  it("of right and wrong alone give the same accuracies, tests and verdict, without made-up positions", async () => {
    const expected = summarize(planted, null, { split: "eval" });
    const correct = rows.map(({ example, intervention, choice, answer }) => ({
      example,
      intervention,
      correct: choice === answer,
    }));
    const found = await judged(correct, { chance: 0.25 });
    expect(found.verdict).toBe(expected.verdict);
    expect([found.chance, found.balance, found.optionsOnly]).toEqual([0.25, undefined, undefined]);
    for (const [name, { accuracy, interval }] of Object.entries(expected.interventions))
      expect(found.interventions[name]).toMatchObject({ accuracy, interval });
    expect(found.comparisons.map(({ mcnemarP, holmP }) => [mcnemarP, holmP])).toEqual(
      expected.comparisons.map(({ mcnemarP, holmP }) => [mcnemarP, holmP]),
    );
  });

  it("of right and wrong alone group nothing by answer: not in the rows of reference, not in agreements, not when read again", async () => {
    const [n, d] = [24, 4];
    const r = random(0, "made-up");
    const latents = at("made-up.safetensors");
    const own = float32(
      [n, 1, d],
      Float32Array.from({ length: n * d }, () => r.normal()),
    );
    const ids = Array.from({ length: n }, (_, i) => String(i));
    await writeSafetensors(
      latents,
      new Map([
        ["own", own],
        ["oracle", own],
      ]),
      { examples: JSON.stringify(ids) },
    );
    const [words, letters] = [
      ["red", "blue"],
      ["A", "B"],
    ];
    const of = (options?: string[]) =>
      ids.flatMap((example, i) =>
        ["own", "zeros"].map((intervention) => ({
          ...{ example, intervention, correct: (i + (intervention === "own" ? 0 : 1)) % 3 > 0 },
          ...(options && { options, answer: i % 2 }),
        })),
      );
    const byAnswer = ["sameAnswer", "otherAnswer", "oracleSameAnswer", "oracleOtherAnswer"];
    const directory = at("made-up");
    const found = await judged(of(), { chance: 0.25, latents, output: { directory } });
    const again = await judgeFiles({ files: [join(directory, "outcomes.jsonl")], latents });
    for (const result of [found, again]) {
      for (const key of byAnswer)
        expect(result.geometry.references![key]).toEqual({
          ...{ cosine: null, low: null, high: null, pairs: 0 },
          reason: "the right answers of 24 of 24 examples are not known, only whether replies are right",
        });
      expect(result.geometry.references!.slots!.pairs).toBe(24);
      expect(result.comparisons[0]).toMatchObject({
        agreement: null,
        reasons: { agreement: expect.stringMatching(/a wrong one names/) },
      });
      expect(result).not.toHaveProperty("optionsOnly");
    }
    // Known answers group examples where they are words, and not where they are letters.
    const inWords = await judged(of(words), { latents });
    for (const key of byAnswer) expect(inWords.geometry.references![key]!.pairs).toBeGreaterThan(200);
    expect(inWords.comparisons[0]!.agreement).not.toBeNull();
    const asLetters = await judged(of(letters), { latents });
    for (const key of byAnswer)
      expect(asLetters.geometry.references![key]!.reason).toMatch(/24 of 24 examples are letters/);
  });

  it("of an audit's journal have the words of its examples: letters alone are no answers", async () => {
    const directory = at("lettered");
    const n = 24;
    const r = random(0, "lettered");
    mkdirSync(directory);
    const outcome = { text: "A", optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
    // The right option is A everywhere, and says red in every second example.
    const ids = Array.from({ length: n }, (_, i) => String(i));
    const line = (each: unknown): string => `${JSON.stringify(each)}\n`;
    const journal = join(directory, "outcomes.jsonl");
    writeFileSync(
      journal,
      ids
        .map((example) =>
          line({ example, answer: 0, options: ["A", "B"], outcomes: { own: { ...outcome, choice: 0 } } }),
        )
        .join(""),
    );
    const value = (row: number): number => (row % 2 ? 1 : -1);
    const own = float32(
      [n, 1, 4],
      Float32Array.from({ length: n * 4 }, (_, i) => value(Math.floor(i / 4)) + 0.1 * r.normal()),
    );
    const latents = at("lettered.safetensors");
    await writeSafetensors(
      latents,
      new Map([
        ["own", own],
        ["oracle", own],
      ]),
      { examples: JSON.stringify(ids) },
    );
    const bare = await judgeFiles({ files: [journal], latents });
    expect(bare.geometry.references!.sameAnswer!.reason).toMatch(/24 of 24 examples are letters/);
    writeFileSync(
      join(directory, "examples.jsonl"),
      ids
        .map((example, i) => {
          const optionTexts = i % 2 ? ["red", "blue"] : ["blue", "red"];
          return line({ example, options: ["A", "B"], optionTexts, answer: 0 });
        })
        .join(""),
    );
    const { sameAnswer, otherAnswer } = (await judgeFiles({ files: [journal], latents })).geometry
      .references!;
    expect(sameAnswer!.cosine).toBeGreaterThan(0.9);
    expect(otherAnswer!.cosine).toBeLessThan(-0.9);
    expect([sameAnswer!.pairs, otherAnswer!.pairs]).toEqual([2 * 12 * 11, 2 * 12 * 12]);
  });

  it("with a share above the whole are refused when they are read again", async () => {
    const directory = at("above");
    await judged(rows, { output: { directory } });
    rmSync(join(directory, "manifest.json"));
    const path = join(directory, "audit.json");
    const text = readFileSync(path, "utf8");
    expect(text).toMatch(/"accuracy": 0\.\d/);
    writeFileSync(path, text.replace(/"accuracy": 0/, '"accuracy": 1'));
    await expect(readAuditResult(directory)).rejects.toThrow(/accuracy: Too big/);
  });

  const own = { text: "a", choice: 0, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
  const line = { example: "1", answer: 0, options: ["a", "b"], outcomes: { own } };
  it.each([
    ["no options", { ...line, options: undefined }, /, options: expected a list of options, got nothing/],
    ["a number of options", { ...line, options: 5 }, /, options: expected a list of options, got 5/],
    ["no id", { ...line, example: undefined }, /, example: expected an id as text, got nothing/],
    [
      "a chance below 0",
      { ...line, chance: -5 },
      /, chance: expected a number above 0 and at most 1, got -5/,
    ],
    ["images by number", { ...line, images: 7 }, /, images: expected a digest as text, got 7/],
    [
      "an outcome that is null",
      { ...line, outcomes: { own: null } },
      /, choice of "own": expected the place/,
    ],
    [
      "log-probabilities as text",
      { ...line, outcomes: { own: { ...own, optionLogProbabilities: "abc" } } },
      /, optionLogProbabilities of "own": expected numbers, one for each option, or null, got "abc"/,
    ],
    [
      "a dose of words",
      { ...line, outcomes: { own: { ...own, dose: { norm: "x" } } } },
      /, dose of "own": expected distances by name/,
    ],
  ])("of an audit's journal with %s are refused, naming line and field", async (_, broken, message) => {
    await expect(judged([line, broken].slice(1))).rejects.toThrow(message);
    await expect(judged([{ ...line, example: "0" }, broken])).rejects.toThrow(/:2, /);
  });

  it("of replies are read, by a named reader, and again leniently", async () => {
    const replies = rows.map(({ choice, optionLogProbabilities: _, ...row }) => ({
      ...row,
      text: `The answer is ${row.options[choice!]}.`,
    }));
    const found = await judged(replies, { reader: "careful" });
    expect(found.interventions.own!.accuracy).toBe(
      summarize(planted, null, { split: "eval" }).interventions.own!.accuracy,
    );
    expect(found.readings).toMatchObject({ reader: "careful" });
    await expect(judged(replies, { reader: "carefull" })).rejects.toThrow(
      /answer reader "carefull"\. Did you mean "careful"/,
    );
  });

  it("have slices by attribute; ones that do not apply are counted with their reason", async () => {
    const some = rows.map((row, i) => ({
      ...(row.intervention === "oracle" && row.example === "000003"
        ? { example: row.example, intervention: row.intervention, notApplied: "no helper" }
        : row),
      attributes: { half: Number(row.example) < 30 ? "first" : "second" },
      question: `Why ${Math.floor(i / 7)}?`,
    }));
    const found = await judged(some);
    expect(found.notApplied).toEqual({ oracle: { n: 1, reason: "no helper" } });
    expect(found.slices!.half!.first!.own!.n).toBe(30);
    expect((await judged(rows.slice(1), { allowMissing: true })).notApplied).toMatchObject({ own: { n: 1 } });
  });
});

describe("bad files are refused by file and line:", () => {
  const [first, second] = rows as [(typeof rows)[0], (typeof rows)[0]];
  it.each<[string, readonly unknown[] | string, RegExp, Partial<JudgeRequest>?]>([
    [
      "no own",
      rows.filter(({ intervention }) => intervention !== "own"),
      /jsonl: expected rows of the intervention own.*got rows of oracle/,
    ],
    [
      "a row twice",
      [...rows, first],
      /jsonl:421: .*a second one of example 000000 under own; the first is in .*jsonl:1/,
    ],
    [
      "an example that lacks an intervention",
      rows.slice(1),
      /jsonl:1: expected rows of example 000000 under every intervention.*none under own/,
    ],
    [
      "ids of two types",
      [first, { ...second, example: 7 }],
      /jsonl:2: expected ids of one type.*got the number 7/,
    ],
    [
      "kinds mixed",
      [first, { ...second, choice: undefined, correct: true }],
      /jsonl:2: expected `choice`, as in .*jsonl:1.*got `correct`/,
    ],
    ["NaN", `${JSON.stringify(first)}\n{"example": NaN}\n`, /jsonl:2: .*NaN and Infinity are not JSON/],
    [
      "a row without its fields, of which one is shown",
      [{ a: 1 }],
      /jsonl:1: expected the fields example, intervention, got \{"a":1\}\. Try rows such as \{"example": 1,/,
    ],
    [
      "a broken line",
      `${JSON.stringify(first)}\n{"example":\n`,
      /jsonl:2: expected one JSON record per line/,
    ],
    [
      "an unknown intervention",
      [first, { ...second, intervention: "zeroes" }],
      /jsonl:2: expected an intervention of `lintel interventions`, got "zeroes"\. Try "zeros"/,
    ],
    ["a newer version", [{ schemaVersion: 99 }, first], /jsonl:1: expected schemaVersion 1 or older, got 99/],
    ["a field that is none", [{ ...first, prediction: "a" }], /jsonl:1: .*got the field "prediction"/],
    [
      "a text for truth",
      [{ example: "1", intervention: "own", correct: "yes" }],
      /jsonl:1: expected a valid correct, got "yes"/,
    ],
    [
      "options that change",
      [first, { ...second, options: ["x", "y"] }],
      /jsonl:2: expected options of example 000000 equal in all its rows/,
    ],
    [
      "a choice that is no option",
      [{ ...first, choice: "z" }],
      /jsonl:1: expected a choice among the options \(a, b, c, d/,
    ],
    [
      "no chance",
      [{ example: "1", intervention: "own", correct: true }],
      /jsonl:1: expected `options` and `answer`, or the accuracy of guessing/,
    ],
    ["nothing said", [{ example: "1", intervention: "own" }], /jsonl:1: expected whether the reply is right/],
    [
      "log-probabilities of too few options",
      [{ ...first, optionLogProbabilities: [0] }],
      /jsonl:1: expected 4 log-probabilities/,
    ],
    ["no rows", "", /empty file/],
    ["a list", "[1]\n", /jsonl:1: expected a JSON object/],
  ])("%s", async (_, content, message, request) => {
    await expect(judged(content, request)).rejects.toThrow(message);
  });
  it("a missing file", async () => {
    await expect(judgeFiles({ files: [at("none.jsonl")] })).rejects.toThrow(/none\.jsonl/);
  });
  it("but own interventions are accepted by name, and names can be changed", async () => {
    const renamed = rows.map((row) => ({
      ...row,
      intervention: { own: "baseline", zeros: "my-zeros" }[row.intervention as string] ?? row.intervention,
    }));
    const found = await judged(renamed, { rename: { baseline: "own" }, custom: ["my-zeros"] });
    expect(found.interventions["my-zeros"]!.n).toBe(60);
  });
});

describe("names that every JavaScript object has", () => {
  const named = (intervention: string) =>
    rows.map((row) => (row.intervention === "zeros" ? { ...row, intervention } : row));

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "are refused as interventions, whose outcomes would be lost: %s",
    async (name) => {
      await expect(judged(named(name), { custom: [name] })).rejects.toThrow(
        /jsonl:\d+: expected a name that is no/,
      );
      const found = await judged(named(name), { rename: Object.fromEntries([[name, "zeros"]]) });
      expect(found.interventions.zeros!.n).toBe(60);
      await expect(judged(named(name), { rename: { baseline: "own" } })).rejects.toThrow(
        /expected a name that is/,
      );
      const text = JSON.stringify({
        ...planted[0],
        outcomes: Object.fromEntries([
          ["own", planted[0]!.outcomes.own],
          [name, planted[0]!.outcomes.zeros],
        ]),
      });
      await expect(judged(`${text}\n`)).rejects.toThrow(/expected a name that is no/);
    },
  );

  it("are ids of examples as any other", async () => {
    const ids = ["__proto__", "constructor", "toString"];
    const changed = rows.map((row) => {
      const at = planted.findIndex(({ example }) => example === row.example);
      return { ...row, example: ids[at] ?? row.example };
    });
    const { interventions } = await judged(changed);
    const { interventions: want } = await judged(rows);
    expect(interventions).toEqual(want);
  });
});

describe("files of other harnesses", () => {
  it("lm-eval: what Lintel exports is read back to the same outcomes", async () => {
    const paths = Object.keys(planted[0]!.outcomes).map((intervention) => ({
      intervention,
      path: write(
        planted.flatMap(({ example, options, answer, outcomes }, index) =>
          samplesOf(
            {
              example: { id: example, question: "?", options, answer, attributes: {} } as never,
              index,
              prompt: "?",
              maxTokens: 64,
            },
            { ...outcomes[intervention]!, lenient: outcomes[intervention]!.choice },
          ),
        ),
      ),
    }));
    const found = await judgeFiles({ files: paths });
    const expected = summarize(planted, null, { split: "eval" });
    expect(found.verdict).toBe("load-bearing");
    expect(found.readings!.verdicts).toEqual({ exact: "load-bearing", lenient: "load-bearing" });
    for (const [name, { accuracy }] of Object.entries(expected.interventions))
      expect(found.interventions[name]!.accuracy).toBe(accuracy);
    await expect(judgeFiles({ files: [paths[0]!.path] })).rejects.toThrow(
      /Try own=.*one such argument for each/,
    );
    await expect(judgeFiles({ files: paths, filter: "none" })).rejects.toThrow(
      /a filter of the log: exact, lenient/,
    );
  });
  it("lmms-eval: metrics inside objects", async () => {
    const own = { intervention: "own", path: golden("lmms.jsonl") };
    const found = await judgeFiles({ files: [own], chance: 0.5 });
    expect(found.interventions.own).toMatchObject({ n: 2, accuracy: 0.5 });
    await expect(judgeFiles({ files: [own], chance: 0.5, metric: "acc" })).rejects.toThrow(
      /lmms\.jsonl:1: expected acc of 0 or 1/,
    );
  });
  it("VLMEvalKit: tables as XLSX and TSV, scored or read", async () => {
    const both = [
      { intervention: "own", path: golden("own.xlsx") },
      { intervention: "zeros", path: golden("zeros.tsv") },
    ];
    const found = await judgeFiles({ files: both });
    expect(found.interventions.own).toMatchObject({ n: 4, accuracy: 0.5 });
    expect(found.interventions.zeros).toMatchObject({ n: 4, accuracy: 0.5 });
    expect(found.slices!.category!.color!.own!.accuracy).toBe(1);
    const tsv = readFileSync(golden("zeros.tsv"), "utf8")
      .split("\n")
      .map((line) => line.split("\t").slice(0, -1).join("\t"));
    const read = await judgeFiles({ files: [{ intervention: "own", path: write(tsv.join("\n"), "tsv") }] });
    expect(read.interventions.own).toMatchObject({ n: 4, accuracy: 0.5, answered: 1 });
    expect(read.readings!.reader).toBe("vlmevalkit");
    writeFileSync(at("broken.xlsx"), "no zip");
    await expect(judgeFiles({ files: [at("broken.xlsx")] })).rejects.toThrow(
      /broken\.xlsx: expected an XLSX file/,
    );
  });
});

describe("latents", () => {
  const ids = planted.map(({ example }) => example);
  const values = (seed: number) => Float32Array.from({ length: 60 * 2 }, (_, i) => Math.sin(seed + 1.3 * i));
  const save = async (name: string, tensors: [string, number[], Float32Array][], examples: unknown) => {
    await writeSafetensors(
      at(name),
      new Map(tensors.map(([key, shape, data]) => [key, float32(shape, data)])),
      {
        examples: JSON.stringify(examples),
      },
    );
    return at(name);
  };
  it("give geometry; rows that are not finite count as absent", async () => {
    const own = values(1);
    const path = await save(
      "l.safetensors",
      [
        ["own", [60, 1, 2], own],
        ["oracle", [60, 1, 2], own],
      ],
      ids,
    );
    expect((await judged(rows, { latents: path })).geometry.ownOracle).toMatchObject({ n: 60, cosine: 1 });
    const holes = Float32Array.from(own, (value, i) => (i === 4 ? Number.NaN : value));
    const flat = await save("h.safetensors", [["own", [60, 2], holes]], ids);
    const { geometry } = await judged(rows, { latents: flat });
    expect([geometry.own.n, geometry.ownOracle.cosine]).toEqual([59, null]);
  });
  it.each([
    [
      "ids of other examples",
      ids.map((id) => `x${id}`),
      [60, 1, 2],
      /expected ids of examples of the outcomes, got "x000000"/,
    ],
    ["too few ids", ids.slice(1), [60, 1, 2], /expected own of shape \[59, K, D\]/],
    ["ids twice", ids.map(() => "000000"), [60, 1, 2], /expected every id once/],
  ])("are refused with %s", async (name, examples, shape, message) => {
    const path = await save(`${name}.safetensors`, [["own", shape, values(1)]], examples);
    await expect(judged(rows, { latents: path })).rejects.toThrow(message);
  });
});

describe("the record", () => {
  it("is an audit's directory, the same when it is made again, and refused to other outcomes", async () => {
    const request = { files: [write(rows)], output: { directory: at("out") } };
    const result = await judgeFiles(request);
    expect(await readAuditResult(at("out"))).toEqual(result);
    const read = () =>
      ["audit.json", "outcomes.jsonl", "asked.json", "verdict.md"].map((name) =>
        readFileSync(join(at("out"), name), "utf8"),
      );
    const before = read();
    await judgeFiles(request);
    expect(read()).toEqual(before);
    // Its journal is judged to the same.
    expect(await judgeFiles({ files: [join(at("out"), "outcomes.jsonl")] })).toEqual(result);
    await expect(judgeFiles({ ...request, files: [write(rows.slice(7))] })).rejects.toThrow(
      /expected a judgment of the same request/,
    );
    expect(read()).toEqual(before);
  });
  it("has a schema, as docs have it", () => {
    const committed = JSON.parse(
      readFileSync(join(import.meta.dirname, "../../../docs/outcomes.schema.json"), "utf8"),
    );
    expect(rowJsonSchema()).toEqual(committed);
  });
});
