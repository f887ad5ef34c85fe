/** Words that a tokenizer has no token for. */
import { z } from "zod";
import type { Tokenizer } from "./tokenizer.ts";

const schema = z.looseObject({ model: z.looseObject({ unk_token: z.string().nullish() }) });

/** Id of the unknown token; null for tokenizers that fall back to bytes. */
function unknownId(tokenizer: Tokenizer): number | null {
  const parsed = schema.safeParse(JSON.parse(tokenizer.files["tokenizer.json"] ?? "{}"));
  const token = parsed.data?.model.unk_token;
  return (token == null ? undefined : tokenizer.idOf(token)) ?? null;
}

/**
 * The words of texts (separated by white space) that encode to the unknown token, each once, in order. Empty for a
 * byte-level tokenizer such as Qwen's.
 */
export function unknownWords(tokenizer: Tokenizer, texts: Iterable<string>): string[] {
  const unknown = unknownId(tokenizer);
  if (unknown === null) return [];
  const seen = new Map<string, boolean>();
  const done = new Set<string>();
  for (const text of texts) {
    if (done.has(text)) continue;
    done.add(text);
    for (const word of text.split(/\s+/))
      if (word && !seen.has(word)) seen.set(word, tokenizer.encode(word).includes(unknown));
  }
  return [...seen].flatMap(([word, is]) => (is ? [word] : []));
}
