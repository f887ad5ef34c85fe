/** What the machine of an engine has, before any model is loaded. */
import { type Connection, type ConnectOptions, connectEngine } from "./connection.ts";

/** A device that the engine can load models on; memory in bytes. */
interface EngineDevice {
  /** As `--device-map` takes it: cpu, cuda:0, … */
  device: string;
  name: string;
  memory: { total: number; free: number };
  /** Whether it computes in bfloat16 by itself. */
  bfloat16: boolean;
}

export interface EngineMachine {
  host: string;
  /** Of Python, torch, transformers, …; null where one is not installed. */
  versions: Readonly<Record<string, string | null>>;
  devices: readonly EngineDevice[];
  threads: number;
  /** What a device computes and reads per second, where that was asked for. */
  rates: { device: string; flops: number; bytes: number } | null;
  /** Implementations of attention that can be asked for. */
  attention: readonly string[];
}

/** Asks a running engine what its machine has; `measure`: for a type and a device map, what it computes in a second. */
export async function machineOf(
  engine: Connection,
  measure: { dtype: string; deviceMap: string } | null = null,
): Promise<EngineMachine> {
  const { header } = await engine.request("machine", { measure });
  const { versions, ...found } = header as unknown as Omit<EngineMachine, "host">;
  return { ...found, host: engine.ready.host, versions: { ...engine.ready.versions, ...versions } };
}

/**
 * Starts an engine, asks it what its machine has, and ends it.
 *
 * Errors: as `connectEngine`; "runtime" (`E_ENGINE_FAILED`) where torch is there and does not load.
 *
 * @example
 * const failed = await readEngineMachine("/no/such/python").catch((error) => error);
 * failed.id; // "E_ENGINE_START"
 */
export async function readEngineMachine(
  command: string,
  options: ConnectOptions = {},
): Promise<EngineMachine> {
  const engine = await connectEngine(command, options);
  try {
    return await machineOf(engine);
  } finally {
    await engine.close();
  }
}
