/** Tokens that a checkpoint adds to its vocabulary outside of tokenizer.json, as transformers adds them. */
import { z } from "zod";
import { ensure } from "../../util/index.ts";

/** A token beside the model's vocabulary, in the form of tokenizer.json. */
export interface AddedToken {
  id: number;
  content: string;
  [property: string]: unknown;
}

const content = z.looseObject({ content: z.string() });
const named = z.union([z.string(), content]);
const special = named.nullish();

/** What tokenizer_config.json and special_tokens_map.json say of tokens. */
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
function specialsOf(said: Fields): string[] {
  const lists = [said.additional_special_tokens, said.extra_special_tokens];
  const all = [...single.map((name) => said[name]), ...lists.flatMap((list) => Object.values(list ?? {}))];
  return all
    .filter((token) => token != null)
    .map((token) => (typeof token === "string" ? token : (token as { content: string }).content));
}

function checked<T extends z.ZodType>(type: T, json: unknown, where: string): z.output<T> {
  const result = type.safeParse(json);
  ensure(result.success, "checkpoint", () => ({
    where,
    expected: "tokens by id, special tokens by name",
    got: result.error!.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
  }));
  return result.data;
}

/** A parsed file and its path. */
export interface ParsedFile {
  json: unknown;
  where: string;
}

export interface TokenFiles {
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
 * The tokens to add to those of tokenizer.json: of `added_tokens_decoder` in tokenizer_config.json, or of
 * added_tokens.json where there is none, then special tokens without an id. transformers gives them the next free ids
 * in this order, whatever the files say.
 *
 * Errors: "checkpoint" where that is another id than the file says, or a token of tokenizer.json has another id there.
 */
export function addedTokens({ known, vocabulary, config, legacy, specials }: TokenFiles): {
  tokens: AddedToken[];
  warnings: string[];
} {
  const said = checked(fields, config.json, config.where);
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
  const decoder = said.added_tokens_decoder;
  const listed: { content: string; id: number; properties: Record<string, unknown> }[] = [];
  if (decoder)
    for (const [id, token] of Object.entries(decoder))
      listed.push({ content: token.content, id: Number(id), properties: token });
  else if (legacy)
    for (const [content, id] of Object.entries(
      checked(z.record(z.string(), z.int()), legacy.json, legacy.where),
    ))
      listed.push({ content, id, properties: {} });
  const where = decoder ? `${config.where}: added_tokens_decoder` : (legacy?.where ?? config.where);
  for (const { content, id, properties } of listed.sort((a, b) => a.id - b.id)) {
    const has = ids.get(content) ?? add(content, properties);
    ensure(has === id, "checkpoint", () => ({
      where,
      expected: `the token ${JSON.stringify(content)} as ${has}, the id that tokenizer.json leads to`,
      got: String(id),
      attempt: "tokenizer.json and tokenizer_config.json of one and the same checkpoint",
    }));
  }
  const further = specials && !decoder ? specialsOf(checked(fields, specials.json, specials.where)) : [];
  for (const content of [...specialsOf(said), ...further]) if (!ids.has(content)) add(content, {});
  const left = decoder
    ? known.filter(({ content }) => !Object.values(decoder).some((token) => token.content === content))
    : [];
  const warnings =
    left.length > 0
      ? [
          `${where}: ${left.length} tokens of tokenizer.json are not in it, such as ${JSON.stringify(left[0]!.content)}: ` +
            "they are read from there, as by transformers 4.57; transformers 5 would not know them",
        ]
      : [];
  return { tokens, warnings };
}
