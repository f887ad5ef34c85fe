import { mean } from "../../../numeric/index.ts";
import { replay } from "../../../reasoning/index.ts";
import type { SuiteContext } from "../analysis.ts";
import { entropyOf } from "./attention.ts";
import { nothingReplayed, replayable } from "./shared/replays.ts";
import { estimate } from "./shared/shares.ts";

/** One layer, example by example. */
interface Layer {
  latents: number[];
  answer: number[];
  /** The same over the largest that there could be: the logarithm of the tokens in sight. */
  latentsShare: number[];
  answerShare: number[];
}

/**
 * How widely latents look and how widely the answer does: entropy of the attention, per layer, at the positions where
 * latents stand (mean over slots) and at the position that chooses the answer, nats, means over examples. `difference` is
 * latents less answer, by example. In shares of the largest entropy that there could be, since the answer has more tokens
 * in sight. Of the mean over heads, as everywhere here: heads that look at different places count as one that looks at all.
 *
 * Source: Beyond Visual Memory, arXiv 2606.01287 (narrower at latents); docs/published-families.md §15.7. Its formula is not in the sources
 * we reached.
 *
 * @example
 * const nothing = { session: { examples: [], batches: [] } };
 * await attentionEntropy(nothing); // { n: 0, reason: "no examples", left: {} }
 */
export const attentionEntropy = async (context: SuiteContext) => {
  const { model } = context.session;
  const left: Record<string, number> = {};
  const layers: Layer[] = [];
  let n = 0;
  for await (const { prefix, rows } of replayable(context, "attention entropy", left)) {
    const asked = rows.map(({ row }) => ({ ...row, read: [...row.slots, row.ids.length - 1] }));
    const { attention } = await replay(model, prefix, asked);
    for (const [at, { read, slots }] of asked.entries()) {
      n++;
      const mask = prefix.mask.subarray(at * prefix.length, (at + 1) * prefix.length);
      const open = mask.filter((x) => x === 0).length;
      for (const [layer, weights] of attention[at]!.entries()) {
        layers[layer] ??= { latents: [], answer: [], latentsShare: [], answerShare: [] };
        const span = weights.length / read.length;
        const found = read.map((place, r) => {
          const entropy = entropyOf(weights.subarray(r * span, (r + 1) * span));
          return { entropy, share: entropy / Math.log(open + place + 1) };
        });
        const latents = found.slice(0, slots.length);
        layers[layer].latents.push(mean(latents.map(({ entropy }) => entropy)));
        layers[layer].latentsShare.push(mean(latents.map(({ share }) => share)));
        layers[layer].answer.push(found.at(-1)!.entropy);
        layers[layer].answerShare.push(found.at(-1)!.share);
      }
    }
  }
  if (n === 0) return nothingReplayed(left);
  return {
    n,
    left,
    layers: layers.map(({ latents, answer, latentsShare, answerShare }) => {
      const differences = latents.map((value, i) => value - answer[i]!);
      const {
        value: difference,
        interval,
        reason,
      } = estimate(differences, "a block and an answer", context.planner.seed);
      return {
        ...{ latents: mean(latents), answer: mean(answer), difference, interval },
        ...{ latentsShare: mean(latentsShare), answerShare: mean(answerShare) },
        ...(reason !== undefined && { reason }),
      };
    }),
  };
};
