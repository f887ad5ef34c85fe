/** How a model decodes. */
import type { Family } from "../families/index.ts";
import type { GenerationConfig } from "../qwen/index.ts";

export interface GenerationSettings {
  /** 1: none. Over the ids of prompt and reply, as they are recorded. */
  repetitionPenalty: number;
  /** Maximum number of new tokens: before a block, and after its start marker. */
  maxTokens: number;
  /** What the family's own evaluation samples with, in words. Lintel decodes greedily. */
  sampling: string;
}

/** Vocabularies of word-level tokenizers are below this; no published checkpoint's is. */
const WORDS = 16_384;
/** Models with a word-level vocabulary answer in a few words: a longer text is a loop. */
const WORD_LEVEL = 64;

/**
 * Settings of a model: what the user says, else the family's own evaluation, else the checkpoint's
 * generation_config.json.
 */
export function generationOf(
  { generation }: Pick<Family, "generation">,
  checkpoint: Pick<GenerationConfig, "repetitionPenalty"> | undefined,
  vocabSize: number,
  given: Partial<Pick<GenerationSettings, "repetitionPenalty" | "maxTokens">>,
): GenerationSettings {
  const { maxTokens, repetitionPenalty, sampling } = generation;
  return {
    repetitionPenalty: given.repetitionPenalty ?? repetitionPenalty ?? checkpoint?.repetitionPenalty ?? 1,
    maxTokens: given.maxTokens ?? (vocabSize < WORDS ? Math.min(WORD_LEVEL, maxTokens) : maxTokens),
    sampling,
  };
}
