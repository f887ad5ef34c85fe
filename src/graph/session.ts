/** What running a graph takes and gives. */
import type { Device } from "./device-names.ts";
import type { Value } from "./value.ts";

export interface SessionOptions {
  /** Default: the CPU. A device that is not available is an error; nodes without a kernel on it run on the CPU. */
  device?: Device;
  /** Refuses graphs with nodes that the device has no kernel for, instead of running these on the CPU. */
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
   * Matrices that never change are copied into the order in which products read them (default). Off for
   * matrices in files: products of few rows are as fast without, and mapped files then take no extra memory.
   */
  prepack?: boolean;
}

export interface Session {
  readonly name: string;
  /** Runs the graph; every input by name, outputs by name. `into` receives outputs in the caller's buffers. */
  run(
    inputs: Readonly<Record<string, Value>>,
    into?: Readonly<Record<string, Value>>,
  ): Promise<Record<string, Value>>;
  release(): Promise<void>;
}
