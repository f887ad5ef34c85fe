/**
 * `lintel audit --engine torch` of an IVT-LR checkpoint: ids and latents are those of the family's loop, written again without
 * caches (python/lintel_reference/ivt_lr.py), example by example. Needs LINTEL_ENGINE, a command that starts a Python with torch
 * and transformers: python/engine.sh.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { families } from "../src/families/index.ts";
import { type Example, writeDataset } from "../src/tasks/index.ts";
import { lintel } from "./cli/run.ts";
import {
  auditElsewhere,
  difference,
  loopResults,
  needsPython,
  python,
  pythonModule,
  textsOf,
  tiles,
} from "./elsewhere.fixture.ts";

const WORDS = 10;
const K = 3;
const compared = ["own", "zeros", "skip"];
/** Beside them in the same batches: other lengths and contents, hidden parts, and what does not apply. */
const beside = ["other-own", "truncate(1)", "no-markers", "knockout(slots)", "own@hidden", "other-image"];
const excluded = ["drop-image", "own@unseen", "own@dropped"];
/** EXAMPLES in the environment: another number of them. */
const MANY = Number(process.env.EXAMPLES ?? 200);

let scratch: string;
const at = (...parts: string[]): string => join(scratch, ...parts);
const examples = Array.from({ length: MANY }, (_, i): Example => {
  const images = [tiles(3 * i), ...(i % 4 === 3 ? [tiles(3 * i + 1)] : [])];
  return {
    id: `e${i}`,
    question: `${images.map(() => "<image>").join("")}${"Which piece fits the wall? ".repeat(1 + (i % 3))}${i}`,
    images,
    options: ["A", "B", "C", "D"],
    answer: i % 4,
    helpers: [],
    counterfactuals: [null, null, null, null],
    attributes: {},
  };
});

if (!python) it.skip(needsPython, () => undefined);

describe.skipIf(!python)("IVT-LR by the PyTorch engine", () => {
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), "lintel-ivt-lr-"));
    pythonModule("lintel_reference.ivt_lr", [at("model")]);
    const described = { task: "ivt-lr", title: "ivt-lr", description: "ivt-lr", seed: 0, parameters: {} };
    await writeDataset(at("data"), { eval: examples }, described);
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it(`${MANY} of ${MANY} examples under own, zeros and skip`, async () => {
    const theirs = loopResults(
      "lintel_reference.ivt_lr",
      { model: at("model"), words: WORDS, family: families["ivt-lr"], directory: scratch },
      examples,
    );
    const { outcomes, own, result } = await auditElsewhere(at("out"), K, [
      ...["--model", at("model"), "--data", at("data"), "--max-tokens", String(WORDS)],
      ...["--interventions", [...compared, ...beside, ...excluded].join()],
    ]);
    expect(outcomes).toHaveLength(MANY);
    const other = outcomes.flatMap((outcome, i) => {
      const [ours, their] = [textsOf(outcome), theirs[i]!.texts];
      return compared
        .filter((name) => ours[name] !== their[name])
        .map((name) => ({ i, name, ours: ours[name], theirs: their[name] }));
    });
    expect(other).toEqual([]);
    expect(
      difference(
        own,
        theirs.map((found) => found.own),
      ),
    ).toBeLessThan(1e-4);
    // Worth comparing: replacing latents changes most texts.
    const changed = (name: string) =>
      theirs.filter(
        ({ texts }) => texts[name]!.replaceAll("<|latent|>", "") !== texts.own!.replaceAll("<|latent|>", ""),
      );
    expect(changed("zeros").length).toBeGreaterThan(MANY / 2);
    expect(changed("skip").length).toBeGreaterThan(MANY / 2);
    expect(result.loop).toMatchObject({ family: "ivt-lr", k: K });
    for (const name of excluded)
      expect(
        outcomes.every((outcome) => outcome[name] == null),
        name,
      ).toBe(true);
    for (const name of beside)
      expect(
        outcomes.some((outcome) => outcome[name] != null),
        name,
      ).toBe(true);
  });

  it("is refused by an engine that cannot pick features", async () => {
    const ran = await lintel("audit", "--model", at("model"), "--data", at("data"));
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(/model_type must be .* got "qwen2_vl"\. Try .*--engine torch/s);
  });
});
