import { createSession, type Graph, type Session, type SessionOptions, type Value } from "../graph/index.ts";
import { ensure } from "../util/index.ts";

/** A session that is compiled when it is first needed, with the parameters that it takes. */
export function lazySession(
  build: () => { graph: Graph; parameters: ReadonlyMap<string, unknown> },
  weights: Readonly<Record<string, Value>>,
  options: SessionOptions,
) {
  let made: Promise<{ session: Session; parameters: Readonly<Record<string, Value>> }> | null = null;
  return {
    get: () => {
      made ??= (async () => {
        const { graph, parameters } = build();
        const taken: Record<string, Value> = {};
        for (const name of parameters.keys()) {
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
