/** Checkpoints of families from a directory: heads, generation settings, ids that disagree. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { families, type LatentHeadRules } from "../families/index.ts";
import { float32, mul, scalar } from "../graph/index.ts";
import {
  createTokenizer,
  expectedTensors,
  pocketConfig,
  pocketTokenizer,
  saveCheckpoint,
} from "../qwen/index.ts";
import { random } from "../util/index.ts";
import { continueFrom } from "./continue-prefix.ts";
import { createInputHead, createStateHead, type StateHead } from "./latent-heads/index.ts";
import type { LocalModel } from "./latent-model.ts";
import { type LoadOptions, loadLatentModel } from "./load-model.ts";
import { openPrefix, processor, prompts, words } from "./reasoning.fixture.ts";

vi.mock("./latent-heads/published-heads.ts", async (original) => {
  const { publishedHeads } = await original<typeof import("./latent-heads/published-heads.ts")>();
  const doubling = {
    requires: { width: ["gain.weight"], other: [] },
    states: ({ source }, hidden) => mul(mul(hidden, scalar(hidden, 2)), source("gain.weight", [2])),
  } satisfies (typeof publishedHeads)["glu"];
  return { publishedHeads: { ...publishedHeads, doubling } };
});

const WIDTH = 32;
const tokenizer = createTokenizer(pocketTokenizer(words), "fixture");
const [startId, padId, endId] = families.lantern.tokens.map((token) => tokenizer.idOf(token)!) as [
  number,
  number,
  number,
];
const lvrKeys = {
  ...families.lvr.configKeys({ startId, padId, endId, k: 3 }),
  lvr_head: true,
  lvr_head_type: "simple",
};

const headShapes: Record<string, number[]> = {
  "lvr_head.ln_q.weight": [WIDTH],
  "lvr_head.ln_q.bias": [WIDTH],
  "lvr_head.mlp.0.weight": [WIDTH, WIDTH],
  "lvr_head.mlp.0.bias": [WIDTH],
  "lvr_head.mlp.2.weight": [WIDTH, WIDTH],
  "lvr_head.mlp.2.bias": [WIDTH],
  lvr_latent_end_emb: [WIDTH],
};

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "lintel-heads-"));
});
afterAll(() => rm(scratch, { recursive: true }));

/** A tiny checkpoint with these keys in its config.json and these tensors beside the network's. */
async function saved(
  name: string,
  keys: Record<string, unknown>,
  tensors: Record<string, number[]>,
  tied = false,
) {
  const config = pocketConfig({
    vocabSize: tokenizer.size,
    hiddenSize: WIDTH,
    layers: 1,
    heads: 2,
    tied,
    extra: keys,
  });
  const r = random(1, "weights");
  const drawn = (shapes: Iterable<readonly [string, readonly number[]]>) =>
    new Map(
      [...shapes].map(([key, shape]) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return [key, { shape, data: Float32Array.from({ length: size }, () => 0.3 * r.normal()) }] as const;
      }),
    );
  const weights = drawn(expectedTensors(config));
  const extra = drawn(Object.entries(tensors));
  const directory = join(scratch, name);
  const generation = { eos_token_id: [2], repetition_penalty: 1.05 };
  await saveCheckpoint(directory, { config, weights, extra, processor, generation, files: tokenizer.files });
  return directory;
}

async function using<T>(
  directory: string,
  options: LoadOptions,
  work: (model: LocalModel) => Promise<T> | T,
) {
  const model = await loadLatentModel(directory, { threads: 1, ...options });
  try {
    return await work(model);
  } finally {
    await model.network.release();
  }
}

describe("a checkpoint with a head", () => {
  it.each([false, true])("is decoded with it; tied %s", async (tied) => {
    const directory = await saved(`head-${tied}`, lvrKeys, headShapes, tied);
    await using(directory, {}, async (model) => {
      expect(model.rules).toMatchObject({ k: 3, head: { kind: "simple" }, stop: null });
      const limits = { cue: [], maxTokens: 8 };
      const which = prompts(model);
      const run = async (changed: LocalModel) =>
        (
          await continueFrom(
            changed,
            await openPrefix(changed, which),
            which.map(() => [{ kind: "own" }]),
            limits,
          )
        )[0]![0]!;
      const [own, plain] = [await run(model), await run({ ...model, head: null })];
      const slot = (c: typeof own, i: number) => [...c.latents[0]!.subarray(i * WIDTH, (i + 1) * WIDTH)];
      expect(slot(own, 0)).toEqual(slot(plain, 0));
      expect(slot(own, 1)).not.toEqual(slot(plain, 1));
    });
    await using(directory, { family: "lvr-latent" }, (model) => {
      expect(model.stopVector).toHaveLength(WIDTH);
    });
  });

  it("is refused by name of the tensor that is missing or has another shape", async () => {
    const { "lvr_head.mlp.2.weight": _, ...few } = headShapes;
    await expect(loadLatentModel(await saved("few", lvrKeys, few))).rejects.toThrow(
      /lvr_head\.mlp\.2\.weight.*none/,
    );
    const odd = { ...headShapes, "lvr_head.mlp.0.weight": [WIDTH, 8] };
    await expect(loadLatentModel(await saved("odd", lvrKeys, odd))).rejects.toThrow(
      /mlp\.0\.weight.*32 columns.*\[32, 8\]/,
    );
    const plain = await saved("plain", { ...lvrKeys, lvr_head: false }, {});
    await expect(loadLatentModel(plain, { family: "lvr-latent" })).rejects.toThrow(/lvr_latent_end_emb/);
    await using(plain, {}, ({ head }) => expect(head).toBeUndefined());
  });
});

describe("UniVLR's variational head", () => {
  const keys = {
    ...families.univlr.configKeys({ startId, padId, endId, k: 3 }),
    univlr_head: true,
    univlr_head_type: "vae",
  };
  const shapes = Object.fromEntries(
    ["input_ln", "hidden_ln", "fc1", "fc2", "mu_proj", "logvar_proj"].flatMap((name) => [
      [`univlr_head.${name}.weight`, name.endsWith("ln") ? [WIDTH] : [WIDTH, WIDTH]],
      [`univlr_head.${name}.bias`, [WIDTH]],
    ]),
  );

  it("is read from a checkpoint that also has what only training uses, and missed where it is not there", async () => {
    const prior = { "univlr_head_prior.mu_proj.weight": [WIDTH, WIDTH] };
    await using(await saved("vae", keys, { ...shapes, ...prior }), {}, async (model) => {
      expect(model.family.name).toBe("univlr");
      expect(model.head).toMatchObject({ replaces: "state", from: 1 });
      const { states } = await (model.head as StateHead).run(new Float32Array(WIDTH).fill(1));
      expect(states.every(Number.isFinite)).toBe(true);
    });
    const { "univlr_head.mu_proj.weight": _, ...few } = shapes;
    await expect(loadLatentModel(await saved("few-vae", keys, few))).rejects.toThrow(/mu_proj\.weight.*none/);
  });
});

describe("a head of another family", () => {
  const rules = { kind: "doubling", prefix: "new_head", from: 1 } as unknown as LatentHeadRules;
  const weights = {
    "new_head.gain.weight": float32(Float32Array.of(1, 10), [2]),
    "lm_head.weight": float32(Float32Array.of(1, 0, 0, 1, 1, 1), [3, 2]),
  };

  it("is one record: states and logits follow from it", async () => {
    const head = createStateHead(rules, weights, 2, { threads: 1 });
    const { states, logits } = await head.run(Float32Array.of(1, 2, 3, 4));
    await head.release();
    expect(states).toEqual(Float32Array.of(2, 40, 6, 80));
    expect(logits).toEqual(Float32Array.of(2, 40, 42, 6, 80, 86));
  });

  it("makes what slots are fed, and leaves alone what is fed before its first", async () => {
    const head = createInputHead(rules, weights, 2, { threads: 1 });
    expect(head.replaces).toBe("input");
    const fed = await head.run(Float32Array.of(1, 2, 3, 4), [0, 1]);
    await head.release();
    expect(fed).toEqual(Float32Array.of(1, 2, 6, 80));
  });

  it("is refused without its tensors", () => {
    const { "new_head.gain.weight": _, ...few } = weights;
    expect(() => createStateHead(rules, few, 2)).toThrow(/new_head\.gain\.weight.*none/);
  });
});

describe("how a checkpoint decodes", () => {
  it("is what the user says, else the family's evaluation, else generation_config.json", async () => {
    const directory = await saved("generation", lvrKeys, headShapes);
    await using(directory, {}, ({ generation, eos }) => {
      expect(generation).toMatchObject({ repetitionPenalty: 1.05, maxTokens: 64 });
      expect(eos).toEqual([2]);
    });
    await using(directory, { repetitionPenalty: 1, maxTokens: 9 }, ({ generation }) => {
      expect(generation).toMatchObject({ repetitionPenalty: 1, maxTokens: 9 });
    });
    const monet = families.monet.configKeys({ startId, padId, endId, k: 3 });
    await using(await saved("monet", monet, {}), {}, ({ generation }) => {
      expect(generation).toMatchObject({ repetitionPenalty: 1.01, sampling: expect.stringContaining("0.1") });
    });
  });

  it("tells of ids that disagree, and uses those of config.json", async () => {
    const keys = families.lantern.configKeys({ startId: padId, padId: startId, endId, k: 2 });
    const warnings: string[] = [];
    const directory = await saved("ids", keys, {});
    await using(directory, { onWarning: (warning) => warnings.push(warning) }, ({ rules }) => {
      expect(rules).toMatchObject({ startId: padId, padId: startId });
    });
    expect(warnings.filter((warning) => /lvr_(start|sep)_id/.test(warning))).toHaveLength(2);
  });
});
