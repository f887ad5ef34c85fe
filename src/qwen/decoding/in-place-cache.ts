/**
 * Caches of whole sequences, prefix and continuation in one buffer with room for more: the kernel of `singleAttention`
 * writes each token's keys and values into it, so that a step copies nothing.
 */
import { float32, type Value } from "../../graph/index.ts";
import type { ContinuationCache, PrefixCache } from "./types.ts";

/** Per layer [B, kvHeads, room, d], in place of a suffix's own tokens. */
export interface InPlaceCache {
  k: readonly Value[];
  v: readonly Value[];
  /** Who goes on from which suffix: more than its `length` where another continuation of it has been written since. */
  inPlace: { filled: number };
}

/** Tokens for which there is room in any case, before a cache has to be copied into a larger one. */
const SPARE = 32;

/** The first `used` tokens of caches [B, kvHeads, C, d] in others of `room`. */
function moved(value: Value, used: number, room: number): Value {
  const [batch, kvHeads, length, d] = value.shape as [number, number, number, number];
  const from = value.data as Float32Array;
  const out = new Float32Array(batch * kvHeads * room * d);
  for (let i = 0; i < batch * kvHeads; i++) {
    out.set(from.subarray(i * length * d, (i * length + used) * d), i * room * d);
  }
  return float32(out, [batch, kvHeads, room, d]);
}

/**
 * Caches that hold a prefix and what came after it, with room for one more token: those of the suffix where nobody has
 * gone on from it yet and there is room, else copies.
 */
export function inPlaceCache(prefix: PrefixCache, suffix: ContinuationCache | null): InPlaceCache {
  const length = suffix?.length ?? 0;
  const used = prefix.length + length;
  if (suffix?.inPlace?.filled === length && suffix.k[0]!.shape[2]! > used) {
    return { k: suffix.k, v: suffix.v, inPlace: suffix.inPlace };
  }
  // A quarter more: what is copied over all steps stays below a few times what there is in the end.
  const room = used + Math.max(SPARE, used >> 2);
  const grown = (values: readonly Value[]) => values.map((value) => moved(value, used, room));
  const from = suffix ?? prefix;
  return { k: grown(from.k), v: grown(from.v), inPlace: { filled: length } };
}

/** Caches of exactly the first `used` tokens. */
export const trimmedCache = (
  { k, v }: Pick<InPlaceCache, "k" | "v">,
  used: number,
): { k: Value[]; v: Value[] } => ({
  k: k.map((value) => moved(value, used, used)),
  v: v.map((value) => moved(value, used, used)),
});
