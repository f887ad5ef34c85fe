/**
 * `lintel audit --engine torch` of a CVRR export: ids and states are those of the family's loop, written again without caches
 * (python/lintel_reference/cvrr.py), example by example; interventions compare words with the same words. Needs LINTEL_ENGINE, a
 * command that starts a Python with torch and transformers: python/engine.sh.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { families } from "../src/families/index.ts";
import { readSafetensors, toFloat32 } from "../src/formats/index.ts";
import { type Example, writeDataset } from "../src/tasks/index.ts";
import { lintel } from "./cli/run.ts";
import {
  auditElsewhere,
  loopResults,
  needsPython,
  python,
  pythonModule,
  textsOf,
  tiles,
} from "./elsewhere.fixture.ts";
import { worstDifference } from "./tiny.fixture.ts";

const WORDS = 10;
const compared = ["own", "own-steps(1)", "own-steps(7)", "zeros", "skip"];
/** Beside them in the same batches. */
const beside = ["sham", "own@dropped", "mean", "question-mean", "noise-matched", "other-own", "other-image"];
/** EXAMPLES in the environment: another number of them. */
const MANY = Number(process.env.EXAMPLES ?? 200);

let scratch: string;
const at = (...parts: string[]): string => join(scratch, ...parts);
/** Three in each group of four ask in the same words; the fourth is alone with its number of words. */
const examples = Array.from({ length: MANY }, (_, i): Example => {
  const images = [tiles(3 * i), ...(i % 5 === 3 ? [tiles(3 * i + 1)] : [])];
  const asked = i % 4 === 3 ? `${"Which one ".repeat(2 + Math.floor(i / 4))}` : "Which piece fits the wall?";
  return {
    id: `e${i}`,
    question: `${images.map(() => "<image>").join("")}${asked}`,
    images,
    options: ["A", "B", "C", "D"],
    answer: i % 4,
    helpers: [],
    counterfactuals: [null, null, null, null],
    attributes: {},
  };
});

if (!python) it.skip(needsPython, () => undefined);

describe.skipIf(!python)("CVRR by the PyTorch engine", () => {
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), "lintel-cvrr-"));
    pythonModule("lintel_reference.cvrr", [at("model")]);
    const described = { task: "cvrr", title: "cvrr", description: "cvrr", seed: 0, parameters: {} };
    await writeDataset(at("data"), { eval: examples }, described);
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  const audit = (...args: string[]) =>
    lintel(
      ...["audit", "--engine", "torch", "--python", python!, "--device-map", "cpu", "--dtype", "float32"],
      ...["--model", at("model"), "--data", at("data"), "--limit", "4", ...args],
    );

  it(`${MANY} of ${MANY} examples under own, other numbers of steps, zeros and skip`, async () => {
    const theirs = loopResults(
      "lintel_reference.cvrr",
      { model: at("model"), words: WORDS, family: families.cvrr, directory: scratch },
      examples,
    );
    const { outcomes, result } = await auditElsewhere(at("out"), 1, [
      ...["--model", at("model"), "--data", at("data"), "--max-tokens", String(WORDS)],
      ...["--interventions", [...compared, ...beside].join()],
    ]);
    expect(outcomes).toHaveLength(MANY);
    const texts = outcomes.map(textsOf);
    const other = texts.flatMap((ours, i) =>
      compared
        .filter((name) => ours[name] !== theirs[i]!.texts[name])
        .map((name) => ({ i, name, ours: ours[name], theirs: theirs[i]!.texts[name] })),
    );
    expect(other).toEqual([]);
    const stored = await readSafetensors(at("out", "latents.safetensors"));
    const counts = toFloat32(stored.get("ownCount")!);
    const [, slots, width] = stored.get("own")!.shape as [number, number, number];
    const own = toFloat32(stored.get("own")!);
    for (const [i, found] of theirs.entries()) {
      expect(counts[i]).toBe(found.own.length);
      const mine = own.subarray(i * slots * width, (i * slots + counts[i]!) * width);
      expect(worstDifference(mine, found.own.flat())).toBeLessThan(1e-4);
    }
    // Worth comparing: each changes texts.
    for (const name of compared.slice(1))
      expect(theirs.filter((each) => each.texts[name] !== each.texts.own).length, name).toBeGreaterThan(
        MANY / 4,
      );
    // What changes nothing.
    for (const each of texts) expect([each.sham, each["own@dropped"]]).toEqual([each.own, each.own]);
    // Alone with its words: no mean, and no noise around it; alone with their number: nobody's latents.
    const alone = <T>(all: readonly T[], i: number): boolean =>
      all.filter((each) => each === all[i]).length < 2;
    const questions = examples.map(({ question }) => question);
    for (const [i, each] of texts.entries()) {
      for (const name of ["mean", "question-mean", "noise-matched"])
        expect([i, name, each[name] === undefined]).toEqual([i, name, alone(questions, i)]);
      expect([i, each["other-own"] === undefined]).toEqual([i, alone([...counts], i)]);
    }
    expect(texts.filter((each) => each.mean === undefined).length).toBeGreaterThan(MANY / 5);
    for (const each of texts) expect(each.mean).toBe(each["question-mean"]);
    expect(result.loop).toMatchObject({ family: "cvrr" });
    expect(result.geometry.slots).toBeUndefined();
  });

  it("by default has the interventions that mean something, and refuses others with the reason", async () => {
    const ran = await audit("--out", at("usual"), "--max-tokens", "4");
    expect(ran.code, ran.err).toBe(0);
    // A slot for each word of the first question.
    const shown = await audit("--dry-run");
    const ids = readFileSync(at("usual", "outcomes.jsonl"), "utf8").split("\n")[0]!;
    const [length] = JSON.parse(ids).outcomes.own.lengths;
    expect([shown.code, shown.out]).toEqual([0, expect.stringContaining(`blocks of ${length} slots`)]);
    const asked = await audit("--interventions", "zeros,oracle");
    expect([asked.code, asked.err]).toEqual([2, expect.stringMatching(/intervention oracle, family cvrr/)]);
    const path = await audit("--interventions", "own@visible");
    expect([path.code, path.err]).toEqual([2, expect.stringMatching(/the answer never sees the image/)]);
    const planned = await audit("--interventions", "own,knockout(slots)", "--dry-run");
    expect([planned.code, planned.err]).toEqual([2, expect.stringMatching(/knockout\(slots\), family cvrr/)]);
  });

  it("is refused without an engine that repeats a layer", async () => {
    const ran = await lintel("audit", "--model", at("model"), "--data", at("data"));
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(/model_type must be .* got "cvrr_qwen2_5_vl"\. Try .*--engine torch/s);
  });
});
