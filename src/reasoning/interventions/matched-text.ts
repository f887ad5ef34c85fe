import type { BlockRules } from "../../families/index.ts";
import type { Intervention } from "./types.ts";

/**
 * Passes of the decoder that own blocks take: one for each latent, and one for each marker that is fed beside them.
 *
 * @example
 * passesOf([new Float32Array(4)], 2, blockRules({ startId: 1, padId: 2, endId: 3, k: 2 })); // 4
 */
export function passesOf(own: readonly Float32Array[], width: number, rules: BlockRules): number {
  const { startId, endId, startUsesHidden, forceEnd, allowSampledEnd } = rules;
  const start = startId !== null && !startUsesHidden ? 1 : 0;
  const end = endId !== null && (forceEnd || allowSampledEnd) ? 1 : 0;
  return own.reduce((sum, latents) => sum + latents.length / width + start + end, 0);
}

export const matchedText: Intervention = {
  description:
    "no block: as many words of the model's own as its blocks take passes of the decoder, before it may begin to answer",
  source: "docs/published-families.md §15.8 (compute-matched text)",
  needs: ["split"],
  lacking: "no latents of its own whose passes could be matched",
  whole: true,
  plan: ({ own, width, rules }) => {
    const words = passesOf(own, width, rules);
    return words > 0 ? { plan: { kind: "suppressed", words }, from: `${words} words of its own` } : null;
  },
};
