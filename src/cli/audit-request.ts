/** What the options of `lintel audit` ask for. */
import type { AuditRequest, DataRequest, ExportName, ModelRequest } from "../audit/index.ts";
import type { PixelsOf } from "../reasoning/index.ts";
import { defined, type OnProgress, usableCores } from "../util/index.ts";
import { type EngineFlags, engineRequest } from "./engine-request.ts";

export interface AuditOptions extends ModelOptions {
  data: string;
  split?: string;
  map?: string;
  shuffleOptions?: number | "none";
  export?: string[];
  interventions?: string[];
  suites?: string[];
  corruptImage?: boolean;
  dryRun?: boolean;
  budget?: number;
  limit?: number;
  skip?: number;
  look?: number;
  looks?: number;
  out?: string;
  seed?: number;
  starvedShare?: number;
  slice?: string[];
  breakLock?: boolean;
  shards?: number;
  executor?: string;
  workers?: number;
  slurm?: Record<string, unknown>;
  shard?: string;
  in?: string;
  events?: boolean;
}

export interface AuditTools {
  onProgress: OnProgress;
  signal: AbortSignal;
  onWarning(warning: string): void;
  onLine(line: string): void;
}

/** The data that options name. */
export const dataOf = (options: AuditOptions): DataRequest => ({
  directory: options.data,
  split: options.split,
  map: options.map,
  shuffleOptions: options.shuffleOptions === "none" ? null : options.shuffleOptions,
  corruptImage: options.corruptImage,
  limit: options.limit,
  skip: options.skip,
});

/** What options say of a model: those of `lintel audit`. */
export interface ModelOptions extends EngineFlags {
  model: string;
  device: string;
  threads?: number;
  download?: boolean;
  family?: string;
  repetitionPenalty?: number;
  maxTokens?: number;
  minPixels?: number;
  maxPixels?: number;
  pixels?: PixelsOf;
  oracleModel?: string;
  textBaseline?: string;
}

/** The request of a model that is there, with a device that was tried unless it is only looked at (`dry`). */
export async function modelRequest(
  options: ModelOptions,
  { onProgress, signal }: Pick<AuditTools, "onProgress" | "signal">,
  dry = false,
): Promise<ModelRequest> {
  const { deviceNamed } = await import("../graph/index.ts");
  const { usableDevice } = await import("./devices.ts");
  const { weightFormatNamed } = await import("../qwen/index.ts");
  const { resolveModel } = await import("../hub/index.ts");
  const { device: deviceName, oracleModel, weights: format } = options;
  const hub = { download: options.download === true, onProgress, signal };
  const engine = engineRequest(options);
  const device = deviceNamed(deviceName);
  const usable = engine === undefined && !dry ? await usableDevice(deviceName, { signal }) : device;
  // A path there is not looked for here.
  const directory = engine ? options.model : await resolveModel(options.model, hub);
  return {
    directory,
    ...defined({
      family: options.family,
      repetitionPenalty: options.repetitionPenalty,
      maxTokens: options.maxTokens,
      minPixels: options.minPixels,
      maxPixels: options.maxPixels,
      pixels: options.pixels,
      weights: format === undefined ? undefined : weightFormatNamed(format),
      oracleModel: oracleModel === undefined ? undefined : await resolveModel(oracleModel, hub),
      textBaseline: options.textBaseline,
      engine,
    }),
    threads: options.threads ?? usableCores(),
    device: usable,
  };
}

/** Warns where interventions lack what a verdict needs. */
export function warnWithoutVerdict(missing: readonly string[], onWarning: AuditTools["onWarning"]): void {
  if (missing.length > 0)
    onWarning(
      `with these interventions there will be no verdict; it needs ${missing.join(", ")} in addition`,
    );
}

/** The request of an audit, with a device that was tried and a model that is there. */
export async function auditRequest(
  options: AuditOptions,
  { onProgress, signal, onWarning, onLine }: AuditTools,
): Promise<Omit<AuditRequest, "shard" | "data"> & { data: DataRequest }> {
  const { missingForVerdict, readInterventions, readSlices } = await import("../audit/index.ts");
  const { readFamily } = await import("../families/index.ts");
  const { interventions: named, suites } = options;
  // Names are checked before anything is looked for or downloaded.
  const interventions = { ...(named && (await readInterventions(named))), ...(suites && { suites }) };
  const missing = missingForVerdict(interventions);
  if (options.family !== undefined) await readFamily(options.family);
  // A choice for a time adds what a verdict needs.
  if (options.budget === undefined) warnWithoutVerdict(missing, onWarning);
  const model = await modelRequest(options, { onProgress, signal }, options.dryRun);
  return {
    data: dataOf(options),
    interventions,
    ...(options.slice && { slices: await readSlices(options.slice) }),
    verdict: defined({ look: options.look, looks: options.looks, starvedShare: options.starvedShare }),
    output: {
      directory: options.out,
      exports: options.export as ExportName[] | undefined,
      breakLock: options.breakLock,
    },
    seed: options.seed,
    onWarning,
    onLine,
    model,
    onProgress,
    signal,
  };
}
