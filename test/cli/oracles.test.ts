/** What oracles are made of: by box for LVR, by a teacher for ILVR; recorded, counted, and never mixed in one directory. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodePng } from "../../src/formats/index.ts";
import { expectedTensors, openCheckpoint, pocketConfig, saveCheckpoint } from "../../src/qwen/index.ts";
import { writeKnown } from "./known.ts";
import { lintel } from "./run.ts";

let scratch: string;
const at = (name: string): string => join(scratch, name);
const markers = "start: <|lvr_start|>, end: <|lvr_end|>, pad: <|lvr_sep|>, k: 2";

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-oracles-"));
  await writeKnown(scratch);
  mkdirSync(at("viscot"));
  const records = Array.from({ length: 8 }, (_, i) => {
    const pixels = new Uint8Array(24 * 12 * 3).fill(20 * i);
    writeFileSync(join(at("viscot"), `${i}.png`), encodePng({ width: 24, height: 12, pixels }));
    const record = { question: "Which?", options: ["A. up", "B. down"], answer: "AB"[i % 2] };
    return { ...record, img_path: `${i}.png`, ...(i < 6 && { bbox: [0, 0, 24, 12] }) };
  });
  writeFileSync(join(at("viscot"), "test.jsonl"), records.map((each) => JSON.stringify(each)).join("\n"));
  for (const [name, parent, oracle] of [
    ["boxed", "lvr", ""],
    ["rows", "lvr", "oracle: rows"],
    ["taught", "ilvr", ""],
    ["sketched", "skila", ""],
  ])
    writeFileSync(
      at(`${name}.yaml`),
      `name: ${parent}\nextends: ${parent}\nrules: { ${markers}${name === "sketched" ? ", oracleK: 2" : ""} }\n${oracle}\n`,
    );
});
afterAll(() => rmSync(scratch, { recursive: true }));

const audit = (data: string, family: string, ...rest: string[]) =>
  lintel(
    ...["audit", "--model", at("model"), "--data", at(data), "--family", at(`${family}.yaml`)],
    ...["--interventions", "own,oracle", "--threads", "1", ...rest],
  );

describe("LVR's oracle", () => {
  it("is made of boxes where they are told, which is recorded by example and counted", async () => {
    const out = at("boxes");
    const ran = await audit("viscot", "boxed", "--map", "viscot-mc", "--out", out, "--json");
    expect([ran.code, ran.err]).toEqual([0, expect.any(String)]);
    expect(JSON.parse(ran.out).loop).toMatchObject({
      oracles: { box: 6, none: 2 },
      oracle: expect.stringMatching(/features within the box/),
    });
    const made = readFileSync(join(out, "outcomes.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).oracle);
    expect(made).toEqual([...Array(6).fill("box"), undefined, undefined]);
    // A block of the oracle is as long as the box has cells.
    expect(JSON.parse(ran.out).interventions.oracle.n).toBe(6);
    const other = await audit("viscot", "rows", "--map", "viscot-mc", "--out", out);
    expect([other.code, other.err]).toEqual([
      2,
      expect.stringMatching(/features in boxes, got helpers' features.*other oracles/s),
    ]);
    expect((await audit("viscot", "boxed", "--map", "viscot-mc")).out.replaceAll(/\s+/g, " ")).toMatch(
      /oracle latents from box \(6\), none \(2\): the input image's features/,
    );
  });

  it("is made of helpers where no box is told", async () => {
    const ran = await audit("data", "boxed", "--json");
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out).loop.oracles).toEqual({ helper: 8 });
  });
});

describe("--oracle-model", () => {
  it("lets ILVR's teacher select", async () => {
    const out = at("teacher");
    const ran = await audit("data", "taught", "--oracle-model", at("model"), "--out", out, "--json");
    expect([ran.code, ran.err]).toEqual([0, expect.any(String)]);
    expect(JSON.parse(ran.out).loop).toMatchObject({
      oracles: { teacher: 8 },
      oracle: expect.stringMatching(/hidden states of the teacher .*model, as in training/),
    });
    const without = await audit("data", "taught", "--out", out);
    expect([without.code, without.err]).toEqual([2, expect.stringMatching(/other oracles cannot be mixed/)]);
    const stand = JSON.parse((await audit("data", "taught", "--json")).out);
    expect(stand.loop).toMatchObject({
      oracles: { helper: 8 },
      oracle: expect.stringMatching(/--oracle-model/),
    });
  });

  it("says what of SkiLa's targets a released checkpoint lacks", async () => {
    const encoder = new URL("../goldens/families/skila/encoder", import.meta.url).pathname;
    const released = await audit("data", "sketched", "--oracle-model", encoder);
    expect([released.code, released.out]).toEqual([1, ""]);
    expect(released.err).toMatch(/sketch_extractor\.sketch_proj\.weight.*got no sketch_extractor/s);
    const without = JSON.parse((await audit("data", "sketched", "--json")).out);
    expect(without.notApplied.oracle).toMatchObject({ n: 8, reason: expect.stringMatching(/SigLIP2/) });
    expect(without.loop.oracles).toEqual({ none: 8 });
  });

  it("is refused where training had no such network, where there is none, and where it does not fit", async () => {
    const lvr = await audit("data", "boxed", "--oracle-model", at("model"));
    expect([lvr.code, lvr.err]).toEqual([2, expect.stringMatching(/second network.*got lvr/s)]);
    const none = await audit("data", "taught", "--oracle-model", at("nothing"));
    expect([none.code, none.err]).toEqual([
      1,
      expect.stringMatching(/nothing: expected a checkpoint directory/),
    ]);
    cpSync(at("model"), at("narrow"), { recursive: true });
    const { config: wide } = await openCheckpoint(at("model"));
    const config = pocketConfig({ vocabSize: wide.text.vocabSize, hiddenSize: 16, layers: 1, heads: 2 });
    const weights = [...expectedTensors(config)].map(([name, shape]) => {
      return [name, { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }] as const;
    });
    await saveCheckpoint(at("narrow"), { config, weights: new Map(weights) });
    const misfit = await audit("data", "taught", "--oracle-model", at("narrow"));
    expect([misfit.code, misfit.out]).toEqual([1, ""]);
    expect(misfit.err).toMatch(/narrow: expected a teacher.*width \d+.*got .*width 16/s);
  });
});
