/**
 * Caches of single sequences: prefix and continuation in one buffer with spare capacity. The kernel of `singleAttention`
 * writes the keys and values of each token into it, so that a step copies nothing.
 */
import { float32, type Value } from "../../graph/index.ts";
import type { ContinuationCache, PrefixCache } from "./types.ts";

/** Per layer [B, kvHeads, capacity, d]. */
interface InPlaceCache {
  k: readonly Value[];
  v: readonly Value[];
  /** Tokens written after the prefix, shared by all caches over this buffer; larger than a cache's `length` if another step has continued from it. */
  inPlace: { filled: number };
}

/** Minimum spare capacity in tokens before a cache is copied into a larger one. */
const SPARE = 32;

/** Copies the first `used` tokens of a cache [B, kvHeads, C, d] to a new one of capacity `room`. */
function resized(value: Value, used: number, room: number): Value {
  const [batch, kvHeads, length, d] = value.shape as [number, number, number, number];
  const from = value.data as Float32Array;
  const out = new Float32Array(batch * kvHeads * room * d);
  for (let i = 0; i < batch * kvHeads; i++) {
    out.set(from.subarray(i * length * d, (i * length + used) * d), i * room * d);
  }
  return float32(out, [batch, kvHeads, room, d]);
}

/**
 * Caches of a prefix and its continuation with room for one more token: those of `suffix` if no other step has continued
 * from it and there is room, else copies.
 */
export function inPlaceCache(prefix: PrefixCache, suffix: ContinuationCache | null): InPlaceCache {
  const length = suffix?.length ?? 0;
  const used = prefix.length + length;
  if (suffix?.inPlace?.filled === length && suffix.k[0]!.shape[2]! > used) {
    return { k: suffix.k, v: suffix.v, inPlace: suffix.inPlace };
  }
  // a quarter more, so that the total copied stays within a few times the final size
  const room = used + Math.max(SPARE, used >> 2);
  const grown = (values: readonly Value[]) => values.map((value) => resized(value, used, room));
  const from = suffix ?? prefix;
  return { k: grown(from.k), v: grown(from.v), inPlace: { filled: length } };
}

/** Caches trimmed to the first `used` tokens. */
export const trimmedCache = (
  { k, v }: Pick<InPlaceCache, "k" | "v">,
  used: number,
): { k: Value[]; v: Value[] } => ({
  k: k.map((value) => resized(value, used, used)),
  v: v.map((value) => resized(value, used, used)),
});
