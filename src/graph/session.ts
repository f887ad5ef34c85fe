/** Running graphs: the only file that knows ONNX Runtime. */
import * as ort from "onnxruntime-node";
import { LintelError } from "../util/index.ts";
import { externalFiles } from "./external-files.ts";
import { encodeModel } from "./onnx/encode.ts";
import type { DType, Graph } from "./tensor.ts";
import { validate } from "./validate.ts";

/** What graphs can run on. */
export const devices = ["cpu", "cuda", "webgpu"] as const;

export type Device = (typeof devices)[number];

export type TensorData = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | Uint16Array;

/** A value with its shape: what goes in and comes out of a session. */
export interface Value {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export interface SessionOptions {
  /** Default: the CPU. One that is not available is an error; the CPU takes over only what a device has no kernel for. */
  device?: Device;
  /** Nothing may be left to the CPU: refuses graphs of which the device lacks a kernel. */
  only?: boolean;
  /** Threads within one operator; default 0 = one per core. */
  threads?: number;
  /** Directory that relative paths of external tensors start from; default: the working directory. */
  externalDirectory?: string;
  /** Writes ONNX Runtime's profile to this path prefix. */
  profile?: string;
  /** Reuse memory between runs (default). Off for graphs whose sizes change with every run. */
  arena?: boolean;
}

export interface Session {
  readonly name: string;
  /** Runs the graph; every input by name, outputs by name. `into` receives outputs in buffers of the caller's. */
  run(
    inputs: Readonly<Record<string, Value>>,
    into?: Readonly<Record<string, Value>>,
  ): Promise<Record<string, Value>>;
  release(): Promise<void>;
}

/**
 * Versions of what runs the graphs, for records of how numbers were made.
 *
 * @example
 * runtimeVersions().onnxruntime.split(".").length; // 3
 */
export const runtimeVersions = (): { onnxruntime: string } => ({
  onnxruntime: ort.env.versions.node ?? ort.env.versions.common,
});

const asOrt = ({ dtype, data, shape }: Value): ort.Tensor =>
  new ort.Tensor(dtype as "float32", data as Float32Array, shape);

/**
 * A float32 value.
 *
 * @example
 * float32(Float32Array.of(1, 2), [2]).dtype; // "float32"
 */
export const float32 = (data: Float32Array, shape: readonly number[]): Value => ({
  dtype: "float32",
  data,
  shape,
});

/**
 * An int64 value from numbers.
 *
 * @example
 * int64([1, 2], [2]).data; // BigInt64Array [1n, 2n]
 */
export const int64 = (data: ArrayLike<number>, shape: readonly number[]): Value => ({
  dtype: "int64",
  data: BigInt64Array.from({ length: data.length }, (_, i) => BigInt(data[i]!)),
  shape,
});

/**
 * A bool value from 0/1 bytes.
 *
 * @example
 * bool(Uint8Array.of(1, 0), [2]).dtype; // "bool"
 */
export const bool = (data: Uint8Array, shape: readonly number[]): Value => ({ dtype: "bool", data, shape });

/**
 * Validates a graph and compiles it for execution. Files of external tensors are mapped, not read.
 *
 * Errors: code "graph" as `validate`; "checkpoint" where the file of an external tensor is missing or too short;
 * "runtime" with ONNX Runtime's own message where it refuses the model or the device.
 *
 * @example
 * const g = createGraph("double");
 * const x = input(g, "x", "float32", ["N"]);
 * output("y", add(x, x));
 * const session = await createSession(g, { threads: 1 });
 * (await session.run({ x: float32(Float32Array.of(1, 2), [2]) })).y.data; // Float32Array [2, 4]
 */
export async function createSession(graph: Graph, options: SessionOptions = {}): Promise<Session> {
  const {
    device = "cpu",
    only = false,
    threads = 0,
    profile,
    arena = true,
    externalDirectory = ".",
  } = options;
  validate(graph);
  const { directory, location } = await externalFiles(graph, externalDirectory);
  const model = encodeModel(graph, location);
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(model, {
      executionProviders: [device],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      // Some of ONNX Runtime's fusions (x·σ(x) → QuickGelu) have no float64 kernel: double graphs stay as written.
      graphOptimizationLevel: graph.inputs.some((t) => t.dtype === "float64") ? "basic" : "all",
      enableCpuMemArena: arena,
      // Planning one block for all tensors keeps the chunks of the first run beside it: a fifth more memory, no gain in time.
      enableMemPattern: false,
      logSeverityLevel: 3,
      extra: {
        session: {
          ...(directory !== null && { model_external_initializers_file_folder_path: directory }),
          // Of the CPU itself ONNX Runtime would refuse this as a contradiction.
          ...(only && device !== "cpu" && { disable_cpu_ep_fallback: "1" }),
        },
      },
      ...(profile && { enableProfiling: true, profileFilePrefix: profile }),
    });
  } catch (cause) {
    throw new LintelError("runtime", {
      where: `graph ${graph.name} on ${device}`,
      expected: "ONNX Runtime to accept the model",
      got: String((cause as Error).message ?? cause),
      cause,
    });
  }
  // Parameters and gradient buffers come with every run: what wraps them is made once.
  const wrapped = new WeakMap<Value, ort.Tensor>();
  const wrap = (value: Value): ort.Tensor => {
    const known = wrapped.get(value);
    if (known) return known;
    const made = asOrt(value);
    wrapped.set(value, made);
    return made;
  };
  return {
    name: graph.name,
    async run(inputs, into) {
      const feeds: Record<string, ort.Tensor> = {};
      for (const t of graph.inputs) {
        const value = inputs[t.name];
        if (!value || value.dtype !== t.dtype || value.shape.length !== t.shape.length) {
          throw new LintelError("runtime", {
            where: `graph ${graph.name}, input "${t.name}"`,
            expected: `${t.dtype} of shape [${t.shape}]`,
            got: value ? `${value.dtype} of shape [${value.shape}]` : "nothing",
          });
        }
        feeds[t.name] = wrap(value);
      }
      const fetches: Record<string, ort.Tensor | null> = {};
      for (const name of graph.outputs.keys()) fetches[name] = into?.[name] ? wrap(into[name]) : null;
      try {
        const results = await session.run(feeds, fetches);
        const out: Record<string, Value> = {};
        for (const [name, t] of Object.entries(results)) {
          out[name] = { dtype: t.type as DType, shape: t.dims, data: t.data as TensorData };
        }
        return out;
      } catch (cause) {
        throw new LintelError("runtime", {
          where: `running graph ${graph.name}`,
          expected: "ONNX Runtime to finish",
          got: String((cause as Error).message ?? cause),
          cause,
        });
      }
    },
    release: () => session.release(),
  };
}
