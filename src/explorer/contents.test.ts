import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareAudits, readOutcomes, readQuestions } from "../audit/index.ts";
import { sealed } from "../formats/index.ts";
import { writeRun } from "../report/run.fixture.ts";
import { lockDirectory } from "../util/index.ts";
import { openContents } from "./contents.ts";
import type {
  CompareContent,
  LatentsContent,
  OutcomesContent,
  RowsContent,
  RunContent,
  SamplesContent,
} from "./types.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-contents-"));
const run = join(scratch, "run");
beforeAll(() => writeRun(run, { examples: 60, seeds: 2 }));
afterAll(() => rmSync(scratch, { recursive: true }));
const results = () => JSON.parse(readFileSync(join(run, "results.json"), "utf8"));

describe("contents of a run", () => {
  it("hold the results as they are", async () => {
    const contents = await openContents([run]);
    const content = (await contents.get("run")) as RunContent;
    const { findings, cells } = results();
    expect(content.findings).toEqual(findings);
    expect(content.cells.map(({ training }) => training)).toEqual(
      cells.map((cell: { training: unknown }) => cell.training),
    );
    for (const audit of content.audits)
      expect(cells.flatMap((cell: { audits: unknown[] }) => cell.audits)).toContainEqual(audit.result);
    expect(content.state).toBe("whole");
    expect(JSON.stringify(content)).not.toContain(scratch);
  });

  it("take the first models that fit together", async () => {
    const copy = join(scratch, "with-models");
    cpSync(run, copy, { recursive: true });
    for (const { id } of results().cells) {
      mkdirSync(join(copy, "models", id), { recursive: true });
      writeFileSync(join(copy, "models", id, "model.safetensors"), "1234567890");
      writeFileSync(join(copy, "models", id, "config.json"), "{}");
    }
    const numbers = async (modelBytes?: number) => {
      const contents = await openContents([copy], { modelBytes });
      const { audits } = (await contents.get("run")) as RunContent;
      const keys = (await contents.keys()).filter((key) => key.startsWith("model/"));
      return { models: [...new Set(audits.map(({ model }) => model))], keys };
    };
    const all = await numbers();
    expect(all.models.length).toBeGreaterThan(3);
    expect(all.models).not.toContain(null);
    expect(await numbers(25)).toEqual({ models: [0, 1, null], keys: ["model/0", "model/1"] });
  });

  it("agree with each other: accuracies of the rows are those of the audit, and ranks its retrieval", async () => {
    const contents = await openContents([run]);
    const { audits } = (await contents.get("run")) as RunContent;
    for (const [a, { result, latents }] of audits.entries()) {
      const rows = (await contents.get(`rows/${a}`)) as RowsContent;
      const choices = new Int8Array(Uint8Array.from(Buffer.from(rows.choices, "base64")).buffer);
      const answers = Uint8Array.from(Buffer.from(rows.answers, "base64"));
      for (const [i, name] of rows.interventions.entries()) {
        const own = choices.subarray(i * rows.n, (i + 1) * rows.n);
        const run = Array.from(own).filter((choice) => choice !== -2).length;
        const right = answers.filter((answer, row) => own[row] === answer).length;
        expect(right / run).toBeCloseTo(result!.interventions[name]!.accuracy!, 12);
      }
      const drawn = latents ? ((await contents.get(`latents/${a}`)) as LatentsContent) : null;
      if (!drawn) continue;
      const ranks = new Uint16Array(Uint8Array.from(Buffer.from(drawn.views[0]!.ranks, "base64")).buffer);
      expect(ranks.filter((rank) => rank === 1).length / ranks.length).toBeCloseTo(
        result!.geometry.ownOracle.r1!,
        12,
      );
    }
  });

  it("keep projections beside a finished audit, and make them again for other latents", async () => {
    const audit = join(run, "audits/tetris/joint/0/eval");
    const file = join(audit, ".explorer", "latents.json");
    const open = async () => {
      const contents = await openContents([run]);
      const { audits } = (await contents.get("run")) as RunContent;
      const a = audits.findIndex(({ name }) => name === "tetris/joint/0 · eval");
      return (await contents.get(`latents/${a}`)) as LatentsContent;
    };
    const made = await open();
    const text = readFileSync(file, "utf8");
    // Another note shows which of them is read.
    writeFileSync(file, text.replace('"notes":[]', '"notes":["kept"]'));
    expect(await open()).toEqual({ ...made, notes: ["kept"] });
    utimesSync(join(audit, "latents.safetensors"), 1, 1);
    expect(await open()).toEqual(made);
  });

  it("have every key that they name", async () => {
    const contents = await openContents([run]);
    const keys = await contents.keys();
    expect(keys).toContain("outcomes/0/1");
    for (const key of keys) expect(await contents.get(key), key).not.toBeNull();
    for (const key of [
      "rows/99",
      "rows/-1",
      "rows/x",
      "outcomes/0/99",
      "samples/99/0",
      "constructor",
      "run/0/0/0",
      "__proto__/0",
      "",
    ])
      expect(await contents.get(key), key).toBeNull();
  });

  it("show the examples of the outcomes with their images", async () => {
    const contents = await openContents([run]);
    await contents.get("run");
    const rows = (await contents.get("rows/0")) as RowsContent;
    const sample = new Int32Array(Uint8Array.from(Buffer.from(rows.sample!, "base64")).buffer);
    const records = (await contents.get("outcomes/0/0")) as OutcomesContent;
    for (const row of [0, 5, 31]) {
      const at = sample[row]!;
      const example = ((await contents.get(`samples/0/${Math.floor(at / 8)}`)) as SamplesContent)[at % 8]!;
      expect([example.id, example.answer]).toEqual([records[row]!.example, records[row]!.answer]);
      expect(example.images[0]!.uri).toMatch(/^data:image\/(png|jpeg);base64,/);
      expect(example.helpers).toHaveLength(1);
    }
  });

  it("of a few examples are of the first ones, the same, and of nothing else", async () => {
    const [all, few] = [await openContents([run]), await openContents([run], { examples: 20 })];
    const rows = (await few.get("rows/0")) as RowsContent;
    const whole = (await all.get("rows/0")) as RowsContent;
    const bytes = (text: string) => [...Buffer.from(text, "base64")];
    expect(rows.ids).toEqual(whole.ids.slice(0, 20));
    for (const i of rows.interventions.keys())
      expect(bytes(rows.choices).slice(i * 20, (i + 1) * 20)).toEqual(
        bytes(whole.choices).slice(i * 60, i * 60 + 20),
      );
    expect(bytes(rows.sample!)).toEqual(bytes(whole.sample!).slice(0, 80));
    expect(rows.notes).toContain("The first 20 of 60 examples are here; accuracies and verdicts are of all.");
    const keys = await few.keys();
    expect(keys.filter((key) => key.startsWith("samples/0/"))).toHaveLength(3);
    for (const key of keys) expect(await few.get(key), key).not.toBeNull();
    expect(await few.get("compare/0/1")).toEqual(await all.get("compare/0/1"));
  });

  it("compare two audits as an audit compares two interventions", async () => {
    const contents = await openContents([run]);
    const { audits } = (await contents.get("run")) as RunContent;
    const self = (await contents.get("compare/0/0")) as CompareContent;
    expect(self.comparisons.own).toMatchObject({
      difference: 0,
      rightToWrong: 0,
      wrongToRight: 0,
      n: audits[0]!.result!.n,
    });
    const b = audits.findIndex(
      ({ seed, task, split, recipe }) =>
        seed === "1" &&
        task === audits[0]!.task &&
        split === audits[0]!.split &&
        recipe === audits[0]!.recipe,
    );
    const there = (await contents.get(`compare/0/${b}`)) as CompareContent;
    const back = (await contents.get(`compare/${b}/0`)) as CompareContent;
    expect(there.comparisons.own!.difference).toBeCloseTo(-back.comparisons.own!.difference!, 12);
    const [before, after] = there.accuracy.own!;
    expect(after - before).toBeCloseTo(there.comparisons.own!.difference!, 12);
    // In the words of `lintel compare`, in both directions.
    const [A, B] = [audits[0]!, audits[b]!];
    const read = async ({ name, cell, split, result }: typeof A) => {
      const directory = join(run, "audits", cell, split);
      return {
        name,
        directory,
        result: result!,
        outcomes: await readOutcomes(join(directory, "outcomes.jsonl")),
      };
    };
    const said = async (one: typeof A, two: typeof A) =>
      compareAudits(await read(one), await read(two)).conclusion;
    expect(there.conclusions).toEqual({ ba: await said(A, B), ab: await said(B, A) });
    expect(back.conclusions).toEqual({ ba: there.conclusions.ab, ab: there.conclusions.ba });
    expect(after).toBe(audits[b]!.result!.interventions.own!.accuracy);
    // By attribute: every example has one value, and parts make the whole.
    const parts = Object.values(there.slices);
    expect(parts.length).toBeGreaterThan(0);
    for (const part of parts) {
      const each = Object.values(part).map(({ comparison }) => comparison);
      const sum = (of: (row: (typeof each)[number]) => number) => each.reduce((all, row) => all + of(row), 0);
      expect(sum(({ n }) => n)).toBe(there.n);
      expect(sum(({ rightToWrong }) => rightToWrong)).toBe(there.comparisons.own!.rightToWrong);
      expect(sum(({ n, difference }) => n * difference!) / there.n).toBeCloseTo(after - before, 12);
    }
  });
});

describe("audits that are called alike", () => {
  it("are compared on the questions that are the same, and say what else they differ in", async () => {
    const [a, b] = ["alike-a", "alike-b"].map((name) => join(scratch, name)) as [string, string];
    for (const path of [a, b]) cpSync(join(run, "audits/tetris/joint/0/eval"), path, { recursive: true });
    const lines = await readOutcomes(join(a, "outcomes.jsonl"));
    const last = lines.length - 1;
    const write = (to: string, each: object[]): void =>
      writeFileSync(
        join(to, "outcomes.jsonl"),
        each.map((line) => `${JSON.stringify(sealed(line))}\n`).join(""),
      );
    write(
      a,
      lines.map((each) => ({ ...each, images: "of one dataset" })),
    );
    // Other images, (below) another question, other options.
    write(
      b,
      lines.map(({ outcomes: { zeros: _, ...outcomes }, ...each }, i) => ({
        ...each,
        outcomes,
        images: i === 0 ? "of another" : "of one dataset",
        ...(i === last && { options: each.options.map((option) => `${option}!`) }),
      })),
    );
    const questions = await readQuestions(b);
    const second = questions.get(lines[1]!.example) ?? { example: lines[1]!.example };
    const question = (each: string): string => JSON.stringify({ ...second, question: each });
    for (const [path, text] of [
      [a, "Which color?"],
      [b, "Which shape?"],
    ] as const) {
      writeFileSync(join(path, "examples.jsonl"), question(text));
      rmSync(join(path, "manifest.json"), { force: true });
      const inputs = { data: { split: text } };
      writeFileSync(
        join(path, "asked.json"),
        JSON.stringify({ schemaVersion: 1, inputs, reader: `of ${text}` }),
      );
    }
    const contents = await openContents([a, b]);
    const { n, missing, alone } = (await contents.get("compare/0/1")) as CompareContent;
    expect(n).toBe(lines.length - 3);
    const said = missing.join(" ");
    expect(said).toContain("3 examples have the same id in both, but another question");
    expect(alone).toEqual([["zeros"], []]);
    expect(said).toContain("Answers were read by of Which color? and by of Which shape?.");
    expect(said).toMatch(/The data differ: .*Which/);
  });
});

describe("a run that is", () => {
  const copy = (name: string): string => {
    const path = join(scratch, name);
    cpSync(run, path, { recursive: true });
    return path;
  };
  const opened = async (path: string): Promise<[RunContent, Awaited<ReturnType<typeof openContents>>]> => {
    const contents = await openContents([path]);
    return [(await contents.get("run")) as RunContent, contents];
  };

  it("half written shows its audits, and says what is missing", async () => {
    const path = copy("half");
    rmSync(join(path, "results.json"));
    writeFileSync(join(path, "study.json"), '{"name":');
    const audit = join(path, "audits/tetris/joint/0/eval");
    truncateSync(join(audit, "outcomes.jsonl"), 20_000);
    const [content, contents] = await opened(path);
    const index = content.audits.findIndex(({ name }) => name === "tetris/joint/0 · eval");
    expect(content.notes).toContain(
      "audits/tetris/joint/0/eval stopped before its end: there is no audit.json. Run the same command again to continue it.",
    );
    const rows = (await contents.get(`rows/${index}`)) as RowsContent;
    expect(rows.n).toBeGreaterThan(3);
    expect(rows.notes).toEqual(["The last line of outcomes.jsonl is incomplete and left out."]);
  });

  it("still written has no note of audits that are to come, and one that is broken says so", async () => {
    const path = copy("live");
    rmSync(join(path, "results.json"));
    const cells = [
      { task: "tetris", recipe: "joint", training: { steps: 6, batch: 2 }, audits: [{ split: "eval" }] },
    ];
    const datasets = {
      tetris: { train: 4, eval: 4, heldOut: 4, seed: 7, parameters: { rendering: "pocket" } },
    };
    const plan = { schemaVersion: 1, name: "live", description: "still running", seeds: 1, datasets, cells };
    writeFileSync(join(path, "study.json"), JSON.stringify(plan));
    const stopped = [
      "stopped",
      ["This study stopped before its end. Run the same command again to continue it."],
    ];
    const [untouched] = await opened(path);
    expect([untouched.state, untouched.notes]).toEqual(stopped);
    const lock = await lockDirectory(path);
    const [before] = await opened(path);
    expect([before.state, before.notes]).toEqual(["running", []]);
    lock.release();
    // A process on another machine, which renews the time of its lock as long as it lives.
    const elsewhere = join(path, ".cell-tetris-joint-0.lock");
    writeFileSync(elsewhere, JSON.stringify({ pid: 1, host: "elsewhere", began: null, since: "today" }));
    expect((await opened(path))[0].state).toBe("running");
    const old = new Date(Date.now() - 3_600_000);
    utimesSync(elsewhere, old, old);
    const [gone] = await opened(path);
    expect([gone.state, gone.notes]).toEqual(stopped);
    // Results that cannot be read are results: nobody has to continue this study.
    writeFileSync(join(path, "results.json"), '{"cells":');
    expect((await opened(path))[0].state).toBe("whole");
    rmSync(join(path, "results.json"));
    writeFileSync(join(path, "audits/tetris/joint/0/eval/audit.json"), '{"split":');
    const [after] = await opened(path);
    expect(after.audits.filter(({ broken }) => broken).map(({ name }) => name)).toEqual([
      "tetris/joint/0 · eval",
    ]);
  });

  it("of a newer version or broken shows all else", async () => {
    const path = copy("newer");
    writeFileSync(join(path, "results.json"), JSON.stringify({ schemaVersion: 99 }));
    writeFileSync(join(path, "audits/tetris/joint/0/eval/audit.json"), '{"split":');
    writeFileSync(join(path, "audits/tetris/joint/1/eval/audit.json"), '{"split":"eval"}');
    rmSync(join(path, "datasets"), { recursive: true });
    const [content] = await opened(path);
    expect(content.notes.join("\n")).toMatch(/results\.json was written by a newer version of Lintel/);
    expect(content.notes.join("\n")).toMatch(/joint\/0\/eval\/audit\.json cannot be read and is left out/);
    expect(content.notes.join("\n")).toMatch(/joint\/1\/eval\/audit\.json is left out: n: /);
    expect(content.audits.every(({ samples }) => samples === null)).toBe(true);
    expect(content.audits.filter(({ outcomes }) => outcomes).length).toBeGreaterThan(5);
  });

  it("one of two of the same name has a name that tells them apart", async () => {
    const at = (recipe: string) => join(run, "audits/tetris", recipe, "0/eval");
    const contents = await openContents([at("joint"), at("text")]);
    const { title, audits } = (await contents.get("run")) as RunContent;
    expect([title, ...audits.map(({ name }) => name)]).toEqual([
      "joint/0/eval and text/0/eval",
      "joint/0/eval",
      "text/0/eval",
    ]);
  });

  it("none is an error that says what was found", async () => {
    await expect(openContents([join(scratch, "nowhere")])).rejects.toThrow(
      /expected a run directory.*got no such directory/,
    );
    await expect(openContents([join(run, "datasets")])).rejects.toThrow(/a directory without study\.json/);
  });
});
