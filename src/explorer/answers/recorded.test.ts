/** What an audit recorded of its model is what is asked for again, unless the user says otherwise. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { AuditResult } from "../../audit/index.ts";
import { recordedModel } from "./recorded.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-recorded-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const asked = { inputs: { model: { "model.safetensors": "abc" } }, oracle: { model: "teacher" }, seed: 0 };
writeFileSync(join(scratch, "asked.json"), JSON.stringify(asked));
const bounds = { minPixels: 784, maxPixels: 50176 };
const result = {
  weights: "int8",
  loop: { dialect: "lvr-none", decoding: { repetitionPenalty: 1.05, maxTokens: 300, sampling: "" } },
  questions: { pictures: { from: "options", bounds, source: "as specified", transparency: "white" } },
  engine: { dtype: "bfloat16", attention: "sdpa" },
} as unknown as AuditResult;

it("takes options from the record of an audit, and those that are given before them", async () => {
  const all = await recordedModel(scratch, result, "vstar", { directory: "m", maxTokens: 64 });
  expect(all).toEqual({
    request: {
      directory: "m",
      family: "lvr-none",
      repetitionPenalty: 1.05,
      maxTokens: 64,
      ...bounds,
      weights: "int8",
      oracleModel: "teacher",
    },
    task: "vstar",
    fingerprint: asked.inputs.model,
    dialect: "lvr-none",
  });
});

it("takes dtype and attention of the record for an engine, and no options of this process", async () => {
  const engine = { command: "python3", attention: "eager" } as const;
  const { request } = await recordedModel(scratch, result, "", { directory: "/there", engine });
  expect(request.engine).toEqual({ command: "python3", dtype: "bfloat16", attention: "eager" });
  expect(request).not.toHaveProperty("weights");
  expect(request).not.toHaveProperty("oracleModel");
});

it("leaves out a family of a file and a record that is none", async () => {
  const mine = { ...result, loop: { ...result.loop, dialect: "mine" } } as AuditResult;
  const found = await recordedModel(join(scratch, "nowhere"), mine, "", { directory: "m" });
  expect(found.request).not.toHaveProperty("family");
  expect(found).toMatchObject({ dialect: "mine" });
  expect(found).not.toHaveProperty("fingerprint");
});
