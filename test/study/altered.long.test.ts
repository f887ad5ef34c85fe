/** A finished study, altered in every way that was thought of: found by the same command, the report and `lintel verify`. */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildReport } from "../../src/report/index.ts";
import { runStudy, verifyRun } from "../../src/study/index.ts";
import { lintel } from "../cli/run.ts";

let scratch: string;
let plan: string;
const audits = [{ split: "eval", interventions: ["own", "zeros"] }];
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-altered-"));
  plan = join(scratch, "tiny.yaml");
  const training = { steps: 2, batch: 4, warmup: 1, followExamples: 2 };
  writeFileSync(
    plan,
    JSON.stringify({
      name: "tiny",
      datasets: { crop: { train: 16, eval: 6, heldOut: 0, parameters: { rendering: "pocket" } } },
      cells: [
        { task: "crop", recipe: "text", training, audits },
        { task: "crop", recipe: "joint", base: "crop/text", training, audits },
      ],
    }),
  );
  const { code, err } = await lintel("study", plan, "--out", join(scratch, "whole"), "--workers", "1");
  expect(code, err).toBe(0);
}, 180_000);
afterAll(() => rmSync(scratch, { recursive: true }));

/** A copy of the finished run. */
function copy(name: string): string {
  const to = join(scratch, name);
  cpSync(join(scratch, "whole"), to, { recursive: true, preserveTimestamps: true });
  return to;
}
const audit = "audits/crop/joint/0/eval";
const model = "models/crop/joint/0";
const edit = (run: string, path: string, from: RegExp | string, to: string): void => {
  const text = readFileSync(join(run, path), "utf8");
  expect(text).toMatch(from);
  writeFileSync(join(run, path), text.replace(from, to));
};
const flip = (run: string, path: string, at = -5): void => {
  const bytes = readFileSync(join(run, path));
  const i = at < 0 ? bytes.length + at : at;
  bytes[i]! ^= 1;
  writeFileSync(join(run, path), bytes);
};
const shard = "datasets/crop/data/eval-00000-of-00001.parquet";

const alterations: [string, string, (run: string) => void][] = [
  [
    "an outcome's choice",
    audit,
    (run) => edit(run, `${audit}/outcomes.jsonl`, /"choice":(null|\d)/, '"choice":3'),
  ],
  [
    "an outcome's right answer",
    audit,
    (run) => edit(run, `${audit}/outcomes.jsonl`, /"answer":\d/, '"answer":9'),
  ],
  [
    "an outcome with its checksum left out",
    audit,
    (run) => edit(run, `${audit}/outcomes.jsonl`, /,"check":"[0-9a-f]+"/, ""),
  ],
  [
    "an outcome twice",
    audit,
    (run) =>
      appendFileSync(
        join(run, audit, "outcomes.jsonl"),
        readFileSync(join(run, audit, "outcomes.jsonl"), "utf8").split("\n")[0]!,
      ),
  ],
  ["an outcome less", audit, (run) => edit(run, `${audit}/outcomes.jsonl`, /^.*\n/, "")],
  ["no outcomes", audit, (run) => truncateSync(join(run, audit, "outcomes.jsonl"))],
  [
    "outcomes in another order",
    audit,
    (run) => {
      const path = join(run, audit, "outcomes.jsonl");
      const lines = readFileSync(path, "utf8").trimEnd().split("\n");
      writeFileSync(path, `${lines.reverse().join("\n")}\n`);
    },
  ],
  ["a byte of the latents", audit, (run) => flip(run, `${audit}/latents.safetensors`)],
  ["no latents", audit, (run) => rmSync(join(run, audit, "latents.safetensors"))],
  ["an accuracy", audit, (run) => edit(run, `${audit}/audit.json`, /"accuracy": [\d.]+/, '"accuracy": 1')],
  [
    "a verdict",
    audit,
    (run) => edit(run, `${audit}/audit.json`, /"verdict": "[\w-]+"/, '"verdict": "load-bearing"'),
  ],
  ["a space in audit.json", audit, (run) => appendFileSync(join(run, audit, "audit.json"), " ")],
  ["a word of verdict.md", audit, (run) => edit(run, `${audit}/verdict.md`, /[a-z]{5}/, "other")],
  ["a number of table.tex", audit, (run) => edit(run, `${audit}/table.tex`, /\d/, "7")],
  ["the request of an audit", audit, (run) => edit(run, `${audit}/asked.json`, /"seed": 0/, '"seed": 1')],
  ["no audit", audit, (run) => rmSync(join(run, audit), { recursive: true })],
  [
    "another audit in its place",
    audit,
    (run) => {
      rmSync(join(run, audit), { recursive: true });
      cpSync(join(run, "audits/crop/text/0/eval"), join(run, audit), { recursive: true });
    },
  ],
  [
    "the base of rotary positions",
    model,
    (run) => edit(run, `${model}/config.json`, /"rope_theta": [\d.]+/, '"rope_theta": 9'),
  ],
  ["a weight", model, (run) => flip(run, `${model}/model.safetensors`)],
  [
    "weights of another model",
    model,
    (run) => cpSync(join(run, "models/crop/text/0/model.safetensors"), join(run, model, "model.safetensors")),
  ],
  ["a token", model, (run) => edit(run, `${model}/tokenizer.json`, /"id": ?\d+/, '"id": 4000')],
  ["a file more in a model", model, (run) => writeFileSync(join(run, model, "added_tokens.json"), "{}")],
  [
    "a loss of the training",
    model,
    (run) => edit(run, `${model}/training.jsonl`, /"loss":[\d.]+/, '"loss":0'),
  ],
  [
    "the steps of a training",
    model,
    (run) => edit(run, `${model}/training.json`, /"steps":\d+/, '"steps":9'),
  ],
  ["no training journal", model, (run) => rmSync(join(run, model, "training.jsonl"))],
  ["no weights", model, (run) => rmSync(join(run, model, "model.safetensors"))],
  [
    "a link instead of weights",
    model,
    (run) => {
      const path = join(run, model, "model.safetensors");
      renameSync(path, join(run, "weights"));
      truncateSync(join(run, "weights"), 100);
      symlinkSync(join(run, "weights"), path);
    },
  ],
  ["a byte of a dataset", "datasets/crop", (run) => flip(run, shard)],
  ["a shorter dataset", "datasets/crop", (run) => truncateSync(join(run, shard), 1000)],
  ["no dataset", "datasets/crop", (run) => rmSync(join(run, "datasets/crop"), { recursive: true })],
  [
    "a number of the dataset's manifest",
    "datasets/crop",
    (run) => edit(run, "datasets/crop/lintel.json", /"seed": 0/, '"seed": 1'),
  ],
  [
    "the card of a dataset",
    "datasets/crop",
    (run) => appendFileSync(join(run, "datasets/crop", "README.md"), "x"),
  ],
  [
    "a figure of the card",
    "datasets/crop",
    (run) => {
      const [name] = readdirSync(join(run, "datasets/crop/figure"));
      flip(run, `datasets/crop/figure/${name}`);
    },
  ],
  ["no manifest", audit, (run) => rmSync(join(run, audit, "manifest.json"))],
  [
    "a digest in a manifest",
    audit,
    (run) => edit(run, `${audit}/manifest.json`, /"sha256": "\w{8}/, '"sha256": "00000000'),
  ],
  ["a manifest that is none", audit, (run) => writeFileSync(join(run, audit, "manifest.json"), "{}")],
  [
    "an accuracy with its manifest made to fit",
    audit,
    (run) => {
      // as somebody does who knows how Lintel seals: the results still name the old digest
      edit(run, `${audit}/audit.json`, /"accuracy": [\d.]+/, '"accuracy": 1');
      const other = join(run, "audits/crop/text/0/eval/manifest.json");
      cpSync(other, join(run, audit, "manifest.json"));
    },
  ],
  [
    "an accuracy of results.json",
    "results.json",
    (run) => edit(run, "results.json", /"accuracy": [\d.]+/, '"accuracy": 1'),
  ],
  [
    "the seconds of results.json",
    "results.json",
    (run) => edit(run, "results.json", /"seconds": [\d.]+/, '"seconds": 1'),
  ],
  [
    "the digest of results.json",
    "results.json",
    (run) => edit(run, "results.json", /"digest": "\w/, '"digest": "x'),
  ],
];

describe("a run with", () => {
  it.each(alterations)("%s is refused, naming %s", async (name, part, alter) => {
    const run = copy(name.replaceAll(/\W/g, "-"));
    alter(run);
    const { parts } = await verifyRun(run);
    const altered = parts.filter(({ state }) => state === "altered").map((each) => each.part);
    expect(altered).toContain(part);
    const message = await runStudy({ preset: plan, out: run }).catch((error: Error) => error.message);
    expect(message).toContain(part);
    await expect(buildReport(run)).rejects.toThrow(part);
    rmSync(run, { recursive: true });
  });

  it.each(alterations.filter(([, part]) => part !== "results.json").filter((_, i) => i % 4 === 0))(
    "%s is found although size and times are as before",
    async (name, _part, alter) => {
      const run = copy(`times-${name.replaceAll(/\W/g, "-")}`);
      const times = new Map(
        readdirSync(run, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(({ parentPath, name: file }) => join(parentPath, file))
          .map((path) => [path, statSync(path)]),
      );
      alter(run);
      for (const [path, { atime, mtime }] of times) if (existsSync(path)) utimesSync(path, atime, mtime);
      expect((await verifyRun(run, { all: true })).parts.some(({ state }) => state === "altered")).toBe(true);
      expect((await verifyRun(run)).parts.some(({ state }) => state === "altered")).toBe(true);
      rmSync(run, { recursive: true });
    },
  );
});

describe("a whole run", () => {
  it("is verified by its digest, wherever it is copied", async () => {
    const run = copy("moved");
    const found = await lintel("verify", run, "--json");
    expect(found.code, found.err).toBe(0);
    const { digest, parts } = JSON.parse(found.out);
    expect(digest).toBe(JSON.parse(readFileSync(join(run, "results.json"), "utf8")).digest);
    expect(parts.map(({ part }: { part: string }) => part)).toEqual([
      "audits/crop/joint/0/eval",
      "audits/crop/text/0/eval",
      "datasets/crop",
      "models/crop/joint/0",
      "models/crop/text/0",
      "study.json",
      "results.json",
    ]);
    expect((await lintel("verify", run, "--digest", digest.slice(0, 16))).code).toBe(0);
    for (const other of ["0".repeat(16), digest.slice(0, 4)])
      expect((await lintel("verify", run, "--digest", other)).err).toMatch(/expected the digest/);
    expect((await lintel("verify", join(run, model))).out).toMatch(/All files are as they were written/);
    flip(run, `${model}/config.json`);
    const altered = await lintel("verify", run);
    expect([altered.code, altered.err]).toEqual([
      1,
      expect.stringContaining(`${model}: config.json was changed`),
    ]);
    expect((await lintel("verify", scratch)).code).toBe(2);
  }, 60_000);

  it("of a version without manifests is accepted, with a note", async () => {
    const run = copy("old");
    for (const path of readdirSync(run, { recursive: true, encoding: "utf8" }))
      if (path.endsWith("manifest.json")) rmSync(join(run, path));
    edit(run, "results.json", /,\s*"parts": \{[^}]*\},\s*"digest": "\w+"/, "");
    const notes: string[] = [];
    const results = await runStudy({ preset: plan, out: run, onWarning: (text) => notes.push(text) });
    expect(results.cells).toHaveLength(2);
    expect(notes).toEqual([expect.stringMatching(/6 of its parts have no manifest.json/)]);
    expect(await buildReport(run)).toContain("<html");
    expect((await lintel("verify", run)).err).toMatch(/expected a manifest of every part/);
  }, 60_000);

  it("with altered parts is made again on request, and only what depends on them", async () => {
    const run = copy("redo");
    const untouched = readFileSync(join(run, "models/crop/text/0/training.json"), "utf8");
    const before = readFileSync(join(run, model, "model.safetensors"));
    flip(run, `${model}/model.safetensors`);
    const { code, err } = await lintel("study", plan, "--out", run, "--redo-altered", "--workers", "1");
    expect(code, err).toBe(0);
    expect(readFileSync(join(run, "models/crop/text/0/training.json"), "utf8")).toBe(untouched);
    expect(readFileSync(join(run, model, "model.safetensors")).equals(before)).toBe(true);
    expect((await lintel("verify", run)).code).toBe(0);
  }, 120_000);
});
