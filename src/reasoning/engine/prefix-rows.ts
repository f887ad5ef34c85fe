/** Some of the examples of a cached prefix, and prefixes with hidden columns. */
import { float32, type Value } from "../../graph/index.ts";
import { MASK_VALUE, type PrefixCache } from "../../qwen/index.ts";
import type { Prefix } from "./types.ts";

/** Examples `which` of a prefix, in their order. */
export function prefixRows(prefix: PrefixCache, which: readonly number[]): PrefixCache {
  const { batch, length, mask, next, starts } = prefix;
  if (which.length === batch && which.every((b, i) => b === i)) return prefix;
  const pick = (value: Value): Value => {
    const size = value.data.length / batch;
    const out = new Float32Array(which.length * size);
    for (const [i, b] of which.entries()) {
      out.set((value.data as Float32Array).subarray(b * size, (b + 1) * size), i * size);
    }
    return float32(out, [which.length, ...value.shape.slice(1)]);
  };
  const masks = new Float32Array(which.length * length);
  for (const [i, b] of which.entries()) masks.set(mask.subarray(b * length, (b + 1) * length), i * length);
  return {
    batch: which.length,
    length,
    k: prefix.k.map(pick),
    v: prefix.v.map(pick),
    mask: masks,
    next: Int32Array.from(which, (b) => next[b]!),
    ...(starts && { starts: which.map((b) => starts[b]!) }),
  };
}

/** A prefix in this process with columns that nothing can look at any more, as if they had been taken out of the cache. */
export function withoutColumns<P extends Prefix>(prefix: P, columns: readonly (readonly number[])[]): P {
  const mask = prefix.mask.slice();
  for (const [b, places] of columns.entries())
    for (const place of places) mask[b * prefix.length + place] = MASK_VALUE;
  return { ...prefix, mask };
}
