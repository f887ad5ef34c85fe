/** Parameters of a model in one flat buffer, used by the optimizer and as inputs of sessions. */
import { float32, type Value } from "../graph/index.ts";
import { ensure } from "../util/index.ts";
import { kernelModule } from "./kernels.ts";

/** The part of WebAssembly in use; TypeScript declares it only with the DOM library. */
interface Memory {
  readonly buffer: ArrayBuffer;
}
interface WebAssemblyApi {
  Memory: new (size: { initial: number; maximum: number }) => Memory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: object };
}
const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };

/** Number of stores in one memory: weights, gradients, two moments, gradients of a micro-batch. */
const COPIES = 5;
const PAGE = 65_536;

export interface ParameterStore {
  /** Parameter names in buffer order. */
  readonly names: readonly string[];
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** All values, concatenated. */
  readonly flat: Float32Array;
  /** Views into `flat`. */
  readonly views: ReadonlyMap<string, Float32Array>;
  /** The same views as session values: fed without a copy, and updates take effect in the next run. */
  readonly values: Readonly<Record<string, Value>>;
  /** The memory of `flat`, with room for the other stores of training, on which kernels operate in place. */
  readonly memory: Memory;
}

const elementsOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function storeIn(
  memory: Memory,
  shapes: ReadonlyMap<string, readonly number[]>,
  copy: number,
): ParameterStore {
  const total = [...shapes.values()].reduce((sum, shape) => sum + elementsOf(shape), 0);
  const flat = new Float32Array(memory.buffer, copy * total * 4, total);
  const views = new Map<string, Float32Array>();
  const values: Record<string, Value> = {};
  let at = 0;
  for (const [name, shape] of shapes) {
    const view = flat.subarray(at, at + elementsOf(shape));
    views.set(name, view);
    values[name] = float32(view, shape);
    at += view.length;
  }
  return { names: [...shapes.keys()], shapes, flat, views, values, memory };
}

/**
 * A zero-filled store.
 *
 * Errors: "runtime" for more parameters than one WebAssembly memory holds five times (214 million).
 */
export function createStore(shapes: ReadonlyMap<string, readonly number[]>): ParameterStore {
  const total = [...shapes.values()].reduce((sum, shape) => sum + elementsOf(shape), 0);
  const pages = Math.ceil((COPIES * total * 4) / PAGE);
  ensure(pages <= PAGE, "runtime", () => ({
    where: "parameters to train",
    expected: `at most ${Math.floor((PAGE * PAGE) / COPIES / 4)}`,
    got: `${total}`,
    attempt: "a smaller model",
  }));
  // untouched pages take no memory: a store that is not trained uses one copy only
  return storeIn(new WebAssembly.Memory({ initial: pages, maximum: pages }), shapes, 0);
}

/**
 * A further store of the same parameters in the memory of `store`: number 1 … 4.
 */
export const siblingStore = (store: ParameterStore, copy: 1 | 2 | 3 | 4): ParameterStore =>
  storeIn(store.memory, store.shapes, copy);

/** Kernels over the memory of a store; addresses in bytes, sizes in floats. */
export interface Kernels {
  /** Σ x², in double precision. */
  squares(x: number, n: number): number;
  /** AdamW: parameters, gradients, moments; then the factors of `adamWStep`. */
  adamw(p: number, g: number, m: number, v: number, n: number, ...factors: number[]): void;
  /** y += x. */
  accumulate(y: number, x: number, n: number): void;
}

/**
 * The kernels, bound to the memory of a store.
 */
export function kernelsOn({ memory }: ParameterStore): Kernels {
  const module = new WebAssembly.Module(Buffer.from(kernelModule, "base64"));
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}

/**
 * Fills a store from arrays by name; every parameter must be present with its size.
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
