import { sum } from "../../../../numeric/index.ts";
import { prefixRows, replay } from "../../../../reasoning/index.ts";
import type { SuiteContext } from "../../analysis.ts";
import { nothingReplayed, replayable } from "../shared/replays.ts";

/** Maximum number of examples, rows per batch (each scores the whole vocabulary), and tokens reported. */
const MOST = 100;
const TOGETHER = 8;
const REPORTED = 3;

/**
 * What each latent would be if it were a word: the most likely token at the position whose hidden state is fed into the
 * slot, slot by slot over the first 100 examples.
 *
 * Source: ReaLVR (LVR's latents often read "<"); docs/published-families.md §15.6.
 */
export const logitLens = async (context: SuiteContext) => {
  const { model } = context.session;
  const { width, slots } = context.latents;
  const all = Array.from({ length: model.network.config.text.vocabSize }, (_, id) => id);
  const left: Record<string, number> = {};
  const tokens: Map<number, number>[] = Array.from({ length: slots }, () => new Map());
  const probabilities: number[][] = tokens.map(() => []);
  let n = 0;
  for await (const { prefix, rows } of replayable(context, "logit lens", left)) {
    for (let at = 0; at < rows.length && n < MOST; at += TOGETHER) {
      const chunk = rows.slice(at, Math.min(at + TOGETHER, at + MOST - n));
      const part = prefixRows(
        model,
        prefix,
        chunk.map((_, i) => at + i),
      );
      n += chunk.length;
      for (let t = 0; t < slots; t++) {
        // A block without a marker before it has no position to look at.
        if (chunk.some(({ row }) => row.slots.length <= t || row.slots[t] === 0)) continue;
        const { scores } = await replay(
          model,
          part,
          chunk.map(({ row }) => ({
            ids: row.ids.slice(0, row.slots[t]!),
            slots: row.slots.slice(0, t),
            latents: row.latents.slice(0, t * width),
            options: all,
            chosen: 0,
          })),
        );
        for (const logits of scores) {
          let top = 0;
          for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[top]!) top = id;
          tokens[t]!.set(top, (tokens[t]!.get(top) ?? 0) + 1);
          probabilities[t]!.push(1 / logits.reduce((sum, x) => sum + Math.exp(x - logits[top]!), 0));
        }
      }
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
