import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { LintelError } from "../../util/index.ts";
import { pocketTokenIds } from "../config/pocket-config.ts";
import type { Message } from "./chat-template.ts";
import { pocketTokenizer } from "./pocket-tokenizer.ts";
import { createTokenizer, expandImages, loadTokenizer, type Tokenizer } from "./tokenizer.ts";

const folder = new URL("../../../test/goldens/tokenizer/", import.meta.url).pathname;
const unpack = (name: string): string => gunzipSync(readFileSync(join(folder, name))).toString("utf8");

interface Case {
  text: string;
  ids: number[];
  decoded: string;
  plain: string;
}
interface Chat {
  messages: Message[];
  addGenerationPrompt: boolean;
  text: string;
  ids: number[];
}
const golden = JSON.parse(unpack("cases.json.gz")) as {
  size: number;
  cases: Case[];
  loose: { ids: number[]; decoded: string }[];
  chats: Chat[];
  pocket: { size: number; cases: Case[]; chats: Chat[] };
};
const bpeFiles = {
  "tokenizer.json": unpack("bpe.tokenizer.json.gz"),
  "tokenizer_config.json": readFileSync(join(folder, "bpe.tokenizer_config.json"), "utf8"),
};
const bpe = createTokenizer(bpeFiles, "bpe");
const words = [
  "left",
  "right",
  "rotate",
  "90",
  "270",
  "a",
  "b",
  "(a)",
  ":",
  "?",
  "left",
  "日本",
  "constructor",
  "__proto__",
];
const pocket = createTokenizer(pocketTokenizer(words), "pocket");

/** Texts of which ours differ, each with both results: an empty list is equality on all. */
function differences(tokenizer: Tokenizer, cases: readonly Case[]): unknown[] {
  return cases.flatMap(({ text, ids, decoded, plain }) => {
    const ours = tokenizer.encode(text);
    const found = [ours, tokenizer.decode(ids), tokenizer.decode(ids, { skipSpecial: true })];
    return JSON.stringify(found) === JSON.stringify([ids, decoded, plain])
      ? []
      : [{ text, ids, decoded, plain, found }];
  });
}

function chatDifferences(tokenizer: Tokenizer, chats: readonly Chat[]): unknown[] {
  return chats.flatMap(({ messages, addGenerationPrompt, text, ids }) => {
    const ours = tokenizer.applyChatTemplate(messages, { addGenerationPrompt });
    return ours === text && JSON.stringify(tokenizer.encode(ours)) === JSON.stringify(ids)
      ? []
      : [{ ours, text }];
  });
}

describe("a byte-level BPE in Qwen2's form", () => {
  it("gives the ids and texts of Python for 700 strings", () => {
    expect(golden.cases.length).toBeGreaterThanOrEqual(500);
    expect(differences(bpe, golden.cases)).toEqual([]);
    expect(bpe.size).toBe(golden.size);
  });

  it("decodes any ids as Python does, also those that are no text", () => {
    const wrong = golden.loose.filter(({ ids, decoded }) => bpe.decode(ids) !== decoded);
    expect(wrong.map(({ ids, decoded }) => ({ ids, decoded, ours: bpe.decode(ids) }))).toEqual([]);
  });

  it("writes conversations as transformers does", () => {
    expect(golden.chats.length).toBe(10);
    expect(chatDifferences(bpe, golden.chats)).toEqual([]);
  });

  it("takes half a surrogate pair for U+FFFD", () => {
    expect(bpe.encode("a\ud83db")).toEqual(bpe.encode("a\ufffdb"));
    expect(bpe.encode("\udc00")).toEqual(bpe.encode("\ufffd"));
    expect(bpe.decode(bpe.encode("a🙂b"))).toBe("a🙂b");
  });

  it("gives each caller ids of its own", () => {
    const first = bpe.encode("the wall");
    first.push(0);
    expect(bpe.encode("the wall")).toEqual(first.slice(0, -1));
  });

  it("refuses text that it has no token for", () => {
    const model = { type: "BPE", vocab: { a: 0 }, merges: [] };
    const small = createTokenizer({ "tokenizer.json": JSON.stringify({ model }) }, "small");
    expect(small.encode("aa")).toEqual([0, 0]);
    expect(small.encode("")).toEqual([]);
    const words = { type: "WordLevel", vocab: { a: 0 } };
    const noUnknown = createTokenizer({ "tokenizer.json": JSON.stringify({ model: words }) }, "words");
    expect(() => noUnknown.encode("b")).toThrow(/words\/tokenizer.json: text "b": .*text without a token/);
  });

  it("leaves out ids without a token, and knows tokens by name", () => {
    expect(bpe.decode([golden.size + 5, ...bpe.encode("wall"), -1])).toBe("wall");
    expect(bpe.decode([])).toBe("");
    expect(bpe.tokenOf(bpe.idOf("<|lvr_sep|>")!)).toBe("<|lvr_sep|>");
    expect(bpe.idOf("<|nope|>")).toBeUndefined();
  });
});

describe("pocketTokenizer", () => {
  it("makes the files that the golden was made with", () => {
    for (const [name, text] of Object.entries(pocketTokenizer(words))) {
      expect(text, name).toBe(readFileSync(join(folder, "pocket", name), "utf8"));
    }
  });

  it("gives the ids and texts that transformers gives with these files", () => {
    expect(golden.pocket.cases.length).toBe(60);
    expect(differences(pocket, golden.pocket.cases)).toEqual([]);
    expect(chatDifferences(pocket, golden.pocket.chats)).toEqual([]);
    expect(pocket.size).toBe(golden.pocket.size);
  });

  it("writes turns compactly, an image without its end marker and no system turn", () => {
    const content = [{ type: "text", text: "left" }, { type: "image" }, { type: "text", text: "a" }] as const;
    expect(pocket.applyChatTemplate([{ role: "user", content }], { addGenerationPrompt: true })).toBe(
      "<|im_start|>user left<|vision_start|><|image_pad|>a <|im_end|><|im_start|>assistant ",
    );
  });

  it("gives the ids that pocketTokenIds names", () => {
    expect(pocketTokenIds).toEqual({
      visionStart: pocket.idOf("<|vision_start|>"),
      visionEnd: pocket.idOf("<|vision_end|>"),
      image: pocket.idOf("<|image_pad|>"),
      video: pocket.idOf("<|video_pad|>"),
    });
  });

  it("refuses what is no word", () => {
    for (const word of ["", "a b", "a\n", "x<|im_end|>"]) {
      expect(() => pocketTokenizer([word])).toThrow(/without white space or special tokens/);
    }
  });
});

describe("loadTokenizer", () => {
  const directory = mkdtempSync(join(tmpdir(), "lintel-tokenizer-"));
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  const hello: Message[] = [{ role: "user", content: "hi" }];

  it("names what is missing or broken", async () => {
    await expect(loadTokenizer(directory)).rejects.toThrow(/expected a tokenizer.json, got none/);
    write("tokenizer.json", "{");
    await expect(loadTokenizer(directory)).rejects.toThrow(/tokenizer.json: expected JSON/);
    write("tokenizer.json", "{}");
    await expect(loadTokenizer(directory)).rejects.toThrow(
      /tokenizer.json: expected a tokenizer with a model, got model/,
    );
    write("tokenizer.json", '{"model": {"type": "Strange"}}');
    await expect(loadTokenizer(directory)).rejects.toThrow(/model.type must be BPE, .*got "Strange"/);
    write("tokenizer.json", bpeFiles["tokenizer.json"]);
    write("tokenizer_config.json", '{"chat_template": 3}');
    await expect(loadTokenizer(directory)).rejects.toThrow(/tokenizer_config.json.*chat_template/);
  });

  it("finds the chat template where transformers does: its own file first", async () => {
    const say = async () => (await loadTokenizer(directory)).applyChatTemplate(hello);
    rmSync(join(directory, "tokenizer_config.json"));
    await expect(say()).rejects.toThrow(/expected a chat template, got none/);
    write(
      "tokenizer_config.json",
      JSON.stringify({
        chat_template: [
          { name: "default", template: "list" },
          { name: "x", template: "y" },
        ],
      }),
    );
    expect(await say()).toBe("list");
    write(
      "tokenizer_config.json",
      JSON.stringify({ chat_template: "inline {{ eos_token }}", eos_token: { content: "<e>" } }),
    );
    expect(await say()).toBe("inline <e>");
    write("chat_template.json", JSON.stringify({ chat_template: "json {{ messages[0].content }}" }));
    expect(await say()).toBe("json hi");
    write("chat_template.jinja", "jinja");
    expect(await say()).toBe("jinja");
    expect(Object.keys((await loadTokenizer(directory)).files)).toHaveLength(4);
    write("chat_template.jinja", "{% for");
    await expect(say()).rejects.toThrow(LintelError);
    write("chat_template.jinja", "{{ raise_exception('no images here') }}");
    await expect(say()).rejects.toThrow(
      /chat_template.jinja: expected a chat template that accepts these messages.*no images here/,
    );
  });
});

describe("expandImages", () => {
  it("equals expanding the text first", () => {
    const text = "left<|vision_start|><|image_pad|>right<|vision_start|><|image_pad|>";
    const grown = "left<|vision_start|><|image_pad|><|image_pad|>right<|vision_start|><|image_pad|>";
    expect(
      expandImages(
        pocket.encode(text),
        pocketTokenIds.image,
        [
          [1, 2, 4],
          [1, 2, 2],
        ],
        2,
      ),
    ).toEqual(pocket.encode(grown));
  });

  it("refuses more or fewer grids than image tokens", () => {
    expect(() => expandImages([5], 5, [], 2)).toThrow(/expected 0, one for each image, got 1/);
    expect(() => expandImages([1], 5, [[1, 2, 2]], 2)).toThrow(/expected 1, one for each image, got 0/);
  });
});
