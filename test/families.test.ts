/**
 * The families against the papers' own code: every folder of test/goldens/families with a golden.json holds what a
 * family's own loop did (test/goldens/families/README.md). A new case needs no code here.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Prompt } from "../src/qwen/index.ts";
import {
  type Continuation,
  continueFrom,
  decodeToBlock,
  type LatentModel,
  oracleKind,
  oraclesOf,
} from "../src/reasoning/index.ts";
import { type Case, folders, openFamily, plain } from "./families.fixture.ts";
import { worstDifference } from "./tiny.fixture.ts";

const STEPS = 64;

/** What was recorded after the prompt, and what was fed where in prompt and ids together. */
interface Decoded {
  ids: number[];
  places: number[];
  own: Continuation;
}

async function decode(model: LatentModel, prompts: readonly Prompt[]): Promise<Decoded[]> {
  const limits = { cue: [], maxTokens: STEPS };
  const shared = await decodeToBlock(model, prompts, limits);
  const continued = await continueFrom(
    model,
    shared,
    prompts.map(() => [{ kind: "own" }]),
    limits,
  );
  return prompts.map(({ ids }, b) => {
    const { written, script } = shared.rows[b]!;
    const [own] = continued[b]! as [Continuation];
    const all = [...ids.slice(0, ids.length - (script?.length ?? 0)), ...written];
    const places = own.slots.map((place) => all.length + place);
    // Features of the image that are read once more before each latent lengthen the prompt.
    const end =
      ids.length + (model.rules.picks ?? 0) * (script?.filter((id) => id === model.rules.padId).length ?? 0);
    return { ids: [...all, ...own.ids].slice(end, end + STEPS), places, own };
  });
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return dot / Math.sqrt(aa * bb);
}

/** Places, per-step cosines and endings of the blocks that the golden holds. */
function compareBlocks(
  { rules }: LatentModel,
  case_: Case,
  { places, own }: Decoded,
  theirs: Float32Array,
  width: number,
) {
  const { blocks } = case_;
  const total = blocks.reduce((sum, { count }) => sum + count, 0);
  const stood = blocks.flatMap(({ at, count, stride = 1 }) =>
    Array.from({ length: count }, (_, i) => at + i * stride),
  );
  expect(places.slice(0, total)).toEqual(stood);
  // Blocks that end before a latent is fed leave nothing for their code to show.
  const filled = own.latents.flatMap((fed, i) => (fed.length > 0 ? [{ fed, said: own.endings[i] }] : []));
  let at = 0;
  for (const [b, { count, ending }] of blocks.entries()) {
    const { fed, said } = filled[b]!;
    for (let i = 0; i < count; i++, at++) {
      const mine = fed.subarray(i * width, (i + 1) * width);
      expect(cosine(mine, theirs.subarray(at * width, (at + 1) * width))).toBeGreaterThanOrEqual(0.9999);
    }
    if (ending === "length") continue;
    expect(fed.length).toBe(count * width);
    if (ending === "sampled" && rules.allowSampledEnd) expect(said).toBe("sampled-end");
    else if (ending === "free") expect(["count", "distance", "restart"]).toContain(said);
    else expect(said).toBe("count");
  }
}

describe.each(folders)("%s", (name) => {
  let it_: Awaited<ReturnType<typeof openFamily>>;
  beforeAll(async () => {
    it_ = await openFamily(name);
  }, 300_000);
  afterAll(() => it_.release());

  it("decodes the 64 ids of its own loop, alone and in a batch, and feeds what that feeds", async () => {
    const { golden, tensors, modelOf, prompts } = it_;
    expect(golden.cases.length).toBeGreaterThan(0);
    const batches = new Map<string, Promise<Decoded[]>>();
    for (const [b, case_] of golden.cases.entries()) {
      const model = modelOf(case_);
      const width = model.network.config.text.hiddenSize;
      const every = await prompts(model);
      const [alone] = await decode(model, [every[b]!]);
      const { dialect, rules, repetitionPenalty, eos } = case_;
      const setting = JSON.stringify([dialect, rules, repetitionPenalty, eos]);
      const batch = batches.get(setting) ?? decode(model, every);
      batches.set(setting, batch);
      const batched = (await batch)[b]!;
      for (const decoded of [alone!, batched]) {
        expect({ case: case_.name, ids: decoded.ids }).toEqual({ case: case_.name, ids: case_.ids });
        const theirs = tensors.get(`latents.${case_.name}`)?.data;
        if (theirs) compareBlocks(model, case_, decoded, theirs, width);
        else expect(case_.blocks).toEqual([]);
      }
      expect(batched.places).toEqual(alone!.places);
      // Beyond what the golden holds, an endless block of a random model feeds back noise: nothing to compare.
      const kept = case_.blocks.at(-1)?.ending === "length" ? case_.blocks.length - 1 : Infinity;
      const filled = ({ own }: Decoded) => own.latents.filter(({ length }) => length > 0).slice(0, kept);
      for (const [i, latents] of filled(alone!).entries()) {
        expect(cosine(latents, filled(batched)[i]!)).toBeGreaterThanOrEqual(0.999999);
      }
    }
  }, 300_000);

  it("makes the oracle latents of its own code, or has none", async () => {
    const { golden, tensors, modelOf, encode } = it_;
    const theirs = tensors.get("oracle.latents")?.data;
    expect(theirs === undefined).toBe(golden.oracle === null);
    if (!golden.oracle || !theirs) return;
    const { grid, k, boxes, counts } = golden.oracle;
    const model = modelOf(golden.cases[0]!);
    const width = model.network.config.text.hiddenSize;
    const encoded = await encode(model, "oracle.patches", grid);
    if (boxes) {
      // An example whose picture has 100 × 100 pixels, and the features that their tower's input has here.
      const seen = { ...encoded, grid, index: 0, width: 100, height: 100 };
      const features = {
        ...model.features,
        get: (images: readonly unknown[]) => Promise.resolve(images.map(() => seen)),
      };
      const regions = boxes.map((box) => ({
        image: 0,
        box: box.map((x) => 100 * x) as [number, number, number, number],
      }));
      const example = { ...plain, helpers: boxes.map(() => new Uint8Array(1)), regions };
      expect(oracleKind(model, example)).toBe("box");
      const ours = await oraclesOf({ ...model, features }, example);
      expect(ours.map(({ length }) => length / width)).toEqual(counts);
      expect(
        worstDifference(
          ours.flatMap((block) => [...block]),
          theirs,
        ),
      ).toBeLessThan(1e-4);
      return;
    }
    const ours = model.family.compress(encoded.rows, width, k!);
    expect(worstDifference(ours, theirs)).toBeLessThan(1e-4);
  });
});
