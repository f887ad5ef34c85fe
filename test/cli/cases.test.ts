/**
 * Inputs that once gave a wrong number without a word, asked by the real command: every NAME.json of test/goldens/cases is
 * a case beside its folder of files. A new case needs no code. docs/cases.md lists them.
 */
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
import { afterAll, beforeAll, expect, it } from "vitest";
import { knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { readMapped } from "../../src/tasks/index.ts";
import { lintel } from "./run.ts";

interface Case {
  about: string;
  /** The folder, where it is not named as the case is. */
  folder?: string;
  /** A ready mapping, or a YAML file of the folder. */
  map: string;
  /** What is read, within the folder. */
  data?: string;
  links?: Record<string, string>;
  /** A family file. */
  family?: Record<string, unknown>;
  expect: {
    /** Exit code and message, where it is an error. */
    code?: number;
    error?: string;
    /** Examples asked, and accuracy of own latents. */
    n?: number;
    own?: number;
    warns?: string;
    /** A part of what a dry run says, of the first question's prompt, its first image's size, its options. */
    says?: string;
    prompt?: string;
    size?: [number, number];
    options?: string[];
    /** Of the examples as they are read: the first question, the first one's letters, every right text. */
    asked?: string;
    letters?: string[];
    right?: string[];
  };
}

const goldens = new URL("../goldens/cases/", import.meta.url).pathname;
const names = readdirSync(goldens).flatMap((file) => /^(.*)\.json$/.exec(file)?.[1] ?? []);

let scratch: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-cases-"));
  await saveKnownModel(join(scratch, "model"), knownModels[0]!);
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** Where the case's data and mapping are; links are made in a copy. */
function placed(name: string, { folder = name, map, data = "", links }: Case): { data: string; map: string } {
  let root = join(goldens, folder);
  if (links) {
    root = join(scratch, name);
    cpSync(join(goldens, folder), root, { recursive: true });
    for (const [path, target] of Object.entries(links)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      symlinkSync(target, join(root, path));
    }
  }
  return { data: join(root, data), map: map.endsWith(".yaml") ? join(root, map) : map };
}

it.each(names)("%s", async (name) => {
  const known = JSON.parse(readFileSync(join(goldens, `${name}.json`), "utf8")) as Case;
  const { data, map } = placed(name, known);
  const family = join(scratch, `${name}-family.yaml`);
  // JSON is YAML.
  if (known.family) writeFileSync(family, JSON.stringify(known.family));
  const audit = (...rest: string[]) =>
    lintel(
      ...["audit", "--model", join(scratch, "model"), "--data", data, "--map", map, "--interventions", "own"],
      ...[
        "--shuffle-options",
        "none",
        "--threads",
        "1",
        ...(known.family ? ["--family", family] : []),
        ...rest,
      ],
    );
  const { code = 0, error, n, own, warns, says, prompt, size, options, asked, letters, right } = known.expect;
  const ran = await audit("--json");
  expect(ran.err).toContain(error ?? warns ?? "");
  expect(ran.code).toBe(code);
  if (code !== 0) return;
  if (error === undefined && warns === undefined) expect(ran.err).not.toContain("lintel:");
  const result = JSON.parse(ran.out);
  if (n !== undefined) expect([result.n, result.interventions.own.accuracy]).toEqual([n, own]);
  if (says !== undefined) expect((await audit("--dry-run")).out).toContain(says);
  if (prompt ?? size ?? options) {
    const { question } = JSON.parse((await audit("--dry-run", "--json")).out);
    if (prompt) expect(question.prompt).toContain(prompt);
    if (size) expect(question.images[0].sizes[0]).toEqual({ width: size[0], height: size[1] });
    if (options) expect(question.optionTexts).toEqual(options);
  }
  if (asked ?? letters ?? right) {
    const { examples } = await readMapped(data, map, { audit: true });
    if (asked) expect(examples[0]!.question).toContain(asked);
    if (letters) expect(examples[0]!.options).toEqual(letters);
    if (right) expect(examples.map(({ optionTexts, answer }) => optionTexts![answer])).toEqual(right);
  }
});

it("docs/cases.md names every case here, and tests that exist", () => {
  const root = new URL("../../", import.meta.url).pathname;
  const page = readFileSync(join(root, "docs/cases.md"), "utf8");
  const named = [...page.matchAll(/`((?:src|test|scripts)\/[\w./-]+)`/g)].map(([, path]) => path!);
  expect(named.length).toBeGreaterThan(60);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  const folders = names.map((name) => name.replace(/^parquet-(?!gzip)/, "-").replace(/-blended$/, ""));
  expect(folders.filter((name) => !page.includes(name))).toEqual([]);
});
