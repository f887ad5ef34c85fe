/** Running graphs. */
import { encodeGraph, openEncoded } from "./encoded.ts";
import type { DType, Graph } from "./tensor.ts";
import type { Device } from "./types.ts";

export { type Device, devices } from "./types.ts";

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
  /**
   * Matrices that never change are copied into the order in which products read them (default). Off where they lie in
   * files: products of few rows are as fast without, and what is mapped then takes no memory of its own.
   */
  prepack?: boolean;
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
 * An int32 value from numbers.
 *
 * @example
 * int32([1, 2], [2]).data; // Int32Array [1, 2]
 */
export const int32 = (data: ArrayLike<number>, shape: readonly number[]): Value => ({
  dtype: "int32",
  data: Int32Array.from(data),
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
export const createSession = async (graph: Graph, options: SessionOptions = {}): Promise<Session> =>
  openEncoded(await encodeGraph(graph, options.externalDirectory, options.device), options);
