/** What running a graph takes and gives. */
import type { Device } from "./device-names.ts";
import type { Value } from "./value.ts";

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
