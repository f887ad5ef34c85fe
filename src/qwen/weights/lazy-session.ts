/** Sessions that are compiled at first use. */
import {
  createSession,
  type Graph,
  openEncoded,
  type Session,
  type SessionOptions,
  type Value,
} from "../../graph/index.ts";
import type { ParameterSource } from "../../nn/index.ts";
import { cachedGraph } from "./graph-cache.ts";
import { isWeightStore, memoryWeights, type WeightStore, type WeightValues } from "./weight-store.ts";

/** A compiled graph with its parameters. */
export interface CompiledGraph {
  session: Session;
  parameters: Readonly<Record<string, Value>>;
}

/**
 * A session that is compiled at first use, over the parameters that `build` declares. Over files the encoded graph is
 * stored in Lintel's cache; `description` is then everything that determines `build`, as JSON.
 */
export function lazySession(
  build: (parameters: (graph: Graph) => ParameterSource) => Graph,
  weights: WeightValues | WeightStore,
  options: SessionOptions,
  description?: unknown,
) {
  const store = isWeightStore(weights) ? weights : memoryWeights(weights);
  let made: Promise<CompiledGraph> | null = null;
  return {
    get: () => {
      made ??= (async () => {
        const sessionOptions = { ...store.session, ...options };
        const make = (): Graph => build((g) => store.parameters(g));
        if (store.identity !== null && description !== undefined) {
          const encoded = await cachedGraph([description, store.identity], make, sessionOptions.device);
          return { session: await openEncoded(encoded, sessionOptions), parameters: {} };
        }
        const graph = make();
        const parameters = store.feeds(graph);
        return { session: await createSession(graph, sessionOptions), parameters };
      })();
      return made;
    },
    release: async () => {
      if (made) await (await made).session.release();
      made = null;
    },
  };
}
