import { z } from "zod";
import { LintelError } from "../../util/index.ts";

/** How a checkpoint wants to be decoded. */
export interface GenerationConfig {
  /** Ids that end a reply. */
  eos: number[];
  pad: number | null;
  /**
   * 1 where there is none. Released Qwen2.5-VL checkpoints have 1.05, which transformers applies even when decoding
   * greedily, over the ids of prompt and reply (docs/published-families.md §0.2).
   */
  repetitionPenalty: number;
  /** generation_config.json as it was read. */
  raw: Record<string, unknown>;
}

const ids = z.union([z.int().nonnegative(), z.array(z.int().nonnegative())]).nullish();
const schema = z.looseObject({
  eos_token_id: ids,
  pad_token_id: z.int().nonnegative().nullish(),
  repetition_penalty: z.number().positive().nullish(),
});

/**
 * Reads the parsed `generation_config.json`, or null where a checkpoint has none; `fallback`, the parsed
 * `config.json`, then gives the end-of-sequence id. Throws `LintelError` "checkpoint" naming `where` and the field.
 *
 * @example
 * parseGenerationConfig({ eos_token_id: 2 }, {}, "generation_config.json").eos; // [2]
 */
export function parseGenerationConfig(
  json: unknown,
  fallback: Record<string, unknown>,
  where: string,
): GenerationConfig {
  const result = schema.safeParse(json ?? {});
  if (!result.success) {
    throw new LintelError("checkpoint", {
      where,
      expected: "generation settings",
      got: result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
      cause: result.error,
    });
  }
  const { eos_token_id, pad_token_id, repetition_penalty } = result.data;
  const text = fallback.text_config as Record<string, unknown> | undefined;
  const eos = eos_token_id ?? ids.catch(null).parse(fallback.eos_token_id ?? text?.eos_token_id);
  return {
    eos: eos === null || eos === undefined ? [] : [eos].flat(),
    pad: pad_token_id ?? null,
    repetitionPenalty: repetition_penalty ?? 1,
    raw: (json ?? {}) as Record<string, unknown>,
  };
}

/** Settings that transformers applies to greedy decoding as well, with the value that changes nothing. */
const unapplied: Record<string, unknown> = {
  num_beams: 1,
  no_repeat_ngram_size: 0,
  encoder_no_repeat_ngram_size: 0,
  encoder_repetition_penalty: 1,
  guidance_scale: 1,
  min_length: 0,
  min_new_tokens: 0,
  bad_words_ids: null,
  suppress_tokens: null,
  begin_suppress_tokens: null,
  forced_bos_token_id: null,
  forced_eos_token_id: null,
  sequence_bias: null,
  exponential_decay_length_penalty: null,
  stop_strings: null,
};

/**
 * Settings of a generation_config.json under which transformers would write something else than Lintel, which does not
 * apply them. Sampling is none of them: Lintel decodes greedily on purpose, and says so.
 *
 * @example
 * unappliedSettings({ num_beams: 4, min_length: 0, temperature: 0.7 }); // ["num_beams"]
 */
export const unappliedSettings = (raw: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(unapplied).filter((key) => {
    const value = raw[key] ?? null;
    const empty = Array.isArray(value) && value.length === 0;
    return value !== null && !empty && value !== unapplied[key];
  });
