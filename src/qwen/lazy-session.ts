import { createSession, type Graph, type Session, type SessionOptions, type Value } from "../graph/index.ts";
import { type ParameterSource, parameterInputs } from "../nn/index.ts";
import { ensure } from "../util/index.ts";

/** A session that is compiled when it is first needed, with the parameters that `build` asks for, fed at every run. */
export function lazySession(
  build: (parameters: (graph: Graph) => ParameterSource) => Graph,
  weights: Readonly<Record<string, Value>>,
  options: SessionOptions,
) {
  let made: Promise<{ session: Session; parameters: Readonly<Record<string, Value>> }> | null = null;
  return {
    get: () => {
      made ??= (async () => {
        let asked: ReadonlyMap<string, unknown> = new Map();
        const graph = build((g) => {
          const { source, declared } = parameterInputs(g, "float32");
          asked = declared;
          return source;
        });
        const taken: Record<string, Value> = {};
        for (const name of asked.keys()) {
          const value = weights[name];
          ensure(value, "checkpoint", () => ({
            where: `graph ${graph.name}`,
            expected: `a tensor "${name}"`,
            got: "none of that name",
          }));
          taken[name] = value;
        }
        return { session: await createSession(graph, options), parameters: taken };
      })();
      return made;
    },
    release: async () => {
      if (made) await (await made).session.release();
      made = null;
    },
  };
}
