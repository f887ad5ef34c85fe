/** ILVR's teacher against its own trainer (test/goldens/families/ilvr), and what it reads of an example. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openFamily } from "../../../test/families.fixture.ts";
import { worstDifference } from "../../../test/tiny.fixture.ts";
import { families } from "../../families/index.ts";
import { decodeImage, encodePng } from "../../formats/index.ts";
import { createTokenizer, promptVisuals, type QwenConfig } from "../../qwen/index.ts";
import { readMapped } from "../../tasks/index.ts";
import { dialogueOf, type LocalModel } from "../latent-model.ts";
import { createPooling, type Pooling } from "./pooling.ts";
import { queryParts, repliedWith, selectRows } from "./teacher.ts";

let golden: Awaited<ReturnType<typeof openFamily>>;
let pooling: Pooling;
beforeAll(async () => {
  golden = await openFamily("ilvr");
  const { network } = golden.modelOf(golden.golden.cases[0]!);
  pooling = createPooling(network.config.text as QwenConfig["text"], golden.weights, { threads: 1 });
});
afterAll(() => Promise.all([golden.release(), pooling.release()]));

describe("the teacher's selection", () => {
  it("is that of ILVR's trainer: as many rows, the same ones, in its order", async () => {
    const { golden: file, tensors, modelOf, encode } = golden;
    expect(file.targets!.length).toBeGreaterThanOrEqual(3);
    for (const [n, { name, k, ids, assistant, grid, helpers, counts }] of file.targets!.entries()) {
      const model = modelOf(file.cases[0]!, { everyHidden: "last" });
      const width = model.network.config.text.hiddenSize;
      const images = grid ? [await encode(model, `targets.${n}.patches`, grid)] : [];
      const prompt = { ids, ...promptVisuals(images), grids: grid ? [grid] : [] };
      const parts = await queryParts({ network: model.network, pooling }, prompt, assistant, model.rules);
      const rows = await Promise.all(
        helpers.map(async (each, i) => (await encode(model, `targets.${n}.helper.${i}`, each)).rows),
      );
      const chosen = selectRows(model.family, parts, rows, width, k);
      expect([name, chosen.map(({ length }) => length / width)]).toEqual([name, counts]);
      const theirs = tensors.get(`targets.${n}.latents`)!.data;
      expect(
        worstDifference(
          chosen.flatMap((each) => [...each]),
          theirs,
        ),
      ).toBeLessThan(1e-4);
    }
  });
});

describe("what the teacher reads", () => {
  it("are the ids that ILVR's collation makes of a record, up to the last block", async () => {
    const { record, pictures, k, added, ids } = golden.golden.dialogue!;
    const folder = new URL("../../../test/goldens/tokenizer/", import.meta.url).pathname;
    const json = JSON.parse(gunzipSync(readFileSync(`${folder}bpe.tokenizer.json.gz`)).toString("utf8"));
    const first = 1 + Math.max(...json.added_tokens.map(({ id }: { id: number }) => id));
    const likeOthers = json.added_tokens[0];
    for (const [i, content] of added.entries())
      json.added_tokens.push({ ...likeOthers, id: first + i, content });
    const settings = readFileSync(`${folder}bpe.tokenizer_config.json`, "utf8");
    const tokenizer = createTokenizer(
      { "tokenizer.json": JSON.stringify(json), "tokenizer_config.json": settings },
      "golden",
    );
    const directory = mkdtempSync(join(tmpdir(), "lintel-dialogue-"));
    // A picture is as wide as it has tokens.
    for (const [name, count] of Object.entries(pictures))
      writeFileSync(
        join(directory, name),
        encodePng({ width: count, height: 1, pixels: new Uint8Array(3 * count) }),
      );
    // Options are drawn from the answers of other records.
    const other = { ...(record as object), original_final_answer: "A" };
    writeFileSync(
      join(directory, "TEST.jsonl"),
      [record, other].map((each) => JSON.stringify(each)).join("\n"),
    );
    const { examples } = await readMapped(directory, "comt", { audit: true });
    const { network, rules } = golden.modelOf(golden.golden.cases[0]!) as LocalModel;
    const features = {
      size: 0,
      of: () => Promise.resolve([]),
      get: (images: readonly Uint8Array[]) =>
        Promise.all(
          images.map(async (bytes, index) => {
            const { width, height } = await decodeImage(bytes);
            const rows = new Float32Array(width * network.config.text.hiddenSize);
            return { index, grid: [1, 2, 2 * width] as [number, number, number], width, height, rows };
          }),
        ),
    };
    const [image, visionStart] = ["<|image_pad|>", "<|vision_start|>"].map(
      (each) => tokenizer.idOf(each)!,
    ) as [number, number];
    const config = { ...network.config, tokens: { ...network.config.tokens, image, visionStart } };
    const model = { network: { ...network, config }, rules, tokenizer, features, family: families.ilvr };
    const said = repliedWith(families.ilvr, examples[0]!, "<|latent_pad|>", k);
    const made = await dialogueOf(model, examples[0]!, said);
    const end = ids.lastIndexOf(tokenizer.idOf("<|latent_end|>")!) + 1;
    // Files of images are read when they are looked at.
    rmSync(directory, { recursive: true });
    expect(made.ids.slice(0, end)).toEqual(ids.slice(0, end));
    expect(ids.slice(made.assistant, made.assistant + 3)).toEqual(
      tokenizer.encode("<|im_start|>assist").slice(0, 3),
    );
  });
});
