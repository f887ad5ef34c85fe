import { concatenated, sum } from "../../../../numeric/index.ts";
import { engineOf } from "../../../../reasoning/index.ts";
import type { SuiteContext } from "../../analysis.ts";
import { nothingReplayed, replayed } from "../shared/replays.ts";

/** Maximum number of examples, and tokens reported. */
const MOST = 100;
const REPORTED = 3;

/**
 * What each latent would be if it were a word: the most likely token at the position whose hidden state is fed into the
 * slot, slot by slot over the first 100 examples.
 *
 * Source: ReaLVR (LVR's latents often read "<"); docs/published-families.md §15.6.
 */
export const logitLens = async (context: SuiteContext) => {
  const { model } = context.session;
  const engine = engineOf(model.network);
  const { width, slots } = context.latents;
  const left: Record<string, number> = {};
  if (!engine.likeliest)
    return { n: 0 as const, reason: "this engine does not say which tokens a state stands for", left };
  const tokens: Map<number, number>[] = Array.from({ length: slots }, () => new Map());
  const probabilities: number[][] = tokens.map(() => []);
  let n = 0;
  for await (const { found, at, row } of replayed(context, "logit lens", left, { gradient: false })) {
    n++;
    // A block without a marker before it has no position to look at.
    const looked = row.slots
      .slice(0, slots)
      .flatMap((slot, t) => (slot > 0 ? [{ t, before: slot - 1 }] : []));
    const states = looked.map(({ before }) =>
      found.hidden[at]!.subarray(before * width, (before + 1) * width),
    );
    const best = states.length > 0 ? await engine.likeliest(concatenated(states), 1, true) : [];
    for (const [i, [likely]] of best.entries()) {
      const { t } = looked[i]!;
      tokens[t]!.set(likely!.id, (tokens[t]!.get(likely!.id) ?? 0) + 1);
      probabilities[t]!.push(likely!.probability);
    }
    if (n >= MOST) break;
  }
  if (n === 0) return nothingReplayed(left);
  return {
    n,
    left,
    slots: tokens.map((found, t) => {
      const count = probabilities[t]!.length;
      return {
        n: count,
        different: found.size,
        probability: count > 0 ? sum(probabilities[t]!) / count : null,
        most: [...found]
          .sort((a, b) => b[1] - a[1] || a[0] - b[0])
          .slice(0, REPORTED)
          .map(([id, times]) => ({ token: model.tokenizer.tokenOf(id) ?? String(id), share: times / count })),
      };
    }),
  };
};
