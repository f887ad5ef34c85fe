/** Opens encoded models: the only calls of ONNX Runtime. */
import type * as Ort from "onnxruntime-node";
import { LintelError } from "../util/index.ts";
import { loadRuntime } from "./load-runtime.ts";
import type { Session, SessionOptions } from "./session.ts";
import type { DType, Graph, Tensor } from "./tensor.ts";
import type { TensorData, Value } from "./value.ts";

/** Inputs and outputs of a model: enough to run it without its graph. */
export interface Signature {
  readonly name: string;
  readonly inputs: readonly Pick<Tensor, "name" | "dtype" | "shape">[];
  readonly outputs: readonly string[];
  /** A graph in double stays as it was written. */
  readonly double: boolean;
}

/** The signature of a graph. */
export const signatureOf = (graph: Graph): Signature => ({
  name: graph.name,
  inputs: graph.inputs.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
  outputs: [...graph.outputs.keys()],
  double: graph.inputs.some((t) => t.dtype === "float64"),
});

/**
 * Compiles an encoded model; `directory` is where its external data lies.
 *
 * Errors: "runtime" as `createSession`, "installation" as `loadRuntime`.
 */
export async function openModel(
  model: Uint8Array,
  signature: Signature,
  { device = "cpu", only = false, threads = 0, profile, arena = true, prepack = true }: SessionOptions = {},
  directory: string | null = null,
): Promise<Session> {
  const ort = await loadRuntime();
  const asOrt = ({ dtype, data, shape }: Value): Ort.Tensor =>
    new ort.Tensor(dtype as "float32", data as Float32Array, shape);
  let session: Ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(model, {
      executionProviders: [device],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      // Some of ONNX Runtime's fusions (x·σ(x) → QuickGelu) have no float64 kernel: double graphs stay as written.
      graphOptimizationLevel: signature.double ? "basic" : "all",
      enableCpuMemArena: arena,
      // Planning one block for all tensors keeps the chunks of the first run beside it: a fifth more memory, no gain in time.
      enableMemPattern: false,
      logSeverityLevel: 3,
      extra: {
        session: {
          ...(directory !== null && { model_external_initializers_file_folder_path: directory }),
          ...(!prepack && { disable_prepacking: "1" }),
          // Of the CPU itself ONNX Runtime would refuse this as a contradiction.
          ...(only && device !== "cpu" && { disable_cpu_ep_fallback: "1" }),
        },
      },
      ...(profile && { enableProfiling: true, profileFilePrefix: profile }),
    });
  } catch (cause) {
    throw new LintelError("runtime", {
      where: `graph ${signature.name} on ${device}`,
      expected: "ONNX Runtime to accept the model",
      got: String((cause as Error).message ?? cause),
      cause,
    });
  }
  // Parameters and gradient buffers are passed to every run: they are wrapped once.
  const wrapped = new WeakMap<Value, Ort.Tensor>();
  const wrap = (value: Value): Ort.Tensor => {
    const known = wrapped.get(value);
    if (known) return known;
    const made = asOrt(value);
    wrapped.set(value, made);
    return made;
  };
  return {
    name: signature.name,
    async run(inputs, into) {
      const feeds: Record<string, Ort.Tensor> = {};
      for (const t of signature.inputs) {
        const value = inputs[t.name];
        if (!value || value.dtype !== t.dtype || value.shape.length !== t.shape.length) {
          throw new LintelError("runtime", {
            where: `graph ${signature.name}, input "${t.name}"`,
            expected: `${t.dtype} of shape [${t.shape}]`,
            got: value ? `${value.dtype} of shape [${value.shape}]` : "nothing",
          });
        }
        feeds[t.name] = wrap(value);
      }
      const fetches: Record<string, Ort.Tensor | null> = {};
      for (const name of signature.outputs) fetches[name] = into?.[name] ? wrap(into[name]) : null;
      try {
        const results = await session.run(feeds, fetches);
        const out: Record<string, Value> = {};
        for (const [name, t] of Object.entries(results)) {
          out[name] = { dtype: t.type as DType, shape: t.dims, data: t.data as TensorData };
        }
        return out;
      } catch (cause) {
        throw new LintelError("runtime", {
          where: `running graph ${signature.name}`,
          expected: "ONNX Runtime to finish",
          got: String((cause as Error).message ?? cause),
          cause,
        });
      }
    },
    release: () => session.release(),
  };
}
