/** The compiled graphs of prefill and decode steps; over files all of them share one session. */
import type { Value } from "../../graph/index.ts";
import type { QwenConfig } from "../config/types.ts";
import { type CompiledGraph, lazySession } from "../weights/lazy-session.ts";
import type { WeightStore } from "../weights/weight-store.ts";
import { type DecodeMode, decodeGraph, groupsQueries } from "./decode-graph.ts";
import { countUp } from "./decode-inputs.ts";
import type { ModelOptions } from "./types.ts";

/** A decode graph, compiled when it is first needed. */
export interface DecoderSession {
  mode: DecodeMode;
  get(): Promise<CompiledGraph>;
  release(): Promise<void>;
}

export interface DecoderSessions {
  /** Whole prompts. */
  prefill: DecoderSession;
  /** One continuation per example; null where it takes the same path as several. */
  single: DecoderSession | null;
  /** Continuations that share the mask of their prefix. */
  shared: DecoderSession;
  /** Continuations with a prefix mask of their own. */
  masked: DecoderSession;
}

function decoderSession(
  config: QwenConfig,
  store: WeightStore,
  options: ModelOptions,
  mode: DecodeMode,
  perContinuation = false,
): DecoderSession {
  const graphOptions = {
    mode,
    everyHidden: mode !== "step" && (options.everyHidden ?? false),
    perContinuation,
    deepLayers: mode === "step" ? 0 : config.vision.deepstackBlocks.length,
    ...(options.innerLayer !== undefined && mode !== "prefill" && { innerLayer: options.innerLayer }),
  };
  const session = lazySession(
    (parameters) => decodeGraph({ config: config.text, ...graphOptions, parameters }),
    store,
    { ...options, ...store.decoding },
    ["decode", config.text, graphOptions],
  );
  return { ...session, mode };
}

/** The decode sessions of a model. A store with `oneGraph` gets a single session for all four roles. */
export function decoderSessions(
  config: QwenConfig,
  store: WeightStore,
  options: ModelOptions,
): DecoderSessions {
  const make = (mode: DecodeMode, perContinuation?: boolean) =>
    decoderSession(config, store, options, mode, perContinuation);
  if (!store.oneGraph)
    return { prefill: make("prefill"), single: null, shared: make("step"), masked: make("step", true) };
  const fused = store.large && groupsQueries(config.text, options.device);
  const one = make(fused ? "either" : "any");
  return { prefill: one, single: fused ? one : null, shared: one, masked: one };
}

/** Splits the outputs of a decode graph into results and caches. */
export const decodedOutputs = (out: Record<string, Value>, layers: number) => ({
  logits: out.logits!.data as Float32Array,
  feedback: out.feedback!.data as Float32Array,
  ...(out.inner && { inner: out.inner.data as Float32Array }),
  k: countUp(layers).map((i) => out[`k.${i}`]!),
  v: countUp(layers).map((i) => out[`v.${i}`]!),
});
