/** `lintel export`: what other tools read. TensorBoard, DuckDB and pandas read it in python/lintel_reference/parity/exports.py. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { judgeFiles, readAuditResult } from "../../src/audit/index.ts";
import { openParquet } from "../../src/formats/index.ts";
import { writeAuditPage } from "../../src/report/index.ts";
import { dummies, plant } from "../support/planted.ts";
import { writePlantedAudit } from "../support/planted-audit.ts";
import { lintel } from "./run.ts";

let scratch: string;
const at = (...names: string[]): string => join(scratch, ...names);
const audit = "run/audits/t/r/0/eval";
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-export-"));
  const rates = { own: 0.5, oracle: 0.9, ...dummies(0.4) };
  await writePlantedAudit(at(audit), plant({ n: 30, seed: 3, rates, shared: 0.5 }));
  mkdirSync(at("run/models/t/r/0"), { recursive: true });
  const lines = [1, 2].flatMap((step) => [
    { step, seconds: step / 2, loss: 1 / step, textLoss: 1 },
    { step, seconds: step / 2, accuracy: { own: step / 4 } },
  ]);
  writeFileSync(
    at("run/models/t/r/0/training.jsonl"),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  );
  await writeAuditPage(at(audit), { title: "m" });
  const { code, err } = await lintel("export", at("run"), "--out", at("out"));
  expect(code, err).toBe(0);
});
afterAll(() => rmSync(scratch, { recursive: true }));

const tsv = (...names: string[]) =>
  readFileSync(at("out", ...names), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));

it("latents: one row for each slot that counts, as Parquet", async () => {
  const file = await openParquet(at("out/latents.parquet"));
  const rows = [];
  for await (const block of file.read(file.columns)) rows.push(...block);
  await file.close();
  // 30 examples with oracles, 29 with own latents, two slots each.
  expect(rows).toHaveLength(2 * (30 + 29));
  expect(rows.filter(({ example, kind }) => example === "000001" && kind === "own")).toEqual([]);
  expect(rows[0]).toMatchObject({ audit: "t/r/0/eval", example: "000000", kind: "own", block: 0, slot: 0 });
  expect((rows[0]!.vector as number[]).every(Number.isFinite)).toBe(true);
});

it("Embedding Projector: as many points as rows of metadata, the mean over slots", async () => {
  const vectors = tsv("projector/t/r/0/eval/vectors.tsv");
  const [head, ...metadata] = tsv("projector/t/r/0/eval/metadata.tsv");
  expect(head).toEqual(["example", "kind", "answer", "own", "correct", "size", "index"]);
  expect([vectors.length, metadata.length]).toEqual([59, 59]);
  const means = [0, 1, 2].map(
    (d) => (Math.fround(Math.sin(1 + d * 1.7)) + Math.fround(Math.sin(1 + (d + 3) * 1.7))) / 2,
  );
  expect(vectors[0]!.map(Number)).toEqual(means.map((value) => expect.closeTo(value, 6)));
  expect(readFileSync(at("out/projector/t/r/0/eval/projector_config.pbtxt"), "utf8")).toContain(
    'metadata_path: "metadata.tsv"',
  );
});

it("VLMEvalKit: tables that lintel judge reads back to the same accuracies", async () => {
  const directory = at("out/vlmevalkit/t/r/0/eval");
  const files = readdirSync(directory);
  expect(files).toHaveLength(7);
  const judged = await judgeFiles({
    files: files.map((name) => ({ intervention: name.replace(".tsv", ""), path: join(directory, name) })),
  });
  const made = await readAuditResult(at(audit));
  for (const [name, { accuracy, n }] of Object.entries(made.interventions))
    expect(judged.interventions[name]).toMatchObject({ accuracy, n });
});

it("figures: SVG with its palette, and the rows that the page has behind it", async () => {
  const { code } = await lintel("export", at(audit), "--to", "figures", "--out", at("figures"));
  expect(code).toBe(0);
  expect(readdirSync(at("figures/figures")).sort()).toEqual(
    ["accuracy", "s0-paired", "s0-pairs", "s0-plane"].flatMap((name) => [
      `audit-${name}.csv`,
      `audit-${name}.svg`,
    ]),
  );
  expect(readFileSync(at("figures/figures/audit-accuracy.svg"), "utf8")).toMatch(
    /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*><style>svg \{[^}]*--own: #/,
  );
  const [head, ...rows] = readFileSync(at("figures/figures/audit-accuracy.csv"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
  expect(head).toEqual(["intervention", "seed", "accuracy", "low", "high"]);
  const { interventions } = await readAuditResult(at(audit));
  expect(rows.map(([name]) => name).sort()).toEqual(Object.keys(interventions).sort());
  for (const [name, , accuracy] of rows)
    expect(Number(accuracy)).toBeCloseTo(interventions[name!]!.accuracy!, 4);
});

it("curves of every model, and what is missing is said", async () => {
  expect(readdirSync(at("out/tensorboard/t/r/0"))).toEqual(["events.out.tfevents.0000000000.lintel"]);
  const { out } = await lintel("export", at("run"), "--out", at("again"));
  expect(out).toContain("tensorboard: curves of 1 models");
  expect(out).toMatch(/figures: none, `lintel report .*` writes the page/);
  const { code, err } = await lintel("export", at("run"), "--to", "parquett", "--out", at("x"));
  expect([code, err]).toEqual([
    2,
    expect.stringMatching(/--to: unknown format "parquett"\. Did you mean "parquet"/),
  ]);
  expect((await lintel("export", at("nothing"), "--out", at("x"))).code).toBe(1);
});
