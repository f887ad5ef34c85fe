/**
 * `lintel audit --family wm-vlm --engine torch`: ids and latents are those of the family's loop, written again from its
 * repository without caches (python/lintel_reference/wm_vlm.py), example by example, on data in the layout of yzha/Tetris-2D and
 * -3D. Needs LINTEL_ENGINE, a command that starts a Python with torch and transformers: python/engine.sh.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { families } from "../src/families/index.ts";
import { createParquet } from "../src/formats/index.ts";
import { lintel } from "./cli/run.ts";
import {
  auditElsewhere,
  difference,
  needsPython,
  python,
  pythonModule,
  textsOf,
  tiles,
} from "./elsewhere.fixture.ts";

const WORDS = 12;
/** Latents of the tiny checkpoint. */
const K = 6;
const interventions = ["own", "oracle", "zeros", "skip"];
/** EXAMPLES in the environment: another number of them. */
const MANY = Number(process.env.EXAMPLES ?? 200);

let scratch: string;
const at = (...parts: string[]): string => join(scratch, ...parts);

interface Record {
  question: string;
  answer: string;
  composite: Uint8Array;
  helpers: Uint8Array[];
}

/** The question as the public generator words it; a piece as the helper, or one for each of two quarter turns. */
const recordsOf = (count: number, turns: number): Record[] =>
  Array.from({ length: count }, (_, i) => ({
    question: `Image (A) is to image (B) as image (C) is to which of the following options?\nThe transformation from (A) to (B) is: ${90 * (1 + (i % 3))}° clockwise rotation, ${i}.\nOptions:\n(a) Option a\n(b) Option b\n(c) Option c\n(d) Option d`,
    answer: "ABCD"[i % 4]!,
    composite: tiles(10 * i),
    helpers: Array.from({ length: turns }, (_, j) => tiles(10 * i + 1 + j, { width: 72, height: 48 })),
  }));

/** The Parquet file of a split, in the layout of its hub. */
async function write(directory: string, records: readonly Record[], turns: number): Promise<void> {
  mkdirSync(directory);
  const helpers =
    turns === 1 ? ["intermediate_rotation_image"] : ["visual_cot_step_1_image", "visual_cot_step_2_image"];
  const columns: Parameters<typeof createParquet>[1] = {
    ...{ question: "string", answer: "string", composite_image: "image" },
    ...Object.fromEntries(helpers.map((name) => [name, "image" as const])),
  };
  const sink = await createParquet(join(directory, "eval-00000-of-00001.parquet"), columns);
  await sink.append(
    records.map(({ question, answer, composite, helpers: images }) => ({
      ...{ question, answer, composite_image: composite },
      ...Object.fromEntries(helpers.map((name, i) => [name, images[i]])),
    })),
  );
  await sink.commit();
}

interface Found {
  texts: { [name: string]: string };
  own: number[][] | null;
  blocks: number;
}

/** What the family's loop makes of the records. */
function reference(model: string, records: readonly Record[]): Found[] {
  const file = (name: string, bytes: Uint8Array): string => {
    writeFileSync(at(name), bytes);
    return at(name);
  };
  const examples = records.map(({ question, composite, helpers }, i) => ({
    messages: [
      { role: "system", content: families["wm-vlm"].system },
      { role: "user", content: [{ type: "image" }, { type: "text", text: question }] },
    ],
    images: [file(`image-${i}.png`, composite)],
    helpers: helpers.map((helper, j) => file(`helper-${i}-${j}.png`, helper)),
  }));
  const asked = JSON.stringify({ model, words: WORDS, examples });
  return JSON.parse(pythonModule("lintel_reference.wm_vlm", [], asked));
}

if (!python) it.skip(needsPython, () => undefined);

describe.skipIf(!python)("WM-VLM by the PyTorch engine", () => {
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), "lintel-wm-vlm-"));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it.each([
    { layout: "tetris-2d", placement: "middle", turns: 1, count: MANY },
    { layout: "tetris-3d", placement: "bottom", turns: 2, count: MANY },
  ])("$layout: $count of $count examples under own, oracle, zeros, skip", async (each) => {
    const { layout, placement, turns, count } = each;
    const records = recordsOf(count, turns);
    const model = at(`model-${layout}`);
    pythonModule("lintel_reference.wm_vlm", [model, placement, String(turns)]);
    await write(at(layout), records, turns);
    const theirs = reference(model, records);
    const { outcomes, own, result } = await auditElsewhere(at(`out-${layout}`), K, [
      ...["--model", model, "--data", at(layout), "--map", layout],
      ...["--interventions", interventions.join(), "--max-tokens", String(WORDS)],
    ]);
    expect(outcomes).toHaveLength(count);
    const other = outcomes.flatMap((outcome, i) => {
      const [ours, their] = [textsOf(outcome), theirs[i]!.texts];
      return interventions
        .filter((name) => ours[name] !== their[name])
        .map((name) => ({ i, name, ours: ours[name], theirs: their[name] }));
    });
    expect(other).toEqual([]);
    expect(outcomes.map(({ own: { blocks } }) => blocks)).toEqual(theirs.map(({ blocks }) => blocks));
    expect(
      difference(
        own,
        theirs.map((found) => found.own),
      ),
    ).toBeLessThan(1e-4);
    // Worth comparing: most examples open as many blocks as there may be, and texts differ.
    expect(theirs.filter(({ blocks }) => blocks === turns).length).toBeGreaterThan(count / 4);
    expect(new Set(theirs.map(({ texts }) => texts.own)).size).toBeGreaterThan(count / 8);
    expect(result.loop).toMatchObject({ family: "wm-vlm", k: K });
  });

  it("is refused without an engine that has the branch", async () => {
    const ran = await lintel(
      "audit",
      "--model",
      at("model-tetris-2d"),
      "--data",
      at("tetris-2d"),
      "--map",
      "tetris-2d",
    );
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(/model_type must be .* got "wm_vlm"\. Try .*--engine torch/s);
  });
});
