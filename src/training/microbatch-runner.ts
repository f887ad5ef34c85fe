/** Data-parallel micro-batches with a fixed summation order: gradients are bit-identical for any number of threads. */
import {
  canRunRemotely,
  createRemoteSession,
  createSession,
  type Graph,
  type RemoteSession,
  type Resident,
  type SessionOptions,
  type Value,
} from "../graph/index.ts";
import type { ParameterStore } from "../nn/index.ts";
import type { AdamW } from "./optimizer.ts";

type Values = Readonly<Record<string, Value>>;

export interface MicrobatchRunnerOptions extends SessionOptions {
  /** Micro-batches of a step. */
  microbatches: number;
}

export interface MicrobatchRunner {
  /**
   * Runs the graph on the inputs of each micro-batch and leaves the sum of the gradients in `optimizer.gradients`; returns
   * the other outputs of each. Gradients are summed in the order of the micro-batches.
   */
  run(inputsOf: readonly (() => Values)[]): Promise<Values[]>;
  release(): Promise<void>;
}

/**
 * Prepares to run the micro-batches of a step. With at least as many micro-batches as threads, each thread takes whole
 * micro-batches, which keeps their activations in one core's cache; else all threads work on one micro-batch.
 *
 * Errors: as `createSession`.
 *
 * @example
 * const g = createGraph("square");
 * const w = input(g, "w", "float32", [2]);
 * output("gradient:w", mul(w, input(g, "x", "float32", [2])));
 * const store = createStore(new Map([["w", [2]]]));
 * const optimizer = createAdamW(store);
 * store.flat.set([3, 4]);
 * const runner = await createMicrobatchRunner(g, store, optimizer, { microbatches: 2, threads: 1 });
 * const inputs = () => ({ x: float32(Float32Array.of(1, 1), [2]) });
 * await runner.run([inputs, inputs]);
 * optimizer.gradients.flat; // Float32Array [6, 8]
 * await runner.release();
 */
export async function createMicrobatchRunner(
  graph: Graph,
  parameters: ParameterStore,
  optimizer: AdamW,
  { microbatches, ...options }: MicrobatchRunnerOptions,
): Promise<MicrobatchRunner> {
  const { threads = 0, device = "cpu" } = options;
  const apart = device === "cpu" && threads > 1 && threads <= microbatches && canRunRemotely();
  const shared = new SharedArrayBuffer(apart ? parameters.flat.byteLength : 0);
  const residents = [...parameters.shapes].map(([name, shape]): Resident => ({ name, shape }));
  const remote: RemoteSession[] = [];
  const own = await createSession(graph, apart ? { ...options, threads: 1 } : options);
  const release = async (): Promise<void> => {
    await Promise.all([own.release(), ...remote.map((session) => session.release())]);
  };
  try {
    while (apart && remote.length < threads - 1) {
      const outputs = residents.map(({ name, shape }) => ({ name: `gradient:${name}`, shape }));
      remote.push(
        await createRemoteSession(graph, { ...options, threads: 1, inputs: residents, outputs, shared }),
      );
    }
  } catch (error) {
    await release();
    throw error;
  }
  const { gradients, partial, kernels } = optimizer;
  // The first micro-batch writes the gradients; those of the others are added to them.
  const outputsOf = ({ values }: ParameterStore): Values =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`gradient:${name}`, value]));
  const [first, further] = [outputsOf(gradients), outputsOf(partial)];
  const slots: Float32Array<SharedArrayBuffer>[] = [];

  /** Starts the micro-batches of other threads; returns their outputs by number of the micro-batch. */
  const startOthers = (inputsOf: readonly (() => Values)[]): Map<number, Promise<Values>> => {
    const started = new Map<number, Promise<Values>>();
    if (remote.length > 0) new Float32Array(shared).set(parameters.flat);
    for (const [at, inputs] of inputsOf.entries()) {
      const worker = remote[(at % (remote.length + 1)) - 1];
      if (!worker) continue;
      slots[at] ??= new Float32Array(new SharedArrayBuffer(parameters.flat.byteLength));
      const running = worker.run(inputs(), slots[at].buffer);
      // Awaited below: should an earlier micro-batch fail, this failure must not count as unhandled.
      running.catch(() => undefined);
      started.set(at, running);
    }
    return started;
  };

  return {
    async run(inputsOf) {
      const others = startOthers(inputsOf);
      const results: Values[] = [];
      for (const [at, inputs] of inputsOf.entries()) {
        const elsewhere = others.get(at);
        if (elsewhere) {
          results.push(await elsewhere);
          partial.flat.set(slots[at]!);
        } else {
          results.push(await own.run({ ...inputs(), ...parameters.values }, at === 0 ? first : further));
        }
        if (at > 0) {
          const { byteOffset, length } = gradients.flat;
          kernels.accumulate(byteOffset, partial.flat.byteOffset, length);
        }
      }
      return results;
    },
    release,
  };
}
