/** Where prompts lie in a cache, and whether ids end with a cue. */
import type { Prompt } from "../qwen/index.ts";

/** A prompt, and ids whose logits are wanted behind the answer's cue. */
export type NamedPrompt = Prompt & { named?: readonly number[] };

/** Positions in the cache: the prompt is padded on the left, the generated text follows it. */
export interface PromptLayout {
  first: number;
  /** One past the prompt's last token. */
  end: number;
  images: readonly number[];
}

/** Where prompts lie in a cache that was filled by one `prefill` of all of them. */
export function promptLayouts(
  model: { network: { config: { tokens: { image: number } } } },
  prompts: readonly Pick<Prompt, "ids">[],
): PromptLayout[] {
  const end = Math.max(...prompts.map(({ ids }) => ids.length));
  const { image } = model.network.config.tokens;
  return prompts.map(({ ids }) => {
    const first = end - ids.length;
    return { first, end, images: ids.flatMap((id, i) => (id === image ? [first + i] : [])) };
  });
}

/**
 * Whether `ids` end with `cue`.
 *
 * @example
 * endsWith([5, 1, 2], [1, 2]); // true
 */
export const endsWith = (ids: readonly number[], cue: readonly number[]): boolean =>
  cue.length > 0 && ids.length >= cue.length && cue.every((id, i) => ids[ids.length - cue.length + i] === id);
