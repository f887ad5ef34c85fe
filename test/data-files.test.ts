/**
 * Data files as the libraries of this field write them: every folder of test/goldens/data is a case, with what comes in NAME.json beside it, made by
 * scripts/goldens/data_files.py. A new case needs no code.
 */
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMapped, type Skipped } from "../src/tasks/index.ts";

const goldens = new URL("goldens/data/", import.meta.url).pathname;

interface Case {
  about: string;
  /** A ready mapping, or one of its own. */
  map: string | Record<string, unknown>;
  /** What is read, within the folder. */
  data?: string;
  /** Symbolic links to be made, and where they lead. */
  links?: Record<string, string>;
  examples?: { question: string; options: string[]; answer: number; images: string[] }[];
  ids?: string[];
  /** A part of the reason of every record that is passed over. */
  skipped?: string[];
  /** A part of the error that reading ends with, or of the reason why every record is passed over. */
  error?: string;
}

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-data-files-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

const sha1 = (bytes: Uint8Array): string => createHash("sha1").update(bytes).digest("hex");

/** The case's folder; a copy with its links where it has some. */
function folderOf(name: string, links: Case["links"]): string {
  if (!links) return join(goldens, name);
  const copy = join(scratch, name);
  // Git keeps no empty directories.
  if (existsSync(join(goldens, name))) cpSync(join(goldens, name), copy, { recursive: true });
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    symlinkSync(target, join(copy, path));
  }
  return copy;
}

async function read(name: string, { map, data = "", links }: Case) {
  let mapping = map as string;
  if (typeof map === "object") {
    mapping = join(scratch, `${name}.yaml`);
    // JSON is YAML.
    writeFileSync(mapping, JSON.stringify(map));
  }
  const skipped: Skipped[] = [];
  const options = { audit: true, shuffleOptions: null, onSkipped: (each: Skipped) => skipped.push(each) };
  const { examples } = await readMapped(join(folderOf(name, links), data), mapping, options);
  return { examples, skipped: skipped.map(({ reason }) => reason) };
}

describe("data files", () => {
  const names = readdirSync(goldens).flatMap((file) => /^(?!versions)(.*)\.json$/.exec(file)?.[1] ?? []);
  it.each(names)("%s", async (name) => {
    const known = JSON.parse(readFileSync(join(goldens, `${name}.json`), "utf8")) as Case;
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
