import { describe, expect, it } from "vitest";
import type { Example } from "../tasks/index.ts";
import { LintelError } from "../util/index.ts";
import { groupMeans } from "./compress.ts";
import { families, familyOf } from "./index.ts";

const { lantern } = families;
const ids: Record<string, number> = { "<|lvr_start|>": 7, "<|lvr_sep|>": 8, "<|lvr_end|>": 9 };
const idOf = (token: string): number | undefined => ids[token];

describe("rules", () => {
  it("come from config.json", () => {
    const rules = { startId: 1, padId: 2, endId: 3, k: 4 };
    expect(lantern.rules(lantern.configKeys(rules), () => undefined)).toMatchObject(rules);
    expect(lantern.rules(lantern.configKeys(rules), idOf)).toMatchObject(rules);
  });

  it("come from the tokenizer where config.json is silent, id by id", () => {
    expect(lantern.rules({ latent_size: 8 }, idOf)).toMatchObject({ startId: 7, padId: 8, endId: 9, k: 8 });
    expect(lantern.rules({ latent_size: 8, lvr_sep_id: 80 }, idOf).padId).toBe(80);
  });

  it.each([
    ["no ids", { latent_size: 8 }, () => undefined, /"lvr_start_id" or a token <\|lvr_start\|>/],
    ["no length", { lvr_start_id: 1 }, idOf, /latent_size: expected a positive integer.*got undefined/],
    ["length 0", { latent_size: 0 }, idOf, /got 0/],
    ["length −1", { latent_size: -1 }, idOf, /got -1/],
    ["half a latent", { latent_size: 1.5 }, idOf, /got 1\.5/],
    ["a length in text", { latent_size: "8" }, idOf, /positive integer/],
  ])("are refused with %s", (_, config, tokens, message) => {
    const attempt = () => lantern.rules(config, tokens);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(LintelError);
  });
});

describe("familyOf", () => {
  it("knows a checkpoint by its keys, or by name", () => {
    expect(familyOf({ latent_size: 8, lvr_start_id: 1 })).toBe(lantern);
    expect(familyOf({}, "lantern")).toBe(lantern);
  });

  it("names the nearest family, and says what was looked for", () => {
    expect(() => familyOf({}, "lantren")).toThrow(/lantern/);
    expect(() => familyOf({ hidden_size: 4 })).toThrow(/known family \(lantern, .*base\).*hidden_size/);
  });
});

const letters = ["a", "b", "c", "d"];
const colours = ["red", "green", "dark blue"];

describe("readAnswer", () => {
  it.each<[string, readonly string[], number | null]>([
    ["<answer> b </answer>", letters, 1],
    ["<answer>B</answer>", letters, 1],
    ["<answer>(c)</answer>", letters, 2],
    ["<answer> d. </answer>", letters, 3],
    ["<answer> a) </answer>", letters, 0],
    ["<answer> b </answer", letters, 1],
    // The first tag that holds an option, as `re.search` finds it; the article "a" is the last letter that stands alone.
    ["<answer> a </answer> no: <answer> c </answer>", letters, 0],
    ["<answer> b. a red hat </answer>", letters, 0],
    ["so a, or rather <answer>\n b\n</answer>", letters, 1],
    ["it is (b).", letters, 1],
    ["first a, then c", letters, 2],
    ["abacus bad", letters, null],
    ["<answer> e </answer>", letters, null],
    ["<answer> e </answer> well, b", letters, 1],
    ["<answer></answer>", letters, null],
    ["<|im_start|>assistant <think>", letters, null],
    ["", letters, null],
    ["<answer> red </answer>", colours, 0],
    ["<answer> Dark Blue </answer>", colours, 2],
    ["red at first, green in the end", colours, 1],
    ["greenish", colours, null],
  ])("%j", (text, options, index) => {
    expect(lantern.readAnswer(text, options)).toBe(index);
  });

  it("writes reasoning around the blocks, or alone, where there is some", () => {
    const helpers = [new Uint8Array(1), new Uint8Array(1)];
    const example = { options: letters, answer: 2, helpers, reasoning: ["first", " ", "done."] };
    const block = [{ text: "<|lvr_start|>" }, { latents: 1 }, { text: "<|lvr_end|>" }];
    expect(lantern.response(example as unknown as Example, true)).toEqual([
      { text: "<think> first" },
      ...block,
      ...block,
      { text: "done. </think> <answer> c </answer>" },
    ]);
    expect(lantern.response(example as unknown as Example, false)).toEqual([
      { text: "<think> first done. </think> <answer> c </answer>" },
    ]);
    const silent = { ...example, helpers: [], reasoning: ["hm"] };
    expect(lantern.response(silent as unknown as Example, true)).toEqual([
      { text: "<think> hm </think> <answer> c </answer>" },
    ]);
  });

  it("reads back what it teaches a model to write, with a block for each helper or without", () => {
    const example = { options: letters, answer: 2, helpers: [new Uint8Array(1), new Uint8Array(1)] };
    const parts = lantern.response(example as unknown as Example, true);
    expect(parts.filter((part) => "latents" in part)).toHaveLength(2);
    const plain = lantern.response(example as unknown as Example, false);
    const text = plain.map((part) => ("text" in part ? part.text : "")).join("");
    expect(text).not.toContain("lvr");
    expect(text).toContain(lantern.answerCue);
    expect(lantern.readAnswer(text, letters)).toBe(2);
  });

  it("lays text and images of a question in order", () => {
    const example = { question: "See <image> and <image>: which?" } as Example;
    expect(lantern.content(example)).toEqual([
      { type: "text", text: "See" },
      { type: "image" },
      { type: "text", text: "and" },
      { type: "image" },
      { type: "text", text: ": which?" },
    ]);
    expect(lantern.content({ question: "<image>" } as Example)).toEqual([{ type: "image" }]);
  });
});

describe("groupMeans", () => {
  const rows = (...values: number[]) => Float32Array.from(values);

  it("averages equal groups of rows in order and drops the tail", () => {
    expect(groupMeans(rows(1, 3, 5, 7, 9), 1, 2)).toEqual(rows(2, 6));
    expect(groupMeans(rows(1, 10, 3, 30, 5, 50, 7, 70), 2, 2)).toEqual(rows(2, 20, 6, 60));
    expect(groupMeans(rows(1, 2, 3), 1, 3)).toEqual(rows(1, 2, 3));
    expect(groupMeans(rows(1, 2, 6), 1, 1)).toEqual(rows(3));
  });

  it("keeps every row for k = −1, in an array of its own", () => {
    const given = rows(1, 2, 3);
    const kept = groupMeans(given, 1, -1);
    expect(kept).toEqual(given);
    kept[0] = 9;
    expect(given[0]).toBe(1);
  });

  it("refuses fewer rows than latents", () => {
    expect(() => groupMeans(rows(1, 2), 1, 3)).toThrow(/at least 3 feature rows.*got 2/);
  });
});
