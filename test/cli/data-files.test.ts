/** `lintel audit` on data files as other programs write them, with a known-answer checkpoint: read rightly, accuracy is 1. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { placed, readCase } from "../support/data-cases.ts";
import { lintel } from "./run.ts";

let scratch: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-data-"));
  await saveKnownModel(join(scratch, "model"), knownModels[0]!);
});
afterAll(() => rmSync(scratch, { recursive: true }));

async function audit(name: string) {
  const { data, map } = placed(name, readCase(name), scratch);
  const model = join(scratch, "model");
  const only = ["--interventions", "own,zeros", "--threads", "1", "--shuffle-options", "none", "--json"];
  return lintel("audit", "--model", model, "--data", data, "--map", map, ...only);
}

describe("lintel audit", () => {
  it.each([
    "parquet-gzip",
    "parquet-brotli",
    "parquet-zstd",
    "parquet-lz4",
    "jsonl-line-separators",
    "jsonl-nan",
    "hub-snapshot",
    "arrow-save-to-disk",
    "webdataset",
  ])("%s", async (name) => {
    const { code, out, err } = await audit(name);
    expect(
      err.replace(/lintel: (the mapping does not use|with these interventions) .*\n/g, ""),
    ).not.toContain("lintel:");
    expect(code).toBe(0);
    const { n, interventions } = JSON.parse(out);
    expect({ n, own: interventions.own.accuracy }).toEqual({ n: 4, own: 1 });
  });

  it("counts records that cannot be read and asks the others", async () => {
    const { code, out } = await audit("jsonl-bad-line");
    expect(code).toBe(0);
    const { n, skipped, interventions } = JSON.parse(out);
    expect({ n, skipped, own: interventions.own.accuracy }).toMatchObject({ n: 4, own: 1 });
  });
});
