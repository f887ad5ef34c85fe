import { largest, mean } from "../../../numeric/index.ts";
import { type Place, places, placesOf } from "../../../reasoning/index.ts";
import type { SuiteContext } from "../analysis.ts";
import { nothingReplayed, replayed } from "./shared/replays.ts";
import { rightMinusWrong } from "./shared/shares.ts";

/**
 * Entropy of a distribution, nats.
 *
 * @example
 * entropyOf(Float32Array.of(0.5, 0.5)); // 0.693…
 */
export const entropyOf = (weights: Float32Array): number =>
  weights.reduce((sum, w) => (w > 0 ? sum - w * Math.log(w) : sum), 0);

const zeros = (): Record<Place, number> =>
  Object.fromEntries(places.map((place) => [place, 0])) as Record<Place, number>;

/**
 * Attention of the position that chooses the answer, per layer, mean over heads and examples: share, share per token, its
 * entropy, the largest weight (`top`), and the share on as many tokens of the question as there are slots, the last before
 * the block. `byAnswer` splits the means over layers by whether the model's own answer is right.
 *
 * Source of the split and of the largest weight: docs/published-families.md §19.3 (9).
 */
export const attention = async (context: SuiteContext) => {
  const left: Record<string, number> = {};
  const sums: Record<Place, number>[] = [];
  const entropy: number[] = [];
  const matched: number[] = [];
  const tops: number[] = [];
  const examples: { right: boolean; share: Record<Place, number>; entropy: number; top: number }[] = [];
  const tokens = zeros();
  let n = 0;
  for await (const { found, at, row, batch, index } of replayed(context, "attention", left, {
    gradient: false,
  })) {
    const { rows } = await context.session.prefixOf(Math.floor(index / context.session.size));
    const shared = rows[batch.which[at]!]!;
    const of = placesOf(batch.prefix.length, shared.layout, row, context.session.model.rules);
    n++;
    for (const place of of) if (place) tokens[place]++;
    const words = of.flatMap((place, p) => (place === "question" ? [p] : [])).slice(-row.slots.length);
    const layers = found.attention[at]!;
    const mine = { share: zeros(), entropy: 0, top: 0 };
    for (const [layer, weights] of layers.entries()) {
      sums[layer] ??= zeros();
      for (const [p, place] of of.entries()) {
        if (!place) continue;
        sums[layer][place] += weights[p]!;
        mine.share[place] += weights[p]! / layers.length;
      }
      const [nats, top] = [entropyOf(weights), largest(weights)];
      entropy[layer] = (entropy[layer] ?? 0) + nats;
      tops[layer] = (tops[layer] ?? 0) + top;
      mine.entropy += nats / layers.length;
      mine.top += top / layers.length;
      matched[layer] = (matched[layer] ?? 0) + words.reduce((sum, p) => sum + weights[p]!, 0);
    }
    examples.push({ right: row.chosen === context.session.examples[index]!.answer, ...mine });
  }
  if (n === 0) return nothingReplayed(left);
  const per = (sum: Record<Place, number>, by: (place: Place) => number) =>
    Object.fromEntries(places.map((place) => [place, by(place) > 0 ? sum[place] / by(place) : null]));
  const group = (which: boolean) => {
    const rows = examples.filter(({ right }) => right === which);
    if (rows.length === 0) return { n: 0 as const };
    const share = Object.fromEntries(
      places.map((place) => [place, mean(rows.map((row) => row.share[place]))]),
    ) as Record<Place, number>;
    return {
      n: rows.length,
      share,
      entropy: mean(rows.map((row) => row.entropy)),
      top: mean(rows.map(({ top }) => top)),
    };
  };
  return {
    n,
    left,
    layers: sums.map((sum, layer) => ({
      share: per(sum, () => n),
      perToken: per(sum, (place) => tokens[place]),
      asManyWords: matched[layer]! / n,
      entropy: entropy[layer]! / n,
      top: tops[layer]! / n,
    })),
    tokens: per(tokens, () => n),
    byAnswer: {
      right: group(true),
      wrong: group(false),
      slots: rightMinusWrong(
        examples.map(({ right, share }) => ({ right, value: share.slots })),
        context.planner.seed,
      ),
    },
  };
};
