/** Too little memory is said before work starts, by the estimate that a dry run prints. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { writeDataset } from "../../src/tasks/index.ts";
import { lintel } from "./run.ts";

let scratch: string;
const at = (name: string): string => join(scratch, name);
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-memory-"));
  await saveKnownModel(at("model"), knownModels[0]!);
  const meta = { task: "known", title: "known", description: "known", seed: 0, parameters: {} };
  await writeDataset(at("data"), { eval: knownExamples(20, 1, 0) }, meta);
  const pocket = ["--train", "64", "--eval", "8", "--held-out", "0", "--set", "rendering=pocket"];
  expect((await lintel("generate", "tetris", "--out", at("tetris"), ...pocket)).code).toBe(0);
});
afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const audit = (...rest: string[]) =>
  lintel("audit", "--model", at("model"), "--data", at("data"), "--interventions", "own,zeros", ...rest);

it("refuses an audit with the figure of its dry run, unless it is told to go on", async () => {
  vi.stubEnv("LINTEL_MEMORY", "50MiB");
  const { code, err } = await audit("--out", at("refused"));
  expect(code).toBe(1);
  const [, total] = /expected (.+?) of memory \(process 192 MiB.*\), got 50 MiB that is available/.exec(err)!;
  expect(err).toMatch(/Try --weights int8 or int4, .*LINTEL_MEMORY=unchecked/);
  expect(existsSync(join(at("refused"), "asked.json"))).toBe(false);
  const dry = await audit("--dry-run");
  expect(dry.out).toContain(`memory: about ${total} (process 192 MiB, `);
  const { memory } = JSON.parse((await audit("--dry-run", "--json")).out);
  expect(Object.values<number>(memory.parts).reduce((sum, each) => sum + each)).toBe(memory.total);
  vi.stubEnv("LINTEL_MEMORY", "unchecked");
  expect((await audit("--out", at("refused"))).code).toBe(0);
  // What is finished takes no memory to speak of.
  vi.stubEnv("LINTEL_MEMORY", "50MiB");
  expect((await audit("--out", at("refused"))).code).toBe(0);
});

it.each([
  [
    "train",
    ["train", "joint", "--data", "tetris", "--out", "trained"],
    /^lintel: train joint: expected .*parameters/,
  ],
  ["study", ["study", "smoke", "--out", "studied"], /^lintel: study: expected .*worker 1/],
  ["inform", ["inform", "tetris", "--out", "informed"], /^lintel: inform .*tetris: expected .*examples/],
  ["generate", ["generate", "crop", "--out", "made"], /^lintel: generate crop: expected .*painting/],
])("refuses %s before its work", async (_, argv, message) => {
  vi.stubEnv("LINTEL_MEMORY", "50MiB");
  const paths = ["tetris", "trained", "studied", "informed", "made"];
  const { code, err, out } = await lintel(...argv.map((word) => (paths.includes(word) ? at(word) : word)));
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(message);
  expect(err).toContain("got 50 MiB that is available. Try ");
  for (const file of ["training.jsonl", "study.json", "inform.json", "lintel.json", "model.safetensors"])
    for (const path of paths.slice(1)) expect(existsSync(join(at(path), file)), file).toBe(false);
});
