/**
 * Data files as the libraries of this field write them: every folder of test/goldens/data is a case, with what comes in
 * NAME.json beside it, made by python/lintel_reference/goldens/data_files.py. A new case needs no code.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMapped, type Skipped } from "../src/tasks/index.ts";
import { type Case, caseNames, placed, readCase } from "./support/data-cases.ts";

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-data-files-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

const sha1 = (bytes: Uint8Array): string => createHash("sha1").update(bytes).digest("hex");

async function read(name: string, known: Case) {
  const { data, map } = placed(name, known, scratch);
  const skipped: Skipped[] = [];
  const options = { audit: true, shuffleOptions: null, onSkipped: (each: Skipped) => skipped.push(each) };
  const { examples } = await readMapped(data, map, options);
  return { examples, skipped: skipped.map(({ reason }) => reason) };
}

describe("data files", () => {
  it.each(caseNames)("%s", async (name) => {
    const known = readCase(name);
    const found = await read(name, known).catch((error: Error) => error);
    if (known.error !== undefined) {
      const reasons = found instanceof Error ? [found.message] : found.skipped;
      expect(found instanceof Error ? [] : found.examples).toEqual([]);
      expect(reasons.length).toBeGreaterThan(0);
      for (const reason of reasons) expect(reason).toContain(known.error);
      return;
    }
    if (found instanceof Error) throw found;
    const examples = found.examples.map(({ question, optionTexts, answer, images }) => ({
      question: question.split("\nOptions:")[0],
      options: optionTexts,
      answer,
      images: images.map(sha1),
    }));
    expect(examples).toEqual(known.examples);
    if (known.ids) expect(found.examples.map(({ id }) => id)).toEqual(known.ids);
    expect(found.skipped).toEqual((known.skipped ?? []).map((part) => expect.stringContaining(part)));
  });
});
