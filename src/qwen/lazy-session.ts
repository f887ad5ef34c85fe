import { createSession, type Graph, type Session, type SessionOptions, type Value } from "../graph/index.ts";
import type { ParameterSource } from "../nn/index.ts";
import { isWeightStore, liveWeights, type WeightStore, type WeightValues } from "./weight-store.ts";

/**
 * A session that is compiled when it is first needed, over the parameters that `build` asks for.
 *
 * @example
 * const w = float32(Float32Array.of(2, 3), [2]);
 * const lazy = lazySession((parameters) => {
 *   const g = createGraph("scaled");
 *   output("y", mul(input(g, "x", "float32", [2]), parameters(g)("w", [2])));
 *   return g;
 * }, { w }, { threads: 1 });
 * const { session, parameters } = await lazy.get();
 * (await session.run({ x: w, ...parameters })).y.data; // Float32Array [4, 9]
 * await lazy.release();
 */
export function lazySession(
  build: (parameters: (graph: Graph) => ParameterSource) => Graph,
  weights: WeightValues | WeightStore,
  options: SessionOptions,
) {
  const store = isWeightStore(weights) ? weights : liveWeights(weights);
  let made: Promise<{ session: Session; parameters: Readonly<Record<string, Value>> }> | null = null;
  return {
    get: () => {
      made ??= (async () => {
        const graph = build((g) => store.parameters(g));
        const parameters = store.feeds(graph);
        return { session: await createSession(graph, { ...store.session, ...options }), parameters };
      })();
      return made;
    },
    release: async () => {
      if (made) await (await made).session.release();
      made = null;
    },
  };
}
