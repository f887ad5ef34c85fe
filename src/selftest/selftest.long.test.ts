/** Known-answer models: real checkpoints, written by hand, through the whole audit. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadLatentModel } from "../reasoning/index.ts";
import { knownExamples, knownModels, saveKnownModel, selftest } from "./index.ts";

test("every verdict and accuracy is as known, at 60 and at 200 examples", async () => {
  const { rows, passed } = await selftest({ sizes: [60, 200], seed: 1 });
  expect(rows.filter((row) => !row.passed)).toEqual([]);
  expect(rows).toHaveLength(2 * knownModels.length);
  expect(passed).toBe(true);
  expect(new Set(rows.map(({ verdict }) => verdict))).toContain("bypassed");
  // A model whose latents lift it part of the way, and those whose answers or oracle say nothing, are never starved.
  const never = ["partly", "unreadable", "uninformed-oracle"];
  const said = rows.filter(({ model }) => never.includes(model)).map(({ verdict }) => verdict);
  expect(said).toHaveLength(6);
  expect(said).not.toContain("starved");
}, 400_000);

test("with enough examples the starved model is called so, and the one without readable answers is not", async () => {
  const models = knownModels.filter(({ name }) => ["starved", "unreadable"].includes(name));
  const { rows, passed } = await selftest({ sizes: [600], models });
  expect(rows.filter((row) => !row.passed)).toEqual([]);
  expect(passed).toBe(true);
  expect(rows.map(({ verdict }) => verdict)).toEqual(["starved", "inconclusive"]);
  expect(rows[1]!.reason).toMatch(/^of the answers under own latents only 0\.0 % can be read/);
}, 400_000);

test("a model that is not what is said of it fails", async () => {
  const [reads, blind] = knownModels;
  const impostor = { ...reads!, layers: blind!.layers };
  const { passed, rows } = await selftest({ sizes: [200], models: [impostor] });
  expect(passed).toBe(false);
  expect(rows[0]).toMatchObject({ verdict: "bypassed", expected: "load-bearing", passed: false });
  expect(rows[0]!.wrong.map(({ intervention }) => intervention)).toContain("zeros");
});

test("models are ordinary checkpoint directories, equal at every writing", async () => {
  const directory = await mkdtemp(join(tmpdir(), "lintel-known-"));
  try {
    await saveKnownModel(directory, knownModels[0]!);
    const files = await readdir(directory);
    for (const file of ["config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json"])
      expect(files).toContain(file);
    const model = await loadLatentModel(directory);
    expect(model.rules.k).toBe(2);
    await model.network.release();
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("examples: balanced answers, no picture twice, a smaller count is the beginning of a larger", () => {
  const examples = knownExamples(1000, 0.5, 3);
  for (const option of [0, 1, 2, 3])
    expect(examples.filter(({ answer }) => answer === option)).toHaveLength(250);
  expect(new Set(examples.map(({ images }) => Buffer.from(images[0]!).toString("base64"))).size).toBe(1000);
  expect(knownExamples(10, 0.5, 3)).toEqual(examples.slice(0, 10));
});
