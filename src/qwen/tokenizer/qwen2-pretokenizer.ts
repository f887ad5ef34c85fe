/** Checks that a tokenizer.json agrees with its `tokenizer_class`. */
import { z } from "zod";

/** How Qwen2's tokenizer splits text, from its published tokenizer.json. */
export const PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const qwen2 = z.looseObject({
  model: z.looseObject({ type: z.literal("BPE") }),
  normalizer: z.looseObject({ type: z.literal("NFC") }),
  pre_tokenizer: z.looseObject({
    pretokenizers: z.tuple([
      z.looseObject({ pattern: z.looseObject({ Regex: z.literal(PATTERN) }) }),
      z.looseObject({ type: z.literal("ByteLevel") }),
    ]),
  }),
});

/**
 * A warning if `tokenizer_class` is Qwen2's but tokenizer.json is not: transformers 4 uses the file, transformers 5 only
 * its vocabulary and merges, with Qwen2's pre-tokenizer.
 */
export function pretokenizerWarnings(json: unknown, tokenizerClass: string | null, where: string): string[] {
  if (!/^Qwen2Tokenizer(Fast)?$/.test(tokenizerClass ?? "") || qwen2.safeParse(json).success) return [];
  return [
    `${where}: tokenizer_class ${tokenizerClass} with a tokenizer.json whose pre-tokenizer is not Qwen2's: ` +
      "tokenizer.json is used, as by transformers 4; transformers 5 would give other ids " +
      'unless tokenizer_class is "PreTrainedTokenizerFast"',
  ];
}
