/** What a `tokenizer_class` means beside a tokenizer.json. */
import { z } from "zod";

/** How Qwen2's tokenizer splits text, from its published tokenizer.json. */
const PATTERN =
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
 * A warning where tokenizer.json is not Qwen2's but its class says that it is: transformers 4 reads the file as it is,
 * 5 takes only its vocabulary and merges and splits text in Qwen2's way.
 */
export function pretokenizerWarnings(json: unknown, tokenizerClass: string | null, where: string): string[] {
  if (!/^Qwen2Tokenizer(Fast)?$/.test(tokenizerClass ?? "") || qwen2.safeParse(json).success) return [];
  return [
    `${where}: tokenizer_class ${tokenizerClass} with a tokenizer.json that splits text in another way than Qwen2's: ` +
      "tokenizer.json is followed, as by transformers 4; transformers 5 would give other ids, " +
      'unless tokenizer_class is "PreTrainedTokenizerFast"',
  ];
}
