/** generation_config.json: the fields that Lintel applies, and those that it does not. */
import { z } from "zod";
import { id, parseFields } from "./parse-fields.ts";

/** Decoding settings of a checkpoint. */
export interface GenerationConfig {
  /** Ids that end a reply. */
  eos: number[];
  pad: number | null;
  /**
   * 1 if unset. Released Qwen2.5-VL checkpoints have 1.05, which transformers applies to greedy decoding too, over the
   * ids of prompt and reply (docs/published-families.md §0.2).
   */
  repetitionPenalty: number;
  /** The parsed generation_config.json. */
  raw: Record<string, unknown>;
}

/** More ids than any vocabulary has are no settings. */
const ids = z.union([id, z.array(id).max(10_000)]).nullish();
const schema = z.looseObject({
  eos_token_id: ids,
  pad_token_id: id.nullish(),
  repetition_penalty: z.number().min(0.01).max(100).nullish(),
});

/**
 * Reads the parsed `generation_config.json`, or null if a checkpoint has none; the end-of-sequence id then comes from
 * `fallback`, the parsed `config.json`. Throws `LintelError` "checkpoint" naming `where` and the field.
 *
 * @example
 * parseGenerationConfig({ eos_token_id: 2 }, {}, "generation_config.json").eos; // [2]
 */
export function parseGenerationConfig(
  json: unknown,
  fallback: Record<string, unknown>,
  where: string,
): GenerationConfig {
  const parsed = parseFields(schema, json ?? {}, where, "generation settings");
  const text = fallback.text_config as Record<string, unknown> | undefined;
  const eos = parsed.eos_token_id ?? ids.catch(null).parse(fallback.eos_token_id ?? text?.eos_token_id);
  return {
    eos: eos === null || eos === undefined ? [] : [eos].flat(),
    pad: parsed.pad_token_id ?? null,
    repetitionPenalty: parsed.repetition_penalty ?? 1,
    raw: (json ?? {}) as Record<string, unknown>,
  };
}

/** Settings that transformers applies to greedy decoding too, with their neutral value. */
const neutral: Record<string, unknown> = {
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
 * Settings of a generation_config.json that change what transformers writes and that Lintel does not apply. Sampling
 * settings are not among them: Lintel always decodes greedily, and reports it.
 *
 * @example
 * unappliedSettings({ num_beams: 4, min_length: 0, temperature: 0.7 }); // ["num_beams"]
 */
export const unappliedSettings = (raw: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(neutral).filter((key) => {
    const value = raw[key] ?? null;
    const empty = Array.isArray(value) && value.length === 0;
    return value !== null && !empty && value !== neutral[key];
  });
