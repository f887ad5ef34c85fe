import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSafetensors, type Tensor, toFloat32, writeSafetensors } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";
import { pocketConfig } from "../config/pocket-config.ts";
import { parseProcessorConfig } from "../processor/processor-config.ts";
import { loadWeights, openCheckpoint, type Weights } from "./open-checkpoint.ts";
import { saveCheckpoint } from "./save-checkpoint.ts";
import { expectedTensors } from "./tensor-names.ts";

const goldens = new URL("../../../test/goldens/qwen/", import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), "lintel-checkpoint-"));
let count = 0;

/** A copy of a golden checkpoint to spoil. */
function copy(kind: "tied" | "untied" | "qwen3" = "tied"): string {
  const directory = join(scratch, `${count++}`);
  cpSync(join(goldens, `tiny-${kind}`), directory, { recursive: true });
  return directory;
}

type Json = Record<string, unknown>;
function editConfig(directory: string, change: (config: Json) => void): void {
  const path = join(directory, "config.json");
  const config = JSON.parse(readFileSync(path, "utf8")) as Json;
  change(config);
  writeFileSync(path, JSON.stringify(config));
}

async function editTensors(directory: string, change: (tensors: Map<string, Tensor>) => void): Promise<void> {
  const path = join(directory, "model.safetensors");
  const tensors = await readSafetensors(path);
  change(tensors);
  await writeSafetensors(path, tensors);
}

/** Splits the weights of a copy into two shards with an index. */
async function shard(directory: string): Promise<Record<string, string>> {
  const tensors = [...(await readSafetensors(join(directory, "model.safetensors")))];
  const map: Record<string, string> = {};
  for (const [i, part] of [tensors.slice(0, 9), tensors.slice(9)].entries()) {
    const file = `model-0000${i + 1}-of-00002.safetensors`;
    await writeSafetensors(join(directory, file), new Map(part));
    for (const [name] of part) map[name] = file;
  }
  rmSync(join(directory, "model.safetensors"));
  writeIndex(directory, map);
  return map;
}
const writeIndex = (directory: string, map: unknown): void =>
  writeFileSync(
    join(directory, "model.safetensors.index.json"),
    JSON.stringify({ metadata: {}, weight_map: map }),
  );

async function failure(directory: string): Promise<string> {
  const error = await openCheckpoint(directory).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(LintelError);
  expect((error as LintelError).code).toBe("checkpoint");
  return (error as LintelError).message;
}

describe("openCheckpoint", () => {
  it.each(["tied", "untied"] as const)("opens %s weights in both styles of names", async (kind) => {
    const checkpoint = await openCheckpoint(join(goldens, `tiny-${kind}`));
    expect(checkpoint.warnings).toEqual([]);
    expect([...checkpoint.tensors.keys()]).toEqual([...expectedTensors(checkpoint.config).keys()]);
    expect(checkpoint.tensors.has("lm_head.weight")).toBe(kind === "untied");
    expect(checkpoint.generation).toMatchObject({ eos: [296], pad: 0, repetitionPenalty: 1 });
    const place = checkpoint.tensors.get("visual.merger.ln_q.weight")!;
    expect(place.stored).toBe(
      kind === "tied" ? "visual.merger.ln_q.weight" : "model.visual.merger.ln_q.weight",
    );
    const bytes = readFileSync(place.path).subarray(place.offset, place.offset + place.length);
    const { data } = (await loadWeights(checkpoint, ["visual.merger.ln_q.weight"])).get(
      "visual.merger.ln_q.weight",
    )!;
    if (kind === "untied") expect(data[3]).toBe(bytes.readFloatLE(12));
    else expect(data[3]).toBe(new Float32Array(new Uint32Array([bytes.readUInt16LE(6) << 16]).buffer)[0]);
  });

  it("opens Qwen3-VL, and names what it lacks", async () => {
    const checkpoint = await openCheckpoint(join(goldens, "tiny-qwen3"));
    expect(checkpoint.warnings).toEqual([]);
    expect([...checkpoint.tensors.keys()]).toEqual([...expectedTensors(checkpoint.config).keys()]);
    expect(checkpoint.tensors.get("model.layers.2.self_attn.q_norm.weight")!.shape).toEqual([16]);
    const less = copy("qwen3");
    await editTensors(less, (tensors) =>
      tensors.delete("model.visual.deepstack_merger_list.1.linear_fc1.bias"),
    );
    expect(await failure(less)).toMatch(/without visual.deepstack_merger_list.1.linear_fc1.bias$/);
  });

  it("reads shards like one file", async () => {
    const directory = copy();
    const whole = await loadWeights(await openCheckpoint(directory));
    await shard(directory);
    const sharded = await loadWeights(await openCheckpoint(directory));
    expect(sharded.size).toBe(whole.size);
    for (const [name, { shape, data }] of whole) expect(sharded.get(name)).toEqual({ shape, data });
  });

  it("says what is missing in a directory", async () => {
    expect(await failure(join(scratch, "nowhere"))).toMatch(
      /nowhere: expected a checkpoint directory.*no such directory/,
    );
    const noConfig = copy();
    rmSync(join(noConfig, "config.json"));
    expect(await failure(noConfig)).toMatch(/a directory without one/);
    const noWeights = copy();
    rmSync(join(noWeights, "model.safetensors"));
    expect(await failure(noWeights)).toMatch(
      /expected model.safetensors or model.safetensors.index.json, got neither/,
    );
    writeFileSync(join(noWeights, "pytorch_model.bin"), "");
    expect(await failure(noWeights)).toMatch(/PyTorch pickles.*safe_serialization/);
  });

  it("names a broken config.json and generation_config.json", async () => {
    const directory = copy();
    writeFileSync(join(directory, "generation_config.json"), '{"eos_token_id": "x"}');
    expect(await failure(directory)).toMatch(
      /generation_config.json: expected generation settings, got eos_token_id/,
    );
    writeFileSync(join(directory, "config.json"), '{"model_type": ');
    expect(await failure(directory)).toMatch(/config.json: expected JSON/);
    writeFileSync(join(directory, "config.json"), '{"model_type": "llama"}');
    expect(await failure(directory)).toMatch(/model_type must be "qwen2_5_vl" or "qwen3_vl", got "llama"/);
  });

  it("names a truncated file", async () => {
    const directory = copy();
    truncateSync(join(directory, "model.safetensors"), 100_000);
    expect(await failure(directory)).toMatch(/model.safetensors: tensor .*truncated. Try downloading/);
  });

  it("names missing tensors, a few of many", async () => {
    const one = copy();
    await editTensors(one, (tensors) => tensors.delete("model.layers.1.mlp.up_proj.weight"));
    expect(await failure(one)).toMatch(/a checkpoint without model.layers.1.mlp.up_proj.weight$/);
    const many = copy();
    editConfig(many, (config) => {
      config.num_hidden_layers = 3;
    });
    expect(await failure(many)).toMatch(/without model.layers.2.input_layernorm.weight, .* and 7 more/);
    const head = copy();
    editConfig(head, (config) => {
      config.tie_word_embeddings = false;
    });
    expect(await failure(head)).toMatch(/without lm_head.weight. Try setting "tie_word_embeddings"/);
  });

  it("counts layers before it makes anything of them", async () => {
    const [many, most] = [copy(), copy("qwen3")];
    editConfig(many, (config) => {
      config.num_hidden_layers = 9999;
    });
    expect(await failure(many)).toMatch(/several tensors for each of the 10001 layers .*, got \d+ tensors/);
    editConfig(most, (config) => {
      (config.vision_config as Json).depth = 1e15;
    });
    expect(await failure(most)).toMatch(/vision_config.depth: /);
  });

  it("names wrong shapes and types", async () => {
    const shape = copy();
    editConfig(shape, (config) => {
      config.intermediate_size = 49;
    });
    expect(await failure(shape)).toMatch(
      /model.layers.0.mlp.gate_proj.weight \[48,64\] instead of \[49,64\].* and 1 more/,
    );
    const type = copy();
    await editTensors(type, (tensors) =>
      tensors.set("model.norm.weight", { dtype: "I8", shape: [64], data: new Int8Array(64) }),
    );
    expect(await failure(type)).toMatch(/model.norm.weight as I8/);
  });

  it("refuses adapters that are not merged", async () => {
    const directory = copy();
    await editTensors(directory, (tensors) => {
      const name = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.default.weight";
      tensors.set(name, { dtype: "F32", shape: [2], data: new Float32Array(2) });
    });
    expect(await failure(directory)).toMatch(
      /expected weights with their adapters merged, and no modules_to_save, got model.layers.0.self_attn.q_proj.lora_A.*. Try merging/,
    );
    const alone = copy();
    renameSync(join(alone, "model.safetensors"), join(alone, "adapter_model.safetensors"));
    expect(await failure(alone)).toMatch(/got an adapter without its base model. Try merging/);
  });

  it.each([
    ["lm_head.modules_to_save.default.weight", "a head that was trained beside the adapter"],
    ["base_model.model.model.embed_tokens.original_module.weight", "the table that it replaced"],
    ["model.layers.0.mlp.up_proj.base_layer.weight", "a wrapped layer"],
    ["base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector.default.weight", "DoRA"],
    ["model.layers.0.mlp.down_proj.ia3_l.default", "IA3"],
    ["model.embed_tokens.token_adapter.trainable_tokens_delta.default", "trainable tokens"],
  ])("names PEFT as the reason for %s", async (name) => {
    const directory = copy();
    await editTensors(directory, (tensors) => {
      // in place of the tensor that it wraps
      tensors.delete("model.embed_tokens.weight");
      tensors.set(name, { dtype: "F32", shape: [2], data: new Float32Array(2) });
    });
    const message = await failure(directory);
    expect(message).toMatch(/adapters merged, and no modules_to_save, got .*. Try merging the adapter/);
    expect(message).toContain(name.replace("base_model.model.", ""));
  });

  it("refuses an adapter beside weights, which transformers would add to another model", async () => {
    const directory = copy();
    writeFileSync(join(directory, "adapter_config.json"), "{}");
    expect(await failure(directory)).toMatch(/got adapter_config.json beside model.safetensors. Try merging/);
  });

  it("names shards without their index, and names of another model", async () => {
    const directory = copy();
    await shard(directory);
    rmSync(join(directory, "model.safetensors.index.json"));
    expect(await failure(directory)).toMatch(
      /got model-00001-of-00002.safetensors, model-00002-of-00002.safetensors without their index. Try/,
    );
    const prefixed = copy();
    await editTensors(prefixed, (tensors) => {
      for (const [name, tensor] of [...tensors]) {
        tensors.delete(name);
        tensors.set(`module.${name}`, tensor);
      }
    });
    expect(await failure(prefixed)).toMatch(/a checkpoint without .* more, but with module.*more$/);
  });

  it.each(["F8_E4M3", "F8_E5M2"] as const)("refuses weights of 8 bits: %s", async (dtype) => {
    const directory = copy();
    await editTensors(directory, (tensors) =>
      tensors.set("model.norm.weight", { dtype, shape: [64], data: new Uint8Array(64) } as Tensor),
    );
    expect(await failure(directory)).toMatch(
      new RegExp(`expected floats of 16, 32 or 64 bits in the shapes .*, got model.norm.weight as ${dtype}`),
    );
  });

  describe("a head under a tied configuration", () => {
    const table = "model.embed_tokens.weight";
    const withHead = async (change: (data: Uint16Array) => void): Promise<string> => {
      const directory = copy();
      await editTensors(directory, (tensors) => {
        const { dtype, shape, data } = tensors.get(table)!;
        const other = (data as Uint16Array).slice();
        change(other);
        tensors.set("lm_head.weight", { dtype, shape, data: other } as Tensor);
      });
      return directory;
    };

    it("is dropped without a word where it is the table", async () => {
      const { config, warnings, tensors, extra } = await openCheckpoint(await withHead(() => undefined));
      expect([config.text.tied, warnings, tensors.has("lm_head.weight"), extra.size]).toEqual([
        true,
        [],
        false,
        0,
      ]);
    });

    it("is kept where one number of it differs, with a word on both versions of transformers", async () => {
      const directory = await withHead((data) => {
        data[data.length - 1]! ^= 1;
      });
      const { config, warnings, tensors } = await openCheckpoint(directory);
      expect([config.text.tied, tensors.has("lm_head.weight")]).toEqual([false, true]);
      expect(warnings.join()).toMatch(
        /tie_word_embeddings is true, but lm_head.weight differs .*: the head in the file is used, as by transformers 5; transformers 4.57 would replace it/,
      );
      // written again, it is untied for every version
      const again = join(scratch, `head-${count++}`);
      await saveCheckpoint(again, { config, weights: await loadWeights(await openCheckpoint(directory)) });
      const reopened = await openCheckpoint(again);
      expect([reopened.config.text.tied, reopened.warnings]).toEqual([false, []]);
      expect(JSON.parse(readFileSync(join(again, "config.json"), "utf8")).tie_word_embeddings).toBe(false);
    });

    it("is compared by value where its type is another", async () => {
      const directory = copy();
      await editTensors(directory, (tensors) => {
        const tensor = tensors.get(table)!;
        tensors.set("lm_head.weight", { dtype: "F32", shape: tensor.shape, data: toFloat32(tensor) });
      });
      expect((await openCheckpoint(directory)).config.text.tied).toBe(true);
    });

    it("stands for the table where that is not stored", async () => {
      const directory = copy();
      await editTensors(directory, (tensors) => {
        tensors.set("lm_head.weight", tensors.get(table)!);
        tensors.delete(table);
      });
      const { config, warnings, tensors } = await openCheckpoint(directory);
      expect([config.text.tied, warnings, tensors.get(table)!.stored]).toEqual([true, [], "lm_head.weight"]);
    });

    it("of another size is an error", async () => {
      const directory = copy();
      await editTensors(directory, (tensors) =>
        tensors.set("lm_head.weight", { dtype: "F32", shape: [299, 64], data: new Float32Array(299 * 64) }),
      );
      expect(await failure(directory)).toMatch(/lm_head.weight \[299,64\] instead of \[300,64\]/);
    });
  });

  it("opens weights of a merged adapter by their prefix", async () => {
    const directory = copy();
    await editTensors(directory, (tensors) => {
      for (const [name, tensor] of [...tensors]) {
        tensors.delete(name);
        tensors.set(`base_model.model.${name}`, tensor);
      }
    });
    const { tensors, warnings } = await openCheckpoint(directory);
    expect([warnings, tensors.get("model.norm.weight")!.stored]).toEqual([
      [],
      "base_model.model.model.norm.weight",
    ]);
  });

  it("refuses a tensor under two names", async () => {
    const directory = copy();
    await editTensors(directory, (tensors) =>
      tensors.set("model.language_model.norm.weight", tensors.get("model.norm.weight")!),
    );
    expect(await failure(directory)).toMatch(/each tensor once, got another/);
  });

  it("takes the vocabulary from the table, keeps foreign tensors, and says so", async () => {
    const directory = copy();
    editConfig(directory, (config) => {
      config.vocab_size = 400;
    });
    await editTensors(directory, (tensors) => {
      tensors.set("lvr_head.0.weight", { dtype: "F32", shape: [2], data: new Float32Array([1, 2]) });
      tensors.set("dino_projection.weight", { dtype: "F32", shape: [1], data: new Float32Array(1) });
      tensors.set("lm_head.weight", tensors.get("model.embed_tokens.weight")!);
    });
    const checkpoint = await openCheckpoint(directory);
    expect(checkpoint.config.text.vocabSize).toBe(300);
    expect(checkpoint.warnings).toHaveLength(2);
    expect(checkpoint.warnings[0]).toMatch(/vocab_size 400, but the embedding table has 300 rows/);
    expect(checkpoint.warnings[1]).toMatch(/outside the architecture: dino_projection.weight$/);
    expect([
      ...(await loadWeights(checkpoint, ["lvr_head.0.weight"])).get("lvr_head.0.weight")!.data,
    ]).toEqual([1, 2]);
    await expect(loadWeights(checkpoint, ["model.nothing"])).rejects.toThrow(/a tensor model.nothing/);
  });

  it("checks the index of shards", async () => {
    const directory = copy();
    const map = await shard(directory);
    const first = "model-00001-of-00002.safetensors";
    writeIndex(directory, { ...map, "model.more": first });
    expect(await failure(directory)).toMatch(/the tensor model.more in model-00001.*no such tensor/);
    const [name] = Object.entries(map).find(([, file]) => file !== first)!;
    writeIndex(directory, { ...map, [name]: first });
    expect(await failure(directory)).toMatch(/got the tensor in model-00002-of-00002/);
    writeIndex(directory, { ...map, [name]: "../other/model.safetensors" });
    expect(await failure(directory)).toMatch(/in the same directory, got "..\/other\/model.safetensors"/);
    writeIndex(directory, [1]);
    expect(await failure(directory)).toMatch(/a weight_map from tensors to files/);
    writeIndex(directory, map);
    rmSync(join(directory, first));
    expect(await failure(directory)).toMatch(/the shard model-00001-of-00002.safetensors .*no such file/);
  });
});

describe("saveCheckpoint", () => {
  const config = pocketConfig({
    vocabSize: 20,
    hiddenSize: 32,
    layers: 2,
    heads: 2,
    kvHeads: 1,
    extra: { latent_size: 4 },
  });
  const weights: Weights = new Map(
    [...expectedTensors(config)].map(([name, shape], i) => [
      name,
      { shape, data: new Float32Array(shape.reduce((x, y) => x * y, 1)).map((_, k) => Math.sin(i + k)) },
    ]),
  );
  const processor = parseProcessorConfig({ patch_size: 6, min_pixels: 144, max_pixels: 144 }, "test");
  const generation = { eos_token_id: 2, pad_token_id: 0 };

  it("writes what openCheckpoint reads, in equal bytes each time", async () => {
    const [first, second] = [join(scratch, "saved/a"), join(scratch, "saved/b")];
    const content = { config, weights, processor, generation, files: { "tokenizer.json": "{}" } };
    await saveCheckpoint(first, content);
    await saveCheckpoint(second, { ...content, weights: new Map([...weights].reverse()) });
    for (const file of readdirSync(first))
      expect(readFileSync(join(second, file)).equals(readFileSync(join(first, file)))).toBe(true);
    expect(readdirSync(first).sort()).toEqual([
      "config.json",
      "generation_config.json",
      "model.safetensors",
      "preprocessor_config.json",
      "tokenizer.json",
    ]);
    const checkpoint = await openCheckpoint(first);
    expect(checkpoint.warnings).toEqual([]);
    expect(checkpoint.config.text).toEqual(config.text);
    expect(checkpoint.config.vision).toEqual(config.vision);
    expect(checkpoint.config.raw.latent_size).toBe(4);
    expect(checkpoint.generation.eos).toEqual([2]);
    const read = await loadWeights(checkpoint);
    expect(read.size).toBe(weights.size);
    for (const [name, { shape, data }] of weights)
      expect(read.get(name)).toEqual({ shape: [...shape], data });
  });

  it("keeps extra tensors apart", async () => {
    const directory = join(scratch, "saved/extra");
    const extra: Weights = new Map([["head.weight", { shape: [2], data: new Float32Array([3, 4]) }]]);
    await saveCheckpoint(directory, { config, weights, extra });
    const checkpoint = await openCheckpoint(directory);
    expect([...checkpoint.extra.keys()]).toEqual(["head.weight"]);
  });

  it.each(["untied", "qwen3"])("writes a golden checkpoint again without loss: %s", async (kind) => {
    const source = await openCheckpoint(join(goldens, `tiny-${kind}`));
    const directory = join(scratch, `saved/again-${kind}`);
    await saveCheckpoint(directory, { config: source.config, weights: await loadWeights(source) });
    const stored = await readSafetensors(join(goldens, `tiny-${kind}/model.safetensors`));
    const again = await loadWeights(await openCheckpoint(directory));
    expect(again.get("model.layers.1.mlp.up_proj.weight")!.data).toEqual(
      toFloat32(stored.get("model.language_model.layers.1.mlp.up_proj.weight")!),
    );
  });

  it("refuses weights that do not fit, before it writes anything", async () => {
    const directory = join(scratch, "saved/refused");
    const less = new Map(weights);
    less.delete("model.norm.weight");
    await expect(saveCheckpoint(directory, { config, weights: less })).rejects.toThrow(
      /weight model.norm.weight: expected shape \[32\], got none/,
    );
    const wrong = new Map(weights).set("model.norm.weight", { shape: [31], data: new Float32Array(31) });
    await expect(saveCheckpoint(directory, { config, weights: wrong })).rejects.toThrow(/got \[31\]/);
    const more = new Map(weights).set("head.weight", { shape: [1], data: new Float32Array(1) });
    await expect(saveCheckpoint(directory, { config, weights: more })).rejects.toThrow(
      /passing it in `extra`/,
    );
    expect(readdirSync(join(scratch, "saved"))).not.toContain("refused");
  });
});
