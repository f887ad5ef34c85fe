/** Tokens that a checkpoint adds outside of tokenizer.json, in the way of transformers. */
import { z } from "zod";
import { ensure } from "../../util/index.ts";
import { parseFields } from "../config/parse-fields.ts";

/** A token beside the model's vocabulary, in the form of tokenizer.json. */
interface AddedToken {
  id: number;
  content: string;
  [property: string]: unknown;
}

const content = z.looseObject({ content: z.string() });
const named = z.union([z.string(), content]);
const special = named.nullish();

/** Token fields of tokenizer_config.json and special_tokens_map.json. */
const fields = z.looseObject({
  added_tokens_decoder: z.record(z.string().regex(/^\d+$/, "expected ids as keys"), content).nullish(),
  bos_token: special,
  eos_token: special,
  unk_token: special,
  sep_token: special,
  pad_token: special,
  cls_token: special,
  mask_token: special,
  additional_special_tokens: z.array(named).nullish(),
  // a list in transformers 5, names of tokens in 4
  extra_special_tokens: z.union([z.array(named), z.record(z.string(), named)]).nullish(),
});
type Fields = z.output<typeof fields>;

const single = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"].map((name) => `${name}_token`);

/** Special tokens in transformers' order. */
function specialsOf(file: Fields): string[] {
  const lists = [file.additional_special_tokens, file.extra_special_tokens];
  const all = [...single.map((name) => file[name]), ...lists.flatMap((list) => Object.values(list ?? {}))];
  return all
    .filter((token) => token != null)
    .map((token) => (typeof token === "string" ? token : (token as { content: string }).content));
}

const expected = "tokens by id, special tokens by name";

/** A parsed file and its path. */
export interface ParsedFile {
  json: unknown;
  where: string;
}

interface TokenFiles {
  /** tokenizer.json. */
  known: readonly AddedToken[];
  /** Ids of the model's own vocabulary. */
  vocabulary: ReadonlyMap<string, number>;
  config: ParsedFile;
  /** added_tokens.json of transformers 4. */
  legacy?: ParsedFile;
  /** special_tokens_map.json of transformers 4. */
  specials?: ParsedFile;
}

/**
 * The tokens to add to those of tokenizer.json: from `added_tokens_decoder` in tokenizer_config.json, or from
 * added_tokens.json if that is missing, then special tokens without an id. transformers assigns the next free ids in
 * this order, regardless of the ids in the files.
 *
 * Errors: "checkpoint" if an assigned id, or the id of a token in tokenizer.json, differs from the one in the file.
 */
export function addedTokens({ known, vocabulary, config, legacy, specials }: TokenFiles): {
  tokens: AddedToken[];
  warnings: string[];
} {
  const file = parseFields(fields, config.json, config.where, expected);
  const ids = new Map(vocabulary);
  for (const { content, id } of known) ids.set(content, id);
  let next = 0;
  for (const id of ids.values()) next = Math.max(next, id + 1);
  const tokens: AddedToken[] = [];
  const add = (content: string, properties: Record<string, unknown>): number => {
    const id = next++;
    ids.set(content, id);
    const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
    tokens.push({ ...plain, ...properties, id, content });
    return id;
  };
  const decoder = file.added_tokens_decoder;
  const listed: { content: string; id: number; properties: Record<string, unknown> }[] = [];
  if (decoder)
    for (const [id, token] of Object.entries(decoder))
      listed.push({ content: token.content, id: Number(id), properties: token });
  else if (legacy)
    for (const [content, id] of Object.entries(
      parseFields(z.record(z.string(), z.int()), legacy.json, legacy.where, expected),
    ))
      listed.push({ content, id, properties: {} });
  const where = decoder ? `${config.where}: added_tokens_decoder` : (legacy?.where ?? config.where);
  for (const { content, id, properties } of listed.sort((a, b) => a.id - b.id)) {
    const has = ids.get(content) ?? add(content, properties);
    ensure(has === id, "checkpoint", () => ({
      where,
      expected: `the id ${has} of the token ${JSON.stringify(content)}, as it follows from tokenizer.json`,
      got: String(id),
      attempt: "tokenizer.json and tokenizer_config.json of the same checkpoint",
    }));
  }
  const further =
    specials && !decoder ? specialsOf(parseFields(fields, specials.json, specials.where, expected)) : [];
  for (const content of [...specialsOf(file), ...further]) if (!ids.has(content)) add(content, {});
  const left = decoder
    ? known.filter(({ content }) => !Object.values(decoder).some((token) => token.content === content))
    : [];
  const warnings =
    left.length > 0
      ? [
          `${where}: ${left.length} tokens of tokenizer.json are missing there, such as ${JSON.stringify(left[0]!.content)}: ` +
            "they are kept, as by transformers 4.57; transformers 5 would drop them",
        ]
      : [];
  return { tokens, warnings };
}
