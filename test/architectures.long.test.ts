/**
 * `lintel audit --engine torch` on checkpoints of any architecture: what it writes is what `transformers` itself generates
 * with the same embeddings fed, example by example (python/lintel_reference/architectures.py). Needs LINTEL_ENGINE, a command
 * that starts a Python with torch and transformers: python/engine.sh.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFamily } from "../src/families/index.ts";
import { type Example, writeDataset } from "../src/tasks/index.ts";
import {
  auditElsewhere,
  difference,
  needsPython,
  python,
  pythonModule,
  textsOf,
  tiles,
} from "./elsewhere.fixture.ts";

/** Checkpoints of python/lintel_reference/tiny.py, all or those that CASES names; those of `words` read no images. */
const wanted = (name: string): boolean => (process.env.CASES ?? name).split(" ").includes(name);
const seeing = [
  ...["qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe"],
  ...["internvl", "gemma3", "llava_onevision"],
].filter(wanted);
const words = ["gpt2", "llama"].filter(wanted);
const MARKERS = ["<|lvr_start|>", "<|lvr_sep|>", "<|lvr_end|>"] as const;
const [start, pad, end] = MARKERS.map((each) => JSON.stringify(each));
/** What random weights write is long enough to differ. */
const WORDS = 10;
const K = 3;
const COUNT = 4;
/** EXAMPLES in the environment: another number of them in the test of many. */
const MANY = Number(process.env.EXAMPLES ?? 200);
/** Files of families. An LVR-like loop (sampled ids recorded, no forced end), LanteRn's with other numbers, and no block. */
const files = {
  lvr: `name: lvr-like\nextends: lvr\nrules: { k: ${K}, start: ${start}, pad: ${pad}, end: ${end} }\noracle: rows\n`,
  mine: `name: mine\nextends: lantern\nrules: { k: ${K}, start: ${start}, pad: ${pad}, end: ${end}, entry: input }\n`,
  // What follows the block is taken for the answer.
  cued: `name: cued\nextends: lantern\nrules: { k: ${K}, start: ${start}, pad: ${pad}, end: ${end}, entry: input }\nanswerCue: ${end}\n`,
} as const;
const families = ["base", "lvr", "mine"] as const;
const interventions = ["own", "oracle", "zeros", "skip"] as const;

let scratch: string;
const at = (...parts: string[]): string => join(scratch, ...parts);
const tiny = (name: string): string => join(process.env.LINTEL_TINY ?? at("tiny"), name);
/** Questions of different lengths; every fourth shows two images. */
const examplesOf = (count: number, images: boolean): Example[] =>
  Array.from({ length: count }, (_, i): Example => {
    const shown = images ? [tiles(3 * i), ...(i % 4 === 3 ? [tiles(3 * i + 1)] : [])] : [];
    return {
      id: `e${i}`,
      question: `${shown.map(() => "<image>").join("")}${"Which piece fits the wall? ".repeat(1 + (i % 3))}${i}`,
      images: shown,
      options: ["A", "B", "C", "D"],
      answer: i % 4,
      helpers: images ? [tiles(3 * i + 2)] : [],
      counterfactuals: [null, null, null, null],
      attributes: {},
    };
  });

interface Found {
  texts: Record<string, string>;
  own?: number[][];
  oracle?: number[][];
}

/** Of each model and family, what transformers makes of the examples. */
async function reference(models: readonly string[], of: readonly string[], examples: readonly Example[]) {
  const asked = [];
  const file = (name: string, bytes: Uint8Array): string => {
    writeFileSync(at(name), bytes);
    return at(name);
  };
  const listed = async (name: string) => {
    const family = await readFamily(familyFile(name));
    return examples.map((example, i) => ({
      content: family.content(example),
      images: example.images.map((image, j) => file(`image-${i}-${j}.png`, image)),
      ...(example.helpers[0] && { helper: file(`helper-${i}.png`, example.helpers[0]) }),
    }));
  };
  for (const model of models)
    for (const name of of)
      asked.push({
        model: tiny(model),
        examples: await listed(name),
        families: [
          {
            ...{ kind: name, k: K, rows: name === "lvr", markers: MARKERS, maxTokens: WORDS },
            tail: name === "base" ? "" : MARKERS[0],
          },
        ],
      });
  const found = JSON.parse(
    pythonModule("lintel_reference.architectures", [], JSON.stringify(asked)),
  ) as Found[][][];
  return Object.fromEntries(
    models.map((model, m) => [
      model,
      Object.fromEntries(of.map((name, f) => [name, found[m * of.length + f]![0]!])),
    ]),
  );
}

const familyFile = (name: string): string => (name === "base" ? "base" : at(`${name}.yaml`));

/** An audit of a model in a family on data. */
const audit = (model: string, family: string, data: string) =>
  auditElsewhere(at("out", `${model}-${family}-${data}`), K, [
    ...["--model", tiny(model), "--data", at(data), "--family", familyFile(family)],
    ...["--interventions", family === "base" ? "own" : interventions.join()],
    ...["--max-tokens", String(WORDS)],
  ]);

const here = describe.skipIf(!python);
if (!python) it.skip(needsPython, () => undefined);

here("an audit of any architecture", () => {
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), "lintel-architectures-"));
    for (const [name, text] of Object.entries(files))
      writeFileSync(at(`${name}.yaml`), `${text}maxTokens: ${WORDS}\nprompt: { tail: ${start} }\n`);
    const about = { task: "tiles", title: "t", description: "d", seed: 0, parameters: {} };
    await writeDataset(at("seen"), { eval: examplesOf(COUNT, true) }, about);
    await writeDataset(at("read"), { eval: examplesOf(COUNT, false) }, about);
    const square = { width: 48, height: 48 };
    const one = examplesOf(COUNT, true).map((each, i) => ({
      ...each,
      question: `<image>${each.question.replaceAll("<image>", "")}`,
      images: [tiles(5 * i, square)],
    }));
    await writeDataset(at("cued"), { eval: one }, about);
    await writeDataset(at("many"), { eval: examplesOf(MANY, true) }, about);
    const missing = [...seeing, ...words].filter((name) => !existsSync(tiny(name)));
    if (missing.length > 0) pythonModule("lintel_reference.tiny", [tiny("."), ...missing]);
  }, 300_000);
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  for (const [names, data] of [
    [seeing, "seen"],
    [words, "read"],
  ] as const)
    describe.runIf(names.length > 0)(`that ${names === words ? "reads no images" : "reads images"}`, () => {
      let theirs: Awaited<ReturnType<typeof reference>>;
      beforeAll(async () => {
        theirs = await reference(names, families, examplesOf(COUNT, names === seeing));
      }, 300_000);
      for (const model of names)
        it(`${model}: text and latents are those of its own generate`, async () => {
          const all: string[] = [];
          for (const family of families) {
            const { outcomes, own, oracle, result } = await audit(model, family, data);
            const found = theirs[model]![family]!;
            for (const [i, outcome] of outcomes.entries()) {
              const texts = textsOf(outcome);
              expect({ family, i, texts }).toEqual({ family, i, texts: found[i]!.texts });
              all.push(...Object.values(texts));
            }
            expect(outcomes).toHaveLength(COUNT);
            const of = (what: "own" | "oracle") => found.map((each) => each[what]);
            if (family !== "base") expect(difference(own, of("own"))).toBeLessThan(1e-4);
            if (family !== "base" && names === seeing)
              expect(difference(oracle, of("oracle"))).toBeLessThan(1e-4);
            expect(result.engine.engine).toBe("torch");
          }
          // Texts of random weights are worth comparing where they differ.
          expect(new Set(all).size).toBeGreaterThan(2 * COUNT);
        });
    });

  for (const model of seeing.filter((name) =>
    ["qwen2_5_vl", "internvl", "gemma3", "llava_onevision"].includes(name),
  ))
    it(`${model}: windows of images are cut, and layers read, where its tokens are a raster`, async () => {
      const args = ["--model", tiny(model), "--data", at("cued"), "--family", at("cued.yaml")];
      const suites = ["--interventions", "own", "--suites", "knockout,prism", "--max-tokens", String(WORDS)];
      const { result } = await auditElsewhere(at("out", `${model}-windows`), K, [...args, ...suites]);
      const { regionBlocking, attention } = result.suites.knockout.results;
      const { logitLens } = result.suites.prism.results;
      const raster = model !== "llava_onevision";
      expect(logitLens.n).toBe(COUNT);
      expect(logitLens.slots.map(({ n }: { n: number }) => n)).toEqual(Array(K).fill(COUNT));
      expect(attention.n).toBe(COUNT);
      expect(regionBlocking.n > 0).toBe(raster);
      if (!raster) expect(regionBlocking.reason).toMatch(/no grid of patches/);
      else {
        // Nothing cut is the audit's own prompt; something cut is another.
        expect(regionBlocking.none).toBeLessThan(1e-3);
        expect(regionBlocking.state.value).toBeGreaterThan(1e-3);
      }
    });

  it(`qwen2_5_vl, LVR-like: ${MANY} of ${MANY} examples under own, oracle, zeros, skip`, async () => {
    const theirs = await reference(["qwen2_5_vl"], ["lvr"], examplesOf(MANY, true));
    const { outcomes, own } = await audit("qwen2_5_vl", "lvr", "many");
    const same = Object.fromEntries(
      interventions.map((name) => [
        name,
        outcomes.filter((each, i) => each[name]!.text === theirs.qwen2_5_vl!.lvr![i]!.texts[name]).length,
      ]),
    );
    expect(same).toEqual({ own: MANY, oracle: MANY, zeros: MANY, skip: MANY });
    const found = theirs.qwen2_5_vl!.lvr!;
    expect(
      difference(
        own,
        found.map((each) => each.own),
      ),
    ).toBeLessThan(1e-4);
  });
});
