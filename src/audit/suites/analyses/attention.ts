import type { SuiteContext } from "../analysis.ts";
import { nothingReplayed, replayed } from "./replays.ts";

/** Token groups that the answer position can attend to. "text" is generated text before and after the block. */
export const places = ["slots", "markers", "image", "question", "text"] as const;
export type Place = (typeof places)[number];

/** The part that each position of prefix and continuation belongs to; null for padding. */
export function placesOf(
  length: number,
  { first, end, images }: { first: number; end: number; images: readonly number[] },
  { ids, slots }: { ids: readonly number[]; slots: readonly number[] },
  { startId, endId }: { startId: number | null; endId: number | null },
): (Place | null)[] {
  const image = new Set(images);
  const slot = new Set(slots);
  const before = Array.from({ length }, (_, p): Place | null =>
    p < first ? null : image.has(p) ? "image" : p < end ? "question" : "text",
  );
  const own = ids.map(
    (id, i): Place => (slot.has(i) ? "slots" : id === startId || id === endId ? "markers" : "text"),
  );
  return [...before, ...own];
}

/**
 * Entropy of a distribution, nats.
 *
 * @example
 * entropyOf(Float32Array.of(0.5, 0.5)); // 0.693…
 */
export const entropyOf = (weights: Float32Array): number =>
  weights.reduce((sum, w) => (w > 0 ? sum - w * Math.log(w) : sum), 0);

/**
 * Attention of the position that chooses the answer, per layer, mean over heads and examples: share, share per token, its
 * entropy, and the share on as many tokens of the question as there are slots, the last before the block.
 */
export const attention = async (context: SuiteContext) => {
  const left: Record<string, number> = {};
  const sums: Record<Place, number>[] = [];
  const entropy: number[] = [];
  const matched: number[] = [];
  const tokens = Object.fromEntries(places.map((place) => [place, 0])) as Record<Place, number>;
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
    for (const [layer, weights] of found.attention[at]!.entries()) {
      sums[layer] ??= Object.fromEntries(places.map((place) => [place, 0])) as Record<Place, number>;
      for (const [p, place] of of.entries()) if (place) sums[layer][place] += weights[p]!;
      entropy[layer] = (entropy[layer] ?? 0) + entropyOf(weights);
      matched[layer] = (matched[layer] ?? 0) + words.reduce((sum, p) => sum + weights[p]!, 0);
    }
  }
  if (n === 0) return nothingReplayed(left);
  const per = (sum: Record<Place, number>, by: (place: Place) => number) =>
    Object.fromEntries(places.map((place) => [place, by(place) > 0 ? sum[place] / by(place) : null]));
  return {
    n,
    left,
    layers: sums.map((sum, layer) => ({
      share: per(sum, () => n),
      perToken: per(sum, (place) => tokens[place]),
      asManyWords: matched[layer]! / n,
      entropy: entropy[layer]! / n,
    })),
    tokens: per(tokens, () => n),
  };
};
