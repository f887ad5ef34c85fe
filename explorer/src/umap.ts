/** UMAP in the page, of the principal components of own and oracle latents together (umap-js), from a fixed seed. */
import { UMAP } from "umap-js";
import type { LatentView } from "../../src/explorer/types.ts";
import { floatsOf } from "./bytes.ts";

/** Numbers in [0, 1) from a seed (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const kept = new WeakMap<LatentView, Promise<{ own: Float32Array; oracle: Float32Array }>>();

export function umapOf(view: LatentView, n: number): Promise<{ own: Float32Array; oracle: Float32Array }> {
  const before = kept.get(view);
  if (before) return before;
  const run = async () => {
    const clouds = [floatsOf(view.own), floatsOf(view.oracle)];
    const data = clouds.flatMap((cloud) =>
      Array.from({ length: n }, (_, i) =>
        Array.from(cloud.subarray(i * view.components, (i + 1) * view.components)),
      ),
    );
    const umap = new UMAP({
      nComponents: 2,
      nNeighbors: Math.max(2, Math.min(15, data.length - 1)),
      minDist: 0.15,
      random: uniform(1),
    });
    const flat = (await umap.fitAsync(data)).map(([x, y]) => [x!, y!]);
    const of = (from: number): Float32Array => Float32Array.from(flat.slice(from, from + n).flat());
    return { own: of(0), oracle: of(n) };
  };
  const made = run();
  kept.set(view, made);
  return made;
}
