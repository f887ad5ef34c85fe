import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LintelError } from "../../util/index.ts";
import { pocketTokenizer } from "./pocket-tokenizer.ts";
import { createTokenizer } from "./tokenizer.ts";

const folder = new URL("../../../test/goldens/", import.meta.url).pathname;
const { base, text, cases } = JSON.parse(readFileSync(join(folder, "tokenizer/added.json"), "utf8")) as {
  base: string;
  text: string;
  cases: {
    name: string;
    config: object;
    files: Record<string, unknown>;
    /** Ids of tokens that are taken out of tokenizer.json. */
    dropped: number[];
    /** What each version of transformers makes of it. */
    ids: Record<string, number[]>;
  }[];
};
const read = (name: string) => JSON.parse(readFileSync(join(folder, base, name), "utf8"));

function filesOf({ config, files, dropped }: (typeof cases)[number]): Record<string, string> {
  const tokenizer = read("tokenizer.json");
  tokenizer.added_tokens = tokenizer.added_tokens.filter(({ id }: { id: number }) => !dropped.includes(id));
  const all = {
    "tokenizer.json": tokenizer,
    "tokenizer_config.json": { ...read("tokenizer_config.json"), ...config },
    ...files,
  };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, JSON.stringify(value)]));
}

describe("tokens that other files than tokenizer.json add", () => {
  it.each(cases)("$name: the ids of transformers, or a word", (one) => {
    const [older, newer] = [one.ids["4.57.1"]!, one.ids["5.24.0"]!];
    const agree = JSON.stringify(older) === JSON.stringify(newer);
    let tokenizer: ReturnType<typeof createTokenizer>;
    try {
      tokenizer = createTokenizer(filesOf(one), "dir");
    } catch (error) {
      // refused: only where the files contradict each other
      expect((error as LintelError).message).toMatch(
        /^dir\/.*: expected the id \d+ of the token "<.*>", as it follows from tokenizer.json, got \d+. Try/,
      );
      expect(one.name).toMatch(/a far id|another id/);
      return;
    }
    expect(one.name).not.toMatch(/a far id|another id/);
    expect(tokenizer.encode(text)).toEqual(older);
    if (agree) expect(tokenizer.warnings).toEqual([]);
    else expect(tokenizer.warnings!.join()).toMatch(/transformers 5 would/);
    // what is saved with a model is the same tokenizer again
    expect(createTokenizer(tokenizer.files, "again").encode(text)).toEqual(older);
  });

  it("names what is no list of tokens", () => {
    const files = { ...pocketTokenizer(["a"]), "tokenizer_config.json": '{"added_tokens_decoder":{"x":{}}}' };
    expect(() => createTokenizer(files, "dir")).toThrow(LintelError);
    expect(() => createTokenizer(files, "dir")).toThrow(/dir\/tokenizer_config.json: .*added_tokens_decoder/);
  });
});

describe("the class of a tokenizer", () => {
  const own = pocketTokenizer(["left", "right"]);
  const as = (tokenizerClass: string) => ({
    ...own,
    "tokenizer_config.json": JSON.stringify({
      ...JSON.parse(own["tokenizer_config.json"]!),
      tokenizer_class: tokenizerClass,
    }),
  });

  it("of what Lintel writes makes both versions of transformers read tokenizer.json", () => {
    expect(JSON.parse(own["tokenizer_config.json"]!).tokenizer_class).toBe("PreTrainedTokenizerFast");
    expect(createTokenizer(own, "dir").warnings).toEqual([]);
  });

  it("of what earlier versions of Lintel wrote is read as before, with a warning about transformers 5", () => {
    const tokenizer = createTokenizer(as("Qwen2Tokenizer"), "dir");
    expect(tokenizer.encode("left right")).toEqual(createTokenizer(own, "dir").encode("left right"));
    expect(tokenizer.warnings!.join()).toMatch(
      /tokenizer_config.json: .*transformers 5 would give other ids/,
    );
  });
});

it("says how to make a tokenizer.json from the files of a slow tokenizer", () => {
  expect(() => createTokenizer({}, "dir")).toThrow(
    /AutoTokenizer.from_pretrained\(DIRECTORY\).save_pretrained/,
  );
});
