/** Checkpoints that are broken, cut short, of several origins or full of NaN: what `lintel audit` says, and when. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodePng, readSafetensors, type Tensor, writeSafetensors } from "../../src/formats/index.ts";
import { knownExamples } from "../../src/selftest/index.ts";
import { writeKnown, writeKnownData } from "./known.ts";
import { lintel, start } from "./run.ts";

let scratch: string;
const at = (...parts: string[]): string => join(scratch, ...parts);
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-broken-"));
  await writeKnown(scratch);
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** A copy of the model with something done to it. */
async function broken(name: string, change: (directory: string) => void | Promise<void>): Promise<string> {
  cpSync(at("model"), at(name), { recursive: true });
  await change(at(name));
  return at(name);
}
const json =
  (file: string, change: (content: Record<string, unknown>) => void) =>
  (directory: string): void => {
    const path = join(directory, file);
    const content = JSON.parse(readFileSync(path, "utf8"));
    change(content);
    writeFileSync(path, JSON.stringify(content));
  };
const weights =
  (change: (tensors: Map<string, Tensor>) => void) =>
  async (directory: string): Promise<void> => {
    const path = join(directory, "model.safetensors");
    const tensors = new Map(await readSafetensors(path));
    change(tensors);
    await writeSafetensors(path, tensors, { format: "pt" });
  };
/** One number of a tensor replaced. */
const number = (name: string, value: number, place = 0) =>
  weights((tensors) => {
    (tensors.get(name)!.data as Float32Array)[place] = value;
  });
const audit = (model: string, ...rest: string[]) =>
  lintel(
    ...["audit", "--model", model, "--data", at("data"), "--interventions", "own,zeros"],
    ...["--threads", "1", "--json", ...rest],
  );

const first = "model-00001-of-00002.safetensors";
const second = "model-00002-of-00002.safetensors";
/** The weights in two files with an index. */
const sharded = async (directory: string): Promise<void> => {
  const all = [...(await readSafetensors(join(directory, "model.safetensors")))];
  rmSync(join(directory, "model.safetensors"));
  const where: Record<string, string> = {};
  for (const [file, part] of [
    [first, all.slice(0, 9)],
    [second, all.slice(9)],
  ] as const) {
    await writeSafetensors(join(directory, file), new Map(part), { format: "pt" });
    for (const [name] of part) where[name] = file;
  }
  writeFileSync(join(directory, "model.safetensors.index.json"), JSON.stringify({ weight_map: where }));
};
const layer = "model.layers.0";

describe("a checkpoint that cannot be used is refused before any work", () => {
  it.each<[string, (directory: string) => void | Promise<void>, RegExp]>([
    [
      "cut short",
      (d) => truncateSync(join(d, "model.safetensors"), 60_000),
      /tensor ".*truncated.*downloading/s,
    ],
    ["cut in its header", (d) => truncateSync(join(d, "model.safetensors"), 100), /header.*truncated/s],
    ["empty", (d) => truncateSync(join(d, "model.safetensors"), 0), /safetensors file.*0 bytes/s],
    [
      "with a shard that is missing",
      async (d) => {
        await sharded(d);
        rmSync(join(d, second));
      },
      new RegExp(`the shard ${second}.*no such file.*downloading the missing shard`, "s"),
    ],
    [
      "with a shard that is cut short",
      async (d) => {
        await sharded(d);
        truncateSync(join(d, second), 5000);
      },
      /model-00002-of-00002\.safetensors.*truncated/s,
    ],
    [
      "without a tensor",
      weights((t) => t.delete(`${layer}.mlp.up_proj.weight`)),
      /without model\.layers\.0\.mlp\.up_proj/,
    ],
    [
      "with a tensor of another shape",
      json("config.json", (c) => {
        c.intermediate_size = 24;
      }),
      /mlp\.\w+\.weight \[.*\] instead of \[/,
    ],
    [
      "with an adapter that is not merged",
      weights((t) =>
        t.set(
          `base_model.model.${layer}.self_attn.q_proj.lora_A.weight`,
          t.get(`${layer}.self_attn.q_proj.weight`)!,
        ),
      ),
      /adapters merged.*lora_A.*merge_and_unload/s,
    ],
    [
      "that is an adapter alone",
      (d) => {
        cpSync(join(d, "model.safetensors"), join(d, "adapter_model.safetensors"));
        rmSync(join(d, "model.safetensors"));
      },
      /an adapter without its base model.*merge_and_unload/s,
    ],
    [
      "that is a pickle",
      (d) => {
        cpSync(join(d, "model.safetensors"), join(d, "pytorch_model.bin"));
        rmSync(join(d, "model.safetensors"));
      },
      /pickles, which can run code.*safe_serialization/s,
    ],
    [
      "whose markers its table does not have",
      json("config.json", (c) => {
        c.lvr_end_id = 5000;
      }),
      /ids below \d+, the rows of the embedding table.*5000/s,
    ],
    [
      "whose markers are no ids",
      json("config.json", (c) => {
        c.lvr_end_id = -3;
      }),
      /lvr_end_id must be a token id.*-3/s,
    ],
    [
      "whose end of text its table does not have",
      json("generation_config.json", (c) => {
        c.eos_token_id = [99999];
      }),
      /eos_token_id.*ids below \d+.*99999/s,
    ],
    [
      "with a larger model's tokenizer",
      json("tokenizer.json", (c) => {
        const { vocab } = c.model as { vocab: Record<string, number> };
        for (let i = 0; i < 60; i++) vocab[`word${i}`] = 100 + i;
      }),
      /a tokenizer of at most \d+ tokens.*160/s,
    ],
    [
      "with a tokenizer that has another image token",
      (d) => {
        json("tokenizer.json", (c) => {
          const tokens = c.added_tokens as { content: string; id: number }[];
          const [image, marker] = ["<|image_pad|>", "<|vision_start|>"].map(
            (t) => tokens.find((a) => a.content === t)!,
          );
          [image!.id, marker!.id] = [marker!.id, image!.id];
        })(d);
        json("tokenizer_config.json", (c) => {
          delete c.added_tokens_decoder;
        })(d);
      },
      /image tokens: expected 1 of id \d+.*got 0.*one and the same checkpoint/s,
    ],
    [
      "with another image token in tokenizer.json than in tokenizer_config.json",
      json("tokenizer_config.json", (c) => {
        const tokens = c.added_tokens_decoder as Record<string, unknown>;
        [tokens[3], tokens[5]] = [tokens[5], tokens[3]];
      }),
      /added_tokens_decoder: expected the id 5 of the token "<\|image_pad\|>", .*got 3/s,
    ],
    ["without a tokenizer", (d) => rmSync(join(d, "tokenizer.json")), /expected a tokenizer\.json, got none/],
    [
      "with half a tokenizer",
      (d) => truncateSync(join(d, "tokenizer.json"), 50),
      /tokenizer\.json: expected JSON/,
    ],
    [
      "without an image processor",
      (d) => rmSync(join(d, "preprocessor_config.json")),
      /preprocessor_config\.json/,
    ],
    [
      "with NaN in a layer",
      number(`${layer}.mlp.down_proj.weight`, Number.NaN),
      /finite numbers, got NaN.*first 8 examples/s,
    ],
    [
      "with NaN in the tower",
      number("visual.patch_embed.proj.weight", Number.NaN),
      /finite numbers, got NaN/,
    ],
    ["with NaN in the head", number("lm_head.weight", Number.NaN), /finite numbers, got NaN/],
    [
      "with an infinite norm",
      number("model.norm.weight", Number.POSITIVE_INFINITY),
      /finite numbers, got NaN or infinite/,
    ],
  ])("%s", async (name, change, message) => {
    const model = await broken(name, change);
    const out = at(`${name}-out`);
    const { code, err, out: text } = await audit(model, "--out", out);
    expect([code, text]).toEqual([1, ""]);
    expect(err.replaceAll(/\s+/g, " ")).toMatch(message);
    expect(
      readdirSync(scratch).includes(`${name}-out`) ? readdirSync(out).filter((f) => f !== "asked.json") : [],
    ).toEqual([]);
  });

  it("and so says the program itself, with a code, no stack, nothing on standard output", async () => {
    const model = await broken("program", (d) => truncateSync(join(d, "model.safetensors"), 60_000));
    const ran = await start(["audit", "--model", model, "--data", at("data")]).ended;
    expect([ran.code, ran.out]).toEqual([1, ""]);
    expect(ran.err).toMatch(/^lintel: .*truncated. Try downloading the file again\n$/);
  });
});

describe("what is tolerated is told", () => {
  it("an end of text among others that the table does not have, markers that the tokenizer lacks", async () => {
    const model = await broken("tolerated", (d) => {
      json("generation_config.json", (c) => {
        c.eos_token_id = [2, 99999];
      })(d);
      json("tokenizer.json", (c) => {
        c.added_tokens = (c.added_tokens as { content: string }[]).filter(
          ({ content }) => content !== "<|lvr_end|>",
        );
        delete (c.model as { vocab: Record<string, number> }).vocab["<|lvr_end|>"];
      })(d);
      json("tokenizer_config.json", (c) => {
        delete c.added_tokens_decoder;
        delete c.additional_special_tokens;
      })(d);
    });
    const { code, err } = await audit(model);
    expect(code).toBe(0);
    expect(err).toMatch(/eos_token_id 99999 is no row of the embedding table/);
    expect(err).toMatch(/lvr_end_id \d+, but the tokenizer has no <\|lvr_end\|>/);
  });

  it("examples that the model has no finite numbers for are counted, and the audit goes on without them", async () => {
    // A word that two questions have, whose embedding is no number.
    const examples = knownExamples(8, 1, 0);
    const rare = "unknown";
    for (const i of [2, 5]) examples[i]!.question = `${rare} ${examples[i]!.question}`;
    await writeKnownData(at("rare"), examples);
    const vocabulary = JSON.parse(readFileSync(at("model", "tokenizer.json"), "utf8"));
    const id = vocabulary.added_tokens.find(({ content }: { content: string }) => content === "<unk>").id;
    const model = await broken("nan-word", async (d) => {
      const { hidden_size: width } = JSON.parse(readFileSync(join(d, "config.json"), "utf8"));
      await number("model.embed_tokens.weight", Number.NaN, id * width)(d);
    });
    const out = at("nan-out");
    const run = () =>
      lintel(
        ...["audit", "--model", model, "--data", at("rare"), "--interventions", "own,zeros"],
        ...["--threads", "1", "--json", "--out", out],
      );
    const ran = await run();
    expect(ran.code).toBe(0);
    const result = JSON.parse(ran.out);
    expect([result.n, result.skipped.map(({ example }: { example: string }) => example)]).toEqual([
      6,
      ["known-000002", "known-000005"],
    ]);
    expect(result.skipped[0].reason).toMatch(/finite numbers, got NaN/);
    expect(ran.err).toMatch(/2 of 8 examples could not be used and are left out/);
    // Those that are left are answered as they are without the others, and an audit that goes on says the same.
    expect(JSON.parse((await run()).out)).toEqual(result);
  });

  it("one picture that does not decode", async () => {
    const names = ["up", "down"];
    const root = at("pictures");
    cpSync(at("model"), root, { recursive: true });
    const records = Array.from({ length: 4 }, (_, i) => {
      const png = encodePng({ width: 12, height: 12, pixels: new Uint8Array(432).fill(20 * i) });
      writeFileSync(join(root, `${i}.png`), i === 2 ? png.subarray(0, 40) : png);
      return { question: "Which?", img_path: `${i}.png`, options: names, answer: "A" };
    });
    writeFileSync(join(root, "test.jsonl"), records.map((each) => JSON.stringify(each)).join("\n"));
    const ran = await lintel(
      ...["audit", "--model", at("model"), "--data", join(root, "test.jsonl"), "--map", "viscot-mc"],
      ...["--interventions", "own", "--threads", "1", "--json"],
    );
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out)).toMatchObject({
      n: 3,
      skipped: [{ reason: expect.stringMatching(/decode|PNG/) }],
    });
  });
});
