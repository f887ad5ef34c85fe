import { expect, it } from "vitest";
import { unappliedSettings } from "./generation-config.ts";

it.each([
  [
    "what released checkpoints have",
    { do_sample: true, temperature: 0.1, top_k: 1, top_p: 0.001, repetition_penalty: 1.05 },
    [],
  ],
  [
    "values that change nothing",
    { num_beams: 1, min_length: 0, no_repeat_ngram_size: 0, suppress_tokens: [], stop_strings: null },
    [],
  ],
  [
    "bans and forced ids",
    { suppress_tokens: [5], bad_words_ids: [[1, 2]], forced_eos_token_id: 2 },
    ["bad_words_ids", "suppress_tokens", "forced_eos_token_id"],
  ],
  [
    "beams and lengths",
    { num_beams: 4, min_new_tokens: 8, no_repeat_ngram_size: 3 },
    ["num_beams", "no_repeat_ngram_size", "min_new_tokens"],
  ],
] as const)("%s", (_, raw, names) => {
  expect(unappliedSettings(raw)).toEqual(names);
});
