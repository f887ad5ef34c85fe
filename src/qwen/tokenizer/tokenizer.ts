import { join } from "node:path";
import { z } from "zod";
import { ensure } from "../../util/index.ts";
import { parseJson, readOptional } from "../checkpoint/optional-json.ts";
import { parseFields } from "../config/parse-fields.ts";
import { type Grid, imageTokens } from "../decoder/position-ids.ts";
import { addedTokens, type ParsedFile } from "./added-tokens.ts";
import { chatTemplate, type Message } from "./chat-template.ts";
import { pretokenizerWarnings } from "./qwen2-pretokenizer.ts";
import { budgetedEngine } from "./tokenizer-budget.ts";

/** Converts text to ids and back, by the files of a checkpoint. */
export interface Tokenizer {
  /**
   * Ids of a text. Special tokens in it become their ids; none is added. Throws `LintelError` "input" for text that is
   * not in the vocabulary, if there is no unknown token.
   */
  encode(text: string): number[];
  /** The text of ids; ids without a token (rows beyond the vocabulary) are skipped. */
  decode(ids: readonly number[], options?: { skipSpecial?: boolean }): string;
  /** The id of a token. */
  idOf(token: string): number | undefined;
  tokenOf(id: number): string | undefined;
  /** One more than the largest id. */
  size: number;
  /** The conversation as text, by the checkpoint's chat template, with one image token per image. */
  applyChatTemplate(messages: readonly Message[], options?: { addGenerationPrompt?: boolean }): string;
  /** The source files by name, to save with a model. */
  files: Readonly<Record<string, string>>;
  /** Differences between versions of transformers in reading these files. */
  warnings?: readonly string[];
}

const schema = z.looseObject({
  added_tokens: z.array(z.looseObject({ id: z.int().nonnegative(), content: z.string() })).default([]),
  model: z.looseObject({}),
});

const configSchema = z.looseObject({
  chat_template: z
    .union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))])
    .nullish(),
  clean_up_tokenization_spaces: z.boolean().nullish(),
  tokenizer_class: z.string().nullish(),
});

/**
 * Caches the last `limit` results. Examples of a task often share their text and differ in their images; rendering and
 * encoding a prompt takes half a millisecond.
 */
function cached<T>(limit: number, make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const old = known.get(key);
    if (old !== undefined) return old;
    const made = make(key);
    if (known.size >= limit) known.delete(known.keys().next().value!);
    known.set(key, made);
    return made;
  };
}

/** The files of a tokenizer, in the order in which transformers reads them. */
const names = [
  "tokenizer.json",
  "tokenizer_config.json",
  "chat_template.jinja",
  "chat_template.json",
  "added_tokens.json",
  "special_tokens_map.json",
] as const;

function templateSource(
  files: Readonly<Record<string, string>>,
  config: z.output<typeof configSchema>,
  at: string,
) {
  const jinja = files["chat_template.jinja"];
  if (jinja !== undefined) return { source: jinja, where: join(at, "chat_template.jinja") };
  const json = files["chat_template.json"];
  if (json !== undefined) {
    const where = join(at, "chat_template.json");
    const type = z.looseObject({ chat_template: z.string() });
    return {
      source: parseFields(type, parseJson(json, where), where, "an object with a chat_template")
        .chat_template,
      where,
    };
  }
  const inline = config.chat_template;
  const source = Array.isArray(inline) ? inline.find(({ name }) => name === "default")?.template : inline;
  return source ? { source, where: join(at, "tokenizer_config.json") } : null;
}

/** Special tokens as template variables: strings, or objects with a `content`. */
function tokenVariables(config: Readonly<Record<string, unknown>>): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!key.endsWith("_token")) continue;
    const content =
      typeof value === "object" && value !== null ? (value as { content?: unknown }).content : value;
    if (typeof content === "string") variables[key] = content;
  }
  return variables;
}

/** Ids of a model's vocabulary; a Unigram list is numbered in order. */
function vocabularyOf({ vocab }: { vocab?: unknown }): Map<string, number> {
  if (Array.isArray(vocab)) return new Map(vocab.map((entry, id) => [String([entry].flat()[0]), id]));
  return new Map(Object.entries((vocab ?? {}) as Record<string, number>));
}

/**
 * Creates a tokenizer from the contents of its files: `tokenizer.json`, and optionally `tokenizer_config.json`,
 * `added_tokens.json`, `special_tokens_map.json`, and a chat template (`chat_template.jinja`, `chat_template.json`, or in
 * the configuration, in this order). Tokens that only the configuration adds get the same ids as in transformers.
 * `where` is their location in errors. Throws `LintelError` "checkpoint".
 */
export function createTokenizer(files: Readonly<Record<string, string>>, where: string): Tokenizer {
  const path = join(where, "tokenizer.json");
  const text = files["tokenizer.json"];
  ensure(text !== undefined, "checkpoint", () => ({
    where,
    expected: "a tokenizer.json",
    got: "none",
    attempt:
      "AutoTokenizer.from_pretrained(DIRECTORY).save_pretrained(DIRECTORY) in transformers, which creates it from " +
      "vocab.json and merges.txt",
  }));
  const json = parseFields(schema, parseJson(text, path), path, "a tokenizer with a model");
  const configPath = join(where, "tokenizer_config.json");
  const configText = files["tokenizer_config.json"];
  const configJson = configText === undefined ? {} : parseJson(configText, configPath);
  const config = parseFields(configSchema, configJson, configPath, "the configuration of a tokenizer");
  const parsed = (name: string): ParsedFile | undefined => {
    const content = files[name];
    const at = join(where, name);
    return content === undefined ? undefined : { json: parseJson(content, at), where: at };
  };
  const [legacy, specials] = [parsed("added_tokens.json"), parsed("special_tokens_map.json")];
  const further = addedTokens({
    known: json.added_tokens,
    vocabulary: vocabularyOf(json.model),
    config: { json: configJson, where: configPath },
    ...(legacy && { legacy }),
    ...(specials && { specials }),
  });
  // the engine requires these fields
  const parts = {
    ...{ normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null },
    ...json,
    added_tokens: [...json.added_tokens, ...further.tokens],
  };
  const { engine, timed } = budgetedEngine(parts, config, path);
  const found = templateSource(files, config, where);
  const render = found ? chatTemplate(found.source, tokenVariables(config), found.where) : null;
  const encode = cached(1000, (input): readonly number[] => {
    // a lone surrogate becomes U+FFFD, as in any UTF-8 file
    const valid = /\p{Surrogate}/u.test(input) ? Buffer.from(input, "utf8").toString("utf8") : input;
    const ids: (number | undefined)[] = valid
      ? timed(() => engine.encode(valid, { add_special_tokens: false }).ids)
      : [];
    ensure(!ids.includes(undefined), "input", () => ({
      where: `${path}: text ${JSON.stringify(input.length > 80 ? `${input.slice(0, 80)}…` : input)}`,
      expected: "a vocabulary that covers the text, or an unknown token",
      got: "text without a token",
    }));
    return ids as number[];
  });
  const chat = cached(1000, (key) => {
    const [messages, prompt] = JSON.parse(key) as [Message[], boolean];
    return render!(messages, prompt);
  });
  let size = 0;
  for (const id of engine.get_vocab().values()) size = Math.max(size, id + 1);
  for (const { id } of parts.added_tokens) size = Math.max(size, id + 1);

  return {
    encode: (input) => [...encode(input)],
    decode(ids, { skipSpecial = false } = {}) {
      const known = ids.filter((id) => engine.id_to_token(id) !== undefined);
      return known.length
        ? timed(() =>
            engine.decode(known, {
              skip_special_tokens: skipSpecial,
              clean_up_tokenization_spaces: config.clean_up_tokenization_spaces ?? false,
            }),
          )
        : "";
    },
    idOf: (token) => engine.token_to_id(token),
    tokenOf: (id) => engine.id_to_token(id),
    size,
    applyChatTemplate(messages, { addGenerationPrompt = false } = {}) {
      ensure(render, "checkpoint", () => ({
        where,
        expected: "a chat template",
        got: "none",
        attempt: "adding the base model's chat_template.jinja",
      }));
      return chat(JSON.stringify([messages, addGenerationPrompt]));
    },
    files: Object.fromEntries(
      names.flatMap((name) => (files[name] === undefined ? [] : [[name, files[name]]])),
    ),
    warnings: [
      ...further.warnings,
      ...pretokenizerWarnings(json, config.tokenizer_class ?? null, configPath),
    ],
  };
}

/**
 * The tokenizer of a checkpoint directory. Throws `LintelError` "checkpoint" naming the file.
 */
export async function loadTokenizer(directory: string): Promise<Tokenizer> {
  const files: Record<string, string> = {};
  for (const name of names) {
    const text = await readOptional(directory, name);
    if (text !== null) files[name] = text;
  }
  return createTokenizer(files, directory);
}

/**
 * Repeats each image token once per merged patch. Equivalent to expanding the text before encoding, as
 * `Qwen2_5_VLProcessor` does, since a special token never merges with its neighbors.
 * Throws `LintelError` "input" unless there is one grid per image token.
 *
 * @example
 * expandImages([7, 5, 8], 5, [[1, 4, 2]], 2); // [7, 5, 5, 8]
 */
export function expandImages(
  ids: readonly number[],
  image: number,
  grids: readonly Grid[],
  mergeSize: number,
): number[] {
  const expanded: number[] = [];
  let next = 0;
  for (const id of ids) {
    const grid = id === image ? grids[next++] : null;
    const count = grid ? imageTokens(grid, mergeSize) : 1;
    for (let i = 0; i < count; i++) expanded.push(id);
  }
  ensure(next === grids.length, "input", () => ({
    where: "image tokens",
    expected: `${grids.length}, one for each image`,
    got: String(next),
  }));
  return expanded;
}
