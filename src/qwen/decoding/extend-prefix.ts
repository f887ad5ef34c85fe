/** Extends a prefix by the tokens of a continuation. */
import { float32, type Value } from "../../graph/index.ts";
import { ensure } from "../../util/index.ts";
import { MASK_VALUE } from "./decode-inputs.ts";
import { trimmedCache } from "./in-place-cache.ts";
import type { ContinuationCache, PrefixCache } from "./types.ts";

/**
 * The prefix with one continuation appended: [P] + [S]. `valid` [B][S] marks the added tokens to keep visible; the others
 * stay in the cache, masked.
 */
export function extendPrefix(
  prefix: PrefixCache,
  suffix: ContinuationCache,
  valid: readonly ArrayLike<boolean>[],
  next: Int32Array,
): PrefixCache {
  ensure(suffix.continuations === 1, "graph", () => ({
    where: "extending a prefix",
    expected: "one continuation per example",
    got: `${suffix.continuations}`,
  }));
  const { batch, length } = prefix;
  const total = length + suffix.length;
  const join = (a: Value, b: Value): Value => {
    const [, heads, , d] = a.shape as [number, number, number, number];
    const out = new Float32Array(batch * heads * total * d);
    const [x, y] = [a.data as Float32Array, b.data as Float32Array];
    for (let i = 0; i < batch * heads; i++) {
      out.set(x.subarray(i * length * d, (i + 1) * length * d), i * total * d);
      out.set(y.subarray(i * suffix.length * d, (i + 1) * suffix.length * d), (i * total + length) * d);
    }
    return float32(out, [batch, heads, total, d]);
  };
  const mask = new Float32Array(batch * total);
  for (let b = 0; b < batch; b++) {
    mask.set(prefix.mask.subarray(b * length, (b + 1) * length), b * total);
    for (let s = 0; s < suffix.length; s++) mask[b * total + length + s] = valid[b]![s] ? 0 : MASK_VALUE;
  }
  const caches = suffix.inPlace
    ? trimmedCache(suffix, total)
    : {
        k: prefix.k.map((value, i) => join(value, suffix.k[i]!)),
        v: prefix.v.map((value, i) => join(value, suffix.v[i]!)),
      };
  return { batch, length: total, ...caches, mask, next, ...(prefix.starts && { starts: prefix.starts }) };
}
