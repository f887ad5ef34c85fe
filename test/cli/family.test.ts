/** `lintel audit --family`: names, files of block rules, and what is wrong with them; on a known-answer checkpoint. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeKnown } from "./known.ts";
import { lintel } from "./run.ts";

let scratch: string;
const at = (name: string): string => join(scratch, name);
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-family-"));
  await writeKnown(scratch);
});
afterAll(() => rmSync(scratch, { recursive: true }));

const audit = (...rest: string[]) =>
  lintel(
    "audit",
    "--model",
    at("model"),
    "--data",
    at("data"),
    "--interventions",
    "own,zeros",
    "--json",
    ...rest,
  );
const file = (name: string, text: string): string => {
  writeFileSync(at(name), text);
  return at(name);
};

describe("--family", () => {
  it("runs the loop of the checkpoint where nothing is said, and says which it was", async () => {
    const { code, out } = await audit();
    expect(code).toBe(0);
    expect(JSON.parse(out).loop).toMatchObject({
      ...{ family: "lantern", dialect: "lantern", k: 2, latentRate: 1, blocks: 8 },
      ...{ steps: { 2: 8 }, endings: { count: 8 } },
      decoding: { repetitionPenalty: 1, maxTokens: 64, sampling: "greedy" },
    });
  });

  it("runs the loop of a file, with what the command line says of decoding", async () => {
    const rules = file(
      "one.yaml",
      "name: one-latent\nextends: lantern\nrules: { k: 1, recordSampled: true }\n",
    );
    const out = at("one");
    const ran = await audit(
      "--family",
      rules,
      "--max-tokens",
      "40",
      "--repetition-penalty",
      "1.01",
      "--out",
      out,
    );
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out).loop).toMatchObject({
      ...{ family: "one-latent", dialect: "one-latent", k: 1, steps: { 1: 8 } },
      decoding: { repetitionPenalty: 1.01, maxTokens: 40 },
    });
    expect(JSON.parse(readFileSync(join(out, "asked.json"), "utf8")).loop).toMatchObject({
      ...{ dialect: "one-latent", repetitionPenalty: 1.01, maxTokens: 40 },
      rules: { k: 1, recordSampled: true },
    });
    const other = await audit("--out", out);
    expect([other.code, other.err]).toEqual([2, expect.stringMatching(/expected one-latent, got lantern/)]);
  });

  it("goes on with what was asked there only while the file says the same, whatever its name", async () => {
    const out = at("same-name");
    const plain = "name: mine\nextends: lantern\n";
    const asked = (text: string, to = out) =>
      audit("--family", file("mine.yaml", text), "--out", to, "--interventions", "own");
    expect((await asked(plain)).code).toBe(0);
    expect((await asked(`# a remark\n${plain}`)).code).toBe(0);
    for (const [changed, word] of [
      ['prompt: { suffix: " colour" }', /content of its file/],
      ["prompt: { system: colour }", /content of its file/],
      ["answerCue: colour", /content of its file/],
      ["oracle: none", /content of its file/],
      ["transparency: white", /content of its file/],
      ["rules: { k: 1 }", /rules/],
    ] as const) {
      const { code, err } = await asked(`${plain}${changed}\n`);
      expect([changed, code, err]).toEqual([changed, 2, expect.stringMatching(word)]);
    }
    // The name of a family of Lintel's own does not make it one.
    const own = at("own-family");
    expect((await audit("--out", own, "--interventions", "own")).code).toBe(0);
    const disguised = await asked("name: lantern\nrules: { k: 1 }\n", own);
    expect([disguised.code, disguised.err]).toEqual([2, expect.stringMatching(/family: rules/)]);
  });

  it("asks a model without latents for its own answers only", async () => {
    const base = await lintel(
      ...["audit", "--model", at("model"), "--data", at("data"), "--interventions", "own", "--json"],
      ...["--family", "base"],
    );
    expect(base.code).toBe(0);
    expect(JSON.parse(base.out).loop).toMatchObject({ dialect: "base", latentRate: 0, blocks: 0 });
  });

  it.each([
    ["a name that is none", () => "lantren", /lantern/],
    ["a file that is not there", () => at("none.yaml"), /none\.yaml.*ENOENT/],
    [
      "a misspelt key",
      () => file("a.yaml", "name: a\nrules: { forcedEnd: true }"),
      /rules\.forcedEnd; did you mean forceEnd\?/,
    ],
    [
      "rules that contradict each other",
      () => file("b.yaml", "name: b\nrules: { bounded: false }"),
      /without anything that ends a block/,
    ],
    [
      "a family whose tokens the checkpoint lacks",
      () => "skila",
      /"sketch_start_id" or a token <\|sketch_start\|>/,
    ],
    [
      "a head that the checkpoint lacks",
      () => file("c.yaml", "name: c\nrules: { head: { kind: simple } }"),
      /lvr_head\.ln_q\.weight/,
    ],
    [
      "a vector that the checkpoint lacks",
      () => file("d.yaml", "name: d\nrules: { stop: { tensor: end, below: 1 } }"),
      /tensor end/,
    ],
    [
      "ids beyond the table",
      () => file("e.yaml", "name: e\nrules: { pad: 99999 }"),
      /ids below \d+, the rows of the embedding table.*99999/,
    ],
  ])("refuses %s", async (_, family, message) => {
    const { code, err } = await audit("--family", family());
    expect(code).toBeGreaterThan(0);
    expect(err.replaceAll(/\s+/g, " ")).toMatch(message);
  });
});
