/** Tokenizers of checkpoints that never end, explode or are far too large: each ends within its budget, with a sentence. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../checkpoint/open-checkpoint.ts";
import { errorOf, pocket } from "./hostile.fixture.ts";
import { createTokenizer, loadTokenizer } from "./tokenizer.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-texts-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const vocab = Object.fromEntries([..."abcdefgh !?", "<unk>"].map((token, id) => [token, id]));
const base = { model: { type: "WordLevel", vocab, unk_token: "<unk>" }, added_tokens: [] as object[] };
const tokenizer = (change: object): string => JSON.stringify({ ...base, ...change });
const encode = (change: object, text: string): number[] =>
  createTokenizer({ "tokenizer.json": tokenizer(change) }, "m").encode(text);
const split = (Regex: string) => ({
  pre_tokenizer: { type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false },
});
const replace = (Regex: string, content: string) => ({ type: "Replace", pattern: { Regex }, content });
/** Too long for any machine: backtracking over it takes longer than a life. */
const longA = `${"a".repeat(80)}!`;

describe("a tokenizer", { timeout: 120_000 }, () => {
  it.each<[string, object, RegExp]>([
    ["a Split of (a+)+$", split("(a+)+$"), /pre_tokenizer.pattern.Regex.*takes more than 5 s/],
    ["a Split of (a|aa)+$", split("(?:a|aa)+$"), /pre_tokenizer.pattern.Regex/],
    ["a Split of (a|a)*b", split("(?:a|a)*b"), /Regex/],
    [
      "a Replace of (.*)*x in the normalizer",
      { normalizer: replace("(.*)*x", "") },
      /normalizer.pattern.Regex/,
    ],
    [
      "an expression in a sequence",
      { normalizer: { type: "Sequence", normalizers: [replace("(a*)*c", "")] } },
      /normalizers.0.pattern.Regex/,
    ],
  ])("with %s ends", (_name, change, message) => {
    const error = errorOf(() => encode(change, longA));
    expect([error.code, error.message]).toEqual(["checkpoint", expect.stringMatching(message)]);
  });

  it.each<[string, object, RegExp]>([
    [
      "a normalizer that explodes",
      { normalizer: { type: "Sequence", normalizers: Array(6).fill(replace("a", "a".repeat(100))) } },
      /normalizer/,
    ],
    [
      "a normalizer that prepends a book",
      { normalizer: { type: "Prepend", prepend: "a".repeat(20_000) } },
      /normalizer.prepend: expected at most 10000 characters/,
    ],
    [
      "a replacement of a megabyte",
      { normalizer: replace("a", "b".repeat(1 << 20)) },
      /normalizer.content: expected at most 10000/,
    ],
    [
      "an expression of a megabyte",
      split("a|".repeat(1 << 19)),
      /pre_tokenizer.pattern.Regex: expected at most 10000/,
    ],
    ["an expression that does not compile", split("(unclosed"), /expected a tokenizer/],
    ["a model of another type", { model: { type: "Lintel", vocab } }, /model.type must be BPE, WordLevel/],
    ["a model whose type is a number", { model: { type: 7, vocab } }, /model.type must be/],
    [
      "a vocabulary of a million words",
      {
        model: {
          type: "WordLevel",
          vocab: Object.fromEntries(Array.from({ length: 1_000_000 }, (_, i) => [`w${i}`, i])),
          unk_token: "w0",
        },
      },
      /model.vocab: expected at most 500000 entries, got 1000000/,
    ],
    [
      "a million merges",
      { model: { type: "BPE", vocab, merges: Array(1_000_000).fill("a b") } },
      /model.merges: expected at most 500000/,
    ],
    [
      "a million added tokens",
      { added_tokens: Array.from({ length: 600_000 }, (_, id) => ({ id, content: `t${id}` })) },
      /added_tokens: expected at most 500000/,
    ],
    [
      "an unknown pre-tokenizer",
      { pre_tokenizer: { type: "Lintel" } },
      /expected a tokenizer of a supported type/,
    ],
    ["an unknown normalizer", { normalizer: { type: "Lintel" } }, /expected a tokenizer of a supported type/],
    ["merges that are numbers", { model: { type: "BPE", vocab, merges: [1, 2] } }, /expected a tokenizer/],
    [
      "a vocabulary that is null",
      { model: { type: "BPE", vocab: null, merges: [] } },
      /tokenizer|vocabulary/,
    ],
  ])("with %s is refused", (_name, change, message) => {
    const error = errorOf(() => encode(change, "aab"));
    expect(error.message).toMatch(message);
  });

  it("with an expression of its own that is harmless works as before", () => {
    expect(encode(split("[a-h]"), "ab")).toEqual([0, 1]);
    expect(encode({ normalizer: replace("b+", "c"), ...split("[a-h]") }, "abb")).toEqual([0, 2]);
  });

  it("whose files are too long, or no files, is refused before it is read", async () => {
    writeFileSync(join(scratch, "tokenizer.json"), "{}");
    truncateSync(join(scratch, "tokenizer.json"), 200e6);
    await expect(loadTokenizer(scratch)).rejects.toThrow(
      /tokenizer.json.*200000000 bytes, more than the limit/,
    );
    rmSync(join(scratch, "tokenizer.json"));
    for (const name of ["tokenizer.json", "config.json", "model.safetensors"]) {
      expect(spawnSync("mkfifo", [join(scratch, name)]).status).toBe(0);
    }
    await expect(loadTokenizer(scratch)).rejects.toThrow(/got a pipe, a socket or a device/);
    await expect(openCheckpoint(scratch)).rejects.toThrow(/config.json.*got a pipe/);
    rmSync(join(scratch, "config.json"));
    writeFileSync(join(scratch, "config.json"), JSON.stringify(pocket({})));
    await expect(openCheckpoint(scratch)).rejects.toThrow(/model.safetensors.*got a pipe/);
  });
});
