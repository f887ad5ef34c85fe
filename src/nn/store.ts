/** Parameters of a model in one flat buffer: what the optimizer walks, what sessions are fed with. */
import { float32, type Value } from "../graph/index.ts";
import { ensure } from "../util/index.ts";

export interface ParameterStore {
  /** Parameter names in buffer order. */
  readonly names: readonly string[];
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** All values, one parameter after the other. */
  readonly flat: Float32Array;
  /** Views into `flat`. */
  readonly views: ReadonlyMap<string, Float32Array>;
  /** The same views as session values: feeding them copies nothing, and updates are seen by the next run. */
  readonly values: Readonly<Record<string, Value>>;
}

/**
 * A zero-filled store.
 *
 * @example
 * const store = createStore(new Map([["w", [2, 3]], ["b", [3]]]));
 * store.flat.length; // 9
 */
export function createStore(shapes: ReadonlyMap<string, readonly number[]>): ParameterStore {
  const sizes = [...shapes.values()].map((shape) => shape.reduce((a, b) => a * b, 1));
  const flat = new Float32Array(sizes.reduce((a, b) => a + b, 0));
  const views = new Map<string, Float32Array>();
  const values: Record<string, Value> = {};
  let at = 0;
  [...shapes].forEach(([name, shape], i) => {
    const view = flat.subarray(at, at + sizes[i]!);
    views.set(name, view);
    values[name] = float32(view, shape);
    at += sizes[i]!;
  });
  return { names: [...shapes.keys()], shapes, flat, views, values };
}

/**
 * Fills a store from arrays by name; every parameter must be there with its size.
 *
 * @example
 * const store = createStore(new Map([["b", [3]]]));
 * fillStore(store, new Map([["b", [1, 2, 3]]]));
 * store.flat; // Float32Array [1, 2, 3]
 */
export function fillStore(store: ParameterStore, weights: ReadonlyMap<string, ArrayLike<number>>): void {
  for (const [name, view] of store.views) {
    const data = weights.get(name);
    ensure(data && data.length === view.length, "checkpoint", () => ({
      where: `parameter ${name}`,
      expected: `${view.length} values`,
      got: data ? `${data.length}` : "nothing",
    }));
    view.set(data);
  }
}
