/** Every JSON document that a run writes has the version of its schema, and documents of a newer version are refused. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SCHEMA_VERSION } from "../src/util/index.ts";
import { lintel } from "./cli/run.ts";

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-schema-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** Files of a checkpoint, whose form is that of Hugging Face. */
const foreign =
  /^(config|generation_config|tokenizer|tokenizer_config|preprocessor_config|processor_config|chat_template|model\.safetensors\.index)\.json$/;

const documents = (): string[] =>
  readdirSync(scratch, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".json") && !foreign.test(basename(path)),
  );
const read = (path: string) => JSON.parse(readFileSync(join(scratch, path), "utf8"));

it("generate, study, audit, inform and selftest write it, and print it with --json", {
  timeout: 600_000,
}, async () => {
  const data = join(scratch, "data");
  const run = join(scratch, "run");
  const small = ["--train", "60", "--eval", "6", "--held-out", "1", "--set", "rendering=pocket"];
  writeFileSync(
    join(scratch, "mine.yaml"),
    [
      "name: mine",
      "datasets: { crop: { train: 32, eval: 4, parameters: { rendering: pocket } } }",
      "cells: [{ task: crop, recipe: joint, training: { steps: 2, batch: 8, warmup: 1 }, audits: [{ split: eval, interventions: [own] }] }]",
    ].join("\n"),
  );
  for (const command of [
    ["generate", "crop", "--out", data, ...small],
    ["generate", "crop", "--out", join(scratch, "records"), ...small, "--format", "jsonl"],
    ["study", join(scratch, "mine.yaml"), "--out", run],
    ["inform", data, "--folds", "2", "--out", join(scratch, "inform")],
    ["selftest", "--models", "starved", "--keep", join(scratch, "known"), "--sizes", "4"],
    ["plan"],
  ]) {
    const { code, out, err } = await lintel("--json", ...command);
    expect(code, err).toBe(0);
    expect(JSON.parse(out).schemaVersion, command.join(" ")).toBe(SCHEMA_VERSION);
  }
  const found = documents();
  for (const name of [
    "lintel.json",
    "study.json",
    "training.json",
    "audit.json",
    "results.json",
    "inform.json",
  ])
    expect(found.map((path) => basename(path))).toContain(name);
  expect(found.filter((path) => read(path).schemaVersion !== SCHEMA_VERSION)).toEqual([]);

  for (const [path, command] of [
    [join(run, "results.json"), ["report", run]],
    [join(data, "lintel.json"), ["inform", data, "--out", join(scratch, "again")]],
  ] as const) {
    const before = readFileSync(path, "utf8");
    writeFileSync(path, before.replace(/"schemaVersion": ?\d+/, `"schemaVersion": ${SCHEMA_VERSION + 1}`));
    const { code, err } = await lintel("--json", ...command);
    expect([code, JSON.parse(err.trim().split("\n").at(-1)!).error]).toEqual([
      1,
      expect.objectContaining({ id: "E_NEWER_VERSION", where: path }),
    ]);
    writeFileSync(path, before.replace(/"schemaVersion": ?\d+,/, ""));
    expect((await lintel("--json", ...command)).code).toBe(0);
  }
});
