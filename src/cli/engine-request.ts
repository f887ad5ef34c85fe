/** The engine that a command line names. */
import type { EngineAttention, EngineDtype, EngineRequest } from "../reasoning/index.ts";
import { defined, ensure } from "../util/index.ts";

/** What `engineOptions` puts among the options of a command. */
export interface EngineFlags {
  engine?: string;
  python?: string;
  dtype?: EngineDtype;
  deviceMap?: string;
  attention?: EngineAttention;
  trustRemoteCode?: boolean;
  /** Options of the engine in this process. */
  weights?: string;
  device?: string;
}

/**
 * The engine of `--engine torch`; undefined where the model runs in this process.
 *
 * Errors: "usage" for options of an engine that is not asked for.
 *
 * @example
 * engineRequest({ engine: "torch", python: "ssh gpu01 python3" })?.command; // "ssh gpu01 python3"
 */
export function engineRequest(flags: EngineFlags): EngineRequest | undefined {
  const { engine = "onnx", python, dtype, deviceMap, attention, trustRemoteCode } = flags;
  if (engine === "torch") {
    const device = flags.device === "cpu" ? undefined : flags.device;
    const instead = { "--weights": flags.weights, "--device": device };
    const here = Object.entries(instead).find(([, value]) => value !== undefined);
    ensure(!here, "usage", () => ({
      where: here![0],
      expected: "--engine onnx, to which it belongs",
      got: "--engine torch",
      attempt: "--dtype and --device-map, which say how the engine loads the model",
    }));
    return { command: python ?? "python3", ...defined({ dtype, deviceMap, attention, trustRemoteCode }) };
  }
  const named = Object.entries({
    "--python": python,
    "--dtype": dtype,
    "--device-map": deviceMap,
    "--attention": attention,
    "--trust-remote-code": trustRemoteCode,
  }).find(([, value]) => value !== undefined);
  ensure(!named, "usage", () => ({
    where: named![0],
    expected: "--engine torch beside it",
    got: `the engine ${engine}`,
    message: `${named![0]} needs --engine torch: the engine ${engine} does not use it`,
  }));
  return undefined;
}
